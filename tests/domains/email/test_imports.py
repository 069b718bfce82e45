"""Rows of a file are read fast where they are plain, and always as the slow way reads them."""

from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from lodestone.domains.email.subscribers import rules

TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from(" \t\r\n\x00\x1f\x7f\u00a0\u2028\u200b.@-_'éßİ漢ab1"), st.characters()
    )
)
PART = st.text(alphabet="ab1.-_+' @é\"()", max_size=70)
ADDRESS = st.builds("{}@{}".format, PART, st.builds("{}.{}".format, PART, PART))
NEAR = st.from_regex(r"\s?[A-Za-z0-9._+-]{1,66}@[A-Za-z0-9-]{1,64}(\.[a-z0-9-]{1,64}){0,3}\s?")


def _one_by_one(value: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def _validated(address: str) -> str | None:
    try:
        return validate_email(address, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def _expected(given: str, name: str) -> tuple[str | None, str | None, str | None]:
    email, first_name = _one_by_one(given), _one_by_one(name)
    if not email:
        return None, first_name or None, "empty"
    if len(email) > rules.LONGEST_ADDRESS or len(first_name) > rules.LONGEST_NAME:
        return email, first_name or None, "too_long"
    known = _validated(email.strip().lower())
    return known or email, first_name or None, None if known else "invalid"


@given(email=st.one_of(ADDRESS, NEAR, TEXT), name=TEXT)
@example(email="ann@example.com", name="x" * 101)
@example(email=f"{'a' * 65}@example.com", name="")
@example(email="Ünï@example.com", name="\u202e")
def test_a_row_is_read_as_the_validator_has_it(email: str, name: str) -> None:
    quoted = ('"' + cell.replace("\0", " ").replace('"', '""') + '"' for cell in (email, name))
    content = f"email,first_name\n{','.join(quoted)}\n".encode()
    sheet = rules.Sheet("utf-8", ",", ["email", "first_name"])
    rows = list(rules.read_rows(content, sheet, {"email": 0, "first_name": 1}))
    cells = (email.replace("\0", " "), name.replace("\0", " "))
    if not any(cell.strip() for cell in cells):
        assert rows == []
        return
    assert [(row.email, row.first_name, row.reason) for row in rows] == [_expected(*cells)]
