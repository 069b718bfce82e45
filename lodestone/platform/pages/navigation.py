"""The console's navigation: domains add their own entries, so only pages that exist are linked."""

from dataclasses import dataclass, field

HOME = "/app"
SECTION_ORDER = ("", "Capture", "Email", "Operate", "Settings")
"""The sections from top to bottom; one that is not listed comes before Operate."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A link in the navigation and in the command palette.

    `order` sorts inside the section; `keywords` are other words that people search it by.
    """

    label: str
    path: str
    icon: str
    section: str = ""
    order: int = 100
    keywords: str = ""
    is_action: bool = False
    for_admins: bool = False


@dataclass(slots=True)
class Section:
    """A heading of the navigation with its entries; the first section has no heading."""

    label: str
    entries: list[Entry] = field(default_factory=list)


_entries: dict[tuple[str, str], Entry] = {}


def add_entry(entry: Entry) -> None:
    """Register a link; pages modules call it at import. The same path and label is one entry.

    An entry with `is_action` is in the command palette only ("New lead magnet").
    """
    _entries[entry.path, entry.label] = entry


def sections(*, is_admin: bool = False) -> list[Section]:
    """Return what the sidebar shows, in order; some entries only to who runs the installation."""
    found: dict[str, Section] = {}
    for entry in _sorted(action=False):
        if entry.for_admins and not is_admin:
            continue
        found.setdefault(entry.section, Section(entry.section)).entries.append(entry)
    return sorted(found.values(), key=lambda section: _section_rank(section.label))


def actions() -> list[Entry]:
    """Return what only the command palette offers."""
    return _sorted(action=True)


def active_path(path: str) -> str:
    """Return the path of the entry that `path` belongs to: the longest that it starts with.

    What is in no entry's area belongs to none, though every page lies below the home page's path.
    """
    fitting = [
        entry.path
        for entry in _entries.values()
        if not entry.is_action
        and (path == entry.path or (entry.path != HOME and path.startswith(entry.path + "/")))
    ]
    return max(fitting, key=len, default="")


def _sorted(*, action: bool) -> list[Entry]:
    chosen = [entry for entry in _entries.values() if entry.is_action is action]
    return sorted(chosen, key=lambda entry: (entry.order, entry.label))


def _section_rank(label: str) -> tuple[float, str]:
    if label in SECTION_ORDER:
        return (SECTION_ORDER.index(label), label)
    return (SECTION_ORDER.index("Operate") - 0.5, label)
