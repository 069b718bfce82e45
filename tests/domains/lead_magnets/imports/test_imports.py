"""What exists becomes a magnet, shown before it is kept; what can't be read says why."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.lead_magnets.imports import service, spreadsheets
from lodestone.domains.lead_magnets.interactive import formulas
from lodestone.platform.database import Database
from lodestone.platform.errors import InvalidInput
from tests.domains.accounts import Account
from tests.domains.lead_magnets.imports.files import docx, pdf

PATH = "/app/lead-magnets/import"
PAGE = """<!doctype html><html><head><title>Ignored | Site</title>
<meta property="og:title" content="The calm pipeline"><script>alert(1)</script></head>
<body><nav>Home</nav><main><h1>The calm pipeline</h1><p>Deals go <b>quiet</b> for a reason.</p>
<h2>Ask</h2><ul><li>One</li><li>Two</li></ul><img src="/a.png" alt="A"><p hidden>No</p>
<iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ"></iframe>
<table><tr><th>A</th></tr><tr><td>b</td></tr></table><a href="javascript:x()">bad</a>
</main><footer>Imprint</footer></body></html>"""
SHEET = 'Hours a week,12\nHourly rate,$85\nShare wasted,20%\nLost a year,"=ROUND(B1*B2*B3*48, 0)"'


@asynccontextmanager
async def serving(status: str, headers: str, body: bytes) -> AsyncIterator[str]:
    """Answer every request alike; `/moved` leads to `/`."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
        if path == b"/moved":
            writer.write(b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n")
        else:
            head = f"HTTP/1.1 {status}\r\n{headers}\r\ncontent-length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class TestReading:
    async def test_a_pdf_keeps_its_headings_and_joins_its_lines(self) -> None:
        head, foot = (9, "Acme guide"), [(9, str(number)) for number in (1, 2, 3)]
        first = [
            head,
            (24, "The calm pipeline"),
            (11, "Deals go quiet when nobody asks for a long"),
            (11, "while, and then they are gone."),
            (16, "Step one"),
            foot[0],
        ]
        file = pdf(
            first, [head, (11, "More of the same kind."), foot[1]], [head, (11, "End."), foot[2]]
        )
        found = await service.read_file(name="guide.pdf", body=file)
        assert found.title == "The calm pipeline"
        assert found.text.split("\n\n") == [
            "## The calm pipeline",
            "Deals go quiet when nobody asks for a long while, and then they are gone.",
            "## Step one",
            "More of the same kind.",
            "End.",
        ]

    async def test_a_word_document_keeps_its_headings(self) -> None:
        file = docx(("Heading1", "First thing"), ("Normal", "So it is, and this is how."))
        found = await service.read_file(name="a_guide.docx", body=file)
        assert (found.title, found.text) == (
            "First thing",
            "# First thing\n\nSo it is, and this is how.",
        )

    async def test_a_page_is_read_without_what_stands_around_it(self, runtime: object) -> None:
        async with serving("200 OK", "content-type: text/html", PAGE.encode()) as url:
            found = await service.read_url(f"{url}/moved")
            assert found.title == "The calm pipeline"
            assert found.text == (
                "# The calm pipeline\n\nDeals go **quiet** for a reason.\n\n## Ask\n\n- One\n- Two"
                f"\n\n![A]({url}/a.png)\n\nhttps://www.youtube.com/embed/dQw4w9WgXcQ\n\n"
                "| A |\n| --- |\n| b |\n\nbad"
            )

    @pytest.mark.parametrize(
        ("name", "body", "told"),
        [
            ("a.pdf", b"%PDF-1.4 broken", "damaged"),
            ("a.pdf", pdf([]), "no text"),
            ("a.docx", b"PK\x03\x04 broken", "damaged"),
            ("a.bin", b"\x00\x01\x02" * 20, "can't be read"),
            ("a.md", b"short", "hardly any text"),
            ("a.md", b"long " * 90_000, "too long"),
            ("a.html", b"<div>" * 3_000 + b"deep enough to be a text", "nested too deep"),
            ("a.md", b"", "not empty"),
        ],
    )
    async def test_what_cannot_be_read_says_why(self, name: str, body: bytes, told: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            await service.read_file(name=name, body=body)
        assert told in refusal.value.fields["file"]

    async def test_an_address_that_gives_no_text_says_why(self, runtime: object) -> None:
        async with serving("404 Not Found", "content-type: text/html", b"no") as url:
            for address, told in ((url, "answered 404"), ("ftp://x.example/a", "https://")):
                with pytest.raises(InvalidInput) as refusal:
                    await service.read_url(address)
                assert told in refusal.value.fields["url"]


class TestSheet:
    async def test_the_last_formula_becomes_the_result(self) -> None:
        found = await service.read_sheet(SHEET)
        assert [one.id for one in found.inputs] == ["hoursAWeek", "hourlyRate", "shareWasted"]
        assert found.formula == "hoursAWeek * hourlyRate * (shareWasted / 100) * 48"
        assert (found.result_label, found.result_format) == ("Lost a year", "currency")

    @pytest.mark.parametrize(
        ("sheet", "told"),
        [
            ("a,=B2\nb,=B1\n", "B2 rests on itself"),
            ("Price,10\nTotal,=VLOOKUP(B1)\n", "VLOOKUP in B2"),
            ("only,words\nin,here\n", "no numbers"),
            ("\n".join(f"n{n},{n}" for n in range(20)) + "\nall,=SUM(B1:B20)", "at most 12"),
            ("Price,10\nTotal,=B1&A1\n", "'&' in B2"),
        ],
    )
    async def test_what_it_cannot_take_over_is_named(self, sheet: str, told: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            await service.read_sheet(sheet)
        assert told in refusal.value.fields["sheet"]

    @pytest.mark.parametrize(
        ("written", "number"),
        [("1,234.5", 1234.5), ("1.234,5", 1234.5), ("1,234", 1234), ("0,5", 0.5), ("-$3", -3)],
    )
    def test_numbers_are_read_as_people_write_them(self, written: str, number: float) -> None:
        sheet = spreadsheets.read_sheet(f'Price;"{written}"')
        assert sheet.numbers[(0, 1)][0] == number

    @given(
        st.recursive(
            st.one_of(st.integers(0, 99).map(str), st.sampled_from("ab")),
            lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
                lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
            ),
            max_leaves=8,
        )
    )
    def test_formulas_are_worked_out_as_arithmetic_says(self, formula: str) -> None:
        values = {"a": 3.0, "b": 0.0}
        found = formulas.work_out(formulas.read(formula), values)
        try:
            expected = float(eval(formula, {"__builtins__": {}}, dict(values)))
        except ZeroDivisionError:
            assert found is None
        else:
            assert found == pytest.approx(expected)

    @pytest.mark.parametrize("text", ["", "a +", "(a", "a b", "a ** b", "__import__('os')", "a;b"])
    def test_nothing_but_arithmetic_is_read(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            formulas.read(text)


class TestScreens:
    async def test_what_was_read_is_shown_and_then_kept(self, creator: Account) -> None:
        shown = await creator.browser.post(
            PATH, data={"source": "text", "text": "# Calm\n\nWhy.\n\n## One\n\n<b>x</b> *y*"}
        )
        assert shown.status_code == 200, shown.text
        assert 'value="Calm"' in shown.text
        assert "<em>y</em>" in shown.text
        listed = (await creator.browser.get("/app/lead-magnets")).text
        assert "Calm" not in listed
        file = ("page.html", PAGE.encode(), "text/html")
        shown = await creator.browser.post(PATH, data={"source": "file"}, files={"file": file})
        assert 'value="The calm pipeline"' in shown.text
        refused = await creator.browser.post(PATH, data={"source": "link", "url": "not a page"})
        assert refused.status_code == 422
        assert 'value="not a page"' in refused.text

    async def test_a_sheet_becomes_a_calculator_with_its_page(
        self, creator: Account, database: Database
    ) -> None:
        shown = await creator.browser.post(PATH, data={"source": "sheet", "sheet": SHEET})
        assert "$9,792" in shown.text
        form = dict(
            re.findall(r'name="((?:id|label|default|unit)_\d)"[^>]* value="([^"]*)"', shown.text)
        )
        form |= {
            "headline": "What waste costs",
            "result_label": "Lost",
            "result_format": "currency",
        }
        refused = await creator.browser.post(
            f"{PATH}/sheet", data={**form, "formula": "hourlyRate * os", "do": "keep"}
        )
        assert refused.status_code == 422
        assert "no input called os" in refused.text
        kept = await creator.browser.post(
            f"{PATH}/sheet", data={**form, "formula": "hourlyRate * 2", "do": "keep"}
        )
        assert kept.status_code == 303, kept.text
        async with database.acting_as(creator.actor) as tx:
            row = await tx.fetchrow(
                "select interactive_config, polished_content from lead_magnets where id = $1",
                kept.headers["location"].rsplit("/", 1)[1],
            )
        assert row is not None
        assert row["interactive_config"]["formula"] == "hourlyRate * 2"
        assert "Lost = Hourly rate × 2" in str(row["polished_content"])
