"""From the cells of a spreadsheet to a calculator: inputs are the numbers that its last formula
rests on, named by the text beside them.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lodestone.domains.lead_magnets.interactive.models import MOST_INPUTS, CalculatorInput

MOST_ROWS, MOST_COLUMNS = 300, 40
MOST_LENGTH = 2_000  # characters of the formula
MOST_DEPTH = 30

Cell = tuple[int, int]
"""Row and column, from 0."""
_CELL = r"\$?([A-Za-z]{1,2})\$?(\d{1,4})"
_CALL = re.compile(r"([A-Za-z][A-Za-z.]*)\(")
_PART = re.compile(
    rf"(?P<cell>{_CELL})|(?P<number>\d+(?:\.\d+)?)(?P<percent>%?)|(?P<sign>[-+*/()])|\s+"
)
_RANGE = re.compile(rf"{_CELL}(?:\s*:\s*{_CELL})?")
_NUMBER = re.compile(
    r"(?P<sign>-?)\s*(?P<money>[$€£]?)\s*(?P<digits>\d[\d,.' ]*)\s*(?P<after>[%€$£]?)"
)
_FOLDED = {"SUM": "+", "PRODUCT": "*", "AVERAGE": "+"}
_MONEY_SIGNS = {"$", "€", "£"}
_MONEY = re.compile(r"cost|price|revenue|saving|profit|value|budget|salar|income|fee|spend", re.I)
_SHARE = re.compile(r"%|percent|rate|margin|share|ratio|roi", re.I)


class UnreadableSheet(ValueError):
    """What a person is told about a sheet that no calculator can be made of."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Cells by place (row and column from 0), and what was read of each."""

    texts: dict[Cell, str] = field(default_factory=dict)
    numbers: dict[Cell, tuple[float, str]] = field(default_factory=dict)
    formulas: dict[Cell, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A calculator as far as the sheet tells; without formulas, `formula` is for a person."""

    inputs: list[CalculatorInput]
    formula: str
    result_label: str
    result_format: str


def read_sheet(text: str) -> Sheet:
    """Return the cells of comma, semicolon or tab separated text. Raises UnreadableSheet."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    delimiter = max("\t;,", key=first.count)
    sheet = Sheet()
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableSheet("This is no table of cells.") from error
    if len(rows) > MOST_ROWS or any(len(row) > MOST_COLUMNS for row in rows):
        raise UnreadableSheet(f"At most {MOST_ROWS} rows and {MOST_COLUMNS} columns.")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            _place(sheet, (row, column), cell.strip())
    return sheet


def find_calculator(sheet: Sheet) -> Found:
    """Return the calculator of a sheet.

    Raises UnreadableSheet naming the cell that can't be taken, or when there are no numbers.
    """
    if not sheet.formulas:
        cells = [cell for cell in sorted(sheet.numbers) if _label_of(sheet, cell)]
        return Found(_inputs(sheet, _named(sheet, cells)), "", "Result", "number")
    result = _result_cell(sheet)
    used: list[Cell] = []
    written = _expand(sheet, result, (), used)
    names = _named(sheet, used)
    formula = re.sub(
        r"\[(\d+),(\d+)\]",
        lambda found: _as_term(sheet, names, (int(found[1]), int(found[2]))),
        written,
    )
    formula = _without_frame(formula)
    if len(formula) > MOST_LENGTH:
        raise UnreadableSheet("The formula is too long for a calculator that people understand.")
    label = _label_of(sheet, result) or "Result"
    style = _style_of(sheet, label, used)
    if style == "percentage":
        formula = f"({formula}) * 100"
    return Found(_inputs(sheet, names), formula, label, style)


def _place(sheet: Sheet, cell: Cell, text: str) -> None:
    if text.startswith("=") and len(text) > 1:
        sheet.formulas[cell] = text[1:]
        return
    found = _NUMBER.fullmatch(text)
    if found is None:
        if text:
            sheet.texts[cell] = text
        return
    unit = found["money"] or found["after"]
    sheet.numbers[cell] = (_read_number(found["digits"]) * (-1 if found["sign"] else 1), unit)


def _read_number(digits: str) -> float:
    """Return 1,234.5 and 1.234,5 alike; one comma before three digits parts thousands."""
    plain = re.sub(r"[' ]", "", digits).rstrip(",.")
    if "," in plain and "." in plain:
        decimal = max(plain.rfind(","), plain.rfind("."))
        plain = re.sub(r"[,.]", "", plain[:decimal]) + "." + plain[decimal + 1 :]
    elif re.fullmatch(r"\d{1,3}(,\d{3})+", plain) or plain.count(",") > 1:
        plain = plain.replace(",", "")
    elif plain.count(".") > 1:
        plain = plain.replace(".", "")
    return float(plain.replace(",", "."))


def _label_of(sheet: Sheet, cell: Cell) -> str:
    """Return the nearest text to the left of a cell, else the nearest above it."""
    row, column = cell
    left = (sheet.texts.get((row, one)) for one in range(column - 1, -1, -1))
    above = (sheet.texts.get((one, column)) for one in range(row - 1, -1, -1))
    return next((text.rstrip(":").strip() for text in (*left, *above) if text), "")


def _result_cell(sheet: Sheet) -> Cell:
    """Return the last formula that no other one rests on."""
    used = {place for text in sheet.formulas.values() for place in _places_in(text)}
    free = [cell for cell in sheet.formulas if cell not in used]
    return max(free or sheet.formulas)


def _places_in(text: str) -> Iterator[Cell]:
    for found in _RANGE.finditer(text):
        yield from _cells_between(found[0]) if ":" in found[0] else [_address(found[0])]


def _address(text: str) -> Cell:
    letters, digits = re.fullmatch(_CELL, text).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(digits) - 1, column - 1


def _cells_between(text: str) -> list[Cell]:
    (top, left), (bottom, right) = (_address(end.strip()) for end in text.split(":"))
    cells = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
    if len(cells) > MOST_INPUTS * 4:
        raise UnreadableSheet(f"{text} are too many cells for one calculator.")
    return cells


def _expand(sheet: Sheet, cell: Cell, inside: tuple[Cell, ...], used: list[Cell]) -> str:
    """Return a cell with all formulas it rests on written out, numbers left as `[row,column]`."""
    if cell in sheet.numbers:
        if cell not in used:
            used.append(cell)
        return f"[{cell[0]},{cell[1]}]"
    name = _name_of(cell)
    if cell in inside or len(inside) > MOST_DEPTH:
        raise UnreadableSheet(f"{name} rests on itself.")
    if cell in sheet.texts:
        raise UnreadableSheet(f"{name} is a text, and a formula counts with it.")
    if cell not in sheet.formulas:
        return "0"
    written = _without_calls(sheet.formulas[cell], name)
    terms = [_term(sheet, part, (*inside, cell), used) for part in _parts(written, name)]
    return f"({''.join(terms).strip()})"


def _without_frame(formula: str) -> str:
    """Return a formula without parentheses around the whole of it."""
    while formula.startswith("(") and _arguments(formula, 1, "")[0] == len(formula):
        formula = formula[1:-1].strip()
    return formula


def _term(sheet: Sheet, part: re.Match[str], inside: tuple[Cell, ...], used: list[Cell]) -> str:
    if part["cell"]:
        return _expand(sheet, _address(part["cell"]), inside, used)
    if part["number"]:
        return f"({part['number']} / 100)" if part["percent"] else part["number"]
    sign = part["sign"] or ""
    return f" {sign} " if sign and sign in "+-*/" else sign


def _parts(text: str, name: str) -> Iterator[re.Match[str]]:
    place = 0
    while place < len(text):
        found = _PART.match(text, place)
        if found is None:
            raise UnreadableSheet(f"{text[place]!r} in {name} can't be taken over.")
        yield found
        place = found.end()


def _without_calls(text: str, name: str) -> str:
    """Return a formula with sums, averages and products written out, and rounding left out."""
    found = _CALL.search(text)
    if found is None:
        return text
    end, arguments = _arguments(text, found.end(), name)
    call = found[1].upper()
    if call in {"ROUND", "ROUNDUP", "ROUNDDOWN"}:
        written = f"({_without_calls(arguments[0], name)})"
    elif call in _FOLDED:
        terms = [term for one in arguments for term in _terms(_without_calls(one, name))]
        written = f"({_FOLDED[call].join(terms)})"
        if call == "AVERAGE":
            written = f"({written}/{len(terms)})"
    else:
        raise UnreadableSheet(f"{call} in {name} can't be taken over: use + - * / and SUM.")
    return text[: found.start()] + written + _without_calls(text[end:], name)


def _arguments(text: str, start: int, name: str) -> tuple[int, list[str]]:
    """Return where a call ends, and what stands between its parentheses, part by part."""
    depth, first = 1, start
    arguments: list[str] = []
    for place in range(start, len(text)):
        character = text[place]
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 or (depth == 1 and character in ",;"):
            arguments.append(text[first:place].strip())
            first = place + 1
        if depth == 0:
            return place + 1, arguments
    raise UnreadableSheet(f"A parenthesis in {name} is not closed.")


def _terms(text: str) -> list[str]:
    if re.fullmatch(rf"{_CELL}\s*:\s*{_CELL}", text):
        return [_name_of(cell) for cell in _cells_between(text)]
    return [f"({text})"] if text else []


def _name_of(cell: Cell) -> str:
    row, column = cell
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _named(sheet: Sheet, cells: list[Cell]) -> dict[Cell, str]:
    """Return an id for each input, made of its label. Raises UnreadableSheet for too many."""
    if not cells:
        raise UnreadableSheet("There are no numbers in it that somebody could enter.")
    if len(cells) > MOST_INPUTS:
        raise UnreadableSheet(
            f"It rests on {len(cells)} numbers; a calculator asks for at most 12."
        )
    names: dict[Cell, str] = {}
    for cell in cells:
        words = re.findall(r"[A-Za-z]+|\d+", _label_of(sheet, cell))[:5]
        name = "".join(word.capitalize() for word in words)
        name = name[:1].lower() + name[1:40] if name and name[0].isalpha() else f"input{name[:30]}"
        number, taken = 1, set(names.values())
        unique = name
        while unique in taken:
            number += 1
            unique = f"{name}{number}"
        names[cell] = unique
    return names


def _inputs(sheet: Sheet, names: dict[Cell, str]) -> list[CalculatorInput]:
    return [
        CalculatorInput(
            id=name,
            label=(_label_of(sheet, cell) or _name_of(cell))[:200],
            default_value=sheet.numbers[cell][0],
            placeholder=f"{sheet.numbers[cell][0]:g}",
            unit=sheet.numbers[cell][1] or None,
        )
        for cell, name in names.items()
    ]


def _as_term(sheet: Sheet, names: dict[Cell, str], cell: Cell) -> str:
    """Return an input in a formula: 20% is entered as 20, and a sheet counts with 0.2."""
    name = names[cell]
    return f"({name} / 100)" if sheet.numbers[cell][1] == "%" else name


def _style_of(sheet: Sheet, label: str, used: list[Cell]) -> str:
    if _SHARE.search(label):
        return "percentage"
    is_money = any(sheet.numbers[cell][1] in _MONEY_SIGNS for cell in used)
    return "currency" if is_money or _MONEY.search(label) else "number"
