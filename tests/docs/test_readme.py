"""What the documents promise is there: commands, pages, pictures."""

import re
from pathlib import Path

import asyncpg
import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LARGEST_PICTURE = 300_000


def slug(heading: str) -> str:
    """Return the anchor that code hosts give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {slug(heading) for heading in headings}


def links(page: Path) -> list[str]:
    return [
        target
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text())
        if "://" not in target and not target.startswith("mailto:")
    ]


class TestTheReadme:
    def test_names_two_commands_that_the_makefile_has(self) -> None:
        commands = re.findall(r"^\s*make ([a-z]+)", "\n".join(self._code()), re.MULTILINE)
        assert commands == ["up", "test"]
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert set(commands) <= set(targets)

    def test_names_no_target_that_is_not_there(self) -> None:
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        for page in PAGES:
            named = re.findall(r"`make ([a-z]+)", page.read_text())
            assert set(named) <= set(targets), page

    def test_says_what_it_is_in_ten_lines(self) -> None:
        introduction = README.split("\n![", 1)[0].splitlines()[1:]
        assert 0 < len([line for line in introduction if line.strip()]) <= 10

    def test_shows_one_picture_that_loads_quickly(self) -> None:
        pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
        assert len(pictures) == 1
        assert (ROOT / pictures[0]).stat().st_size <= LARGEST_PICTURE

    def _code(self) -> list[str]:
        return re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


class TestEveryPage:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_links_to_what_is_there(self, page: Path) -> None:
        broken = []
        for link in links(page):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(link)
        assert broken == []

    def test_of_ours_is_linked_from_somewhere(self) -> None:
        linked = {
            (page.parent / link.partition("#")[0]).resolve()
            for page in PAGES
            for link in links(page)
        }
        ours = [page for page in PAGES if page.parent.name in {"domains", "decisions", "how-to"}]
        assert ours
        assert [page for page in ours if page not in linked] == []


class TestDomains:
    async def test_with_tables_and_code_have_a_page(self, database_url: str) -> None:
        connection = await asyncpg.connect(database_url)
        try:
            rows = await connection.fetch("select distinct domain from access.ownership")
        finally:
            await connection.close()
        built = [
            row["domain"]
            for row in rows
            if (ROOT / "lodestone/domains" / row["domain"] / "service.py").exists()
        ]
        assert built
        missing = [name for name in built if not (ROOT / f"docs/domains/{name}.md").exists()]
        assert missing == []

    async def test_name_tables_that_are_there(self, database_url: str) -> None:
        connection = await asyncpg.connect(database_url)
        try:
            rows = await connection.fetch("select table_name, domain from access.ownership")
        finally:
            await connection.close()
        tables = {row["table_name"] for row in rows}
        for page in (ROOT / "docs/domains").glob("*.md"):
            section = page.read_text().partition("## Tables")[2].partition("\n## ")[0]
            lines = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
            named = {name for line in lines for name in re.findall(r"`(\w+)`", line)}
            assert named or "has no tables of its own" in page.read_text(), page
            assert named <= tables, page


class TestDecisions:
    @pytest.mark.parametrize(
        "page", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda page: page.stem
    )
    def test_say_why_what_was_measured_and_what_follows(self, page: Path) -> None:
        text = page.read_text()
        for part in ("Context", "Decision", "Measured", "Consequences"):
            assert f"**{part}.**" in text
        assert len(text.splitlines()) <= 60
