"""How a text takes in its values."""

import re
from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"(\\?)\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}")


def interpolate(text: str, values: Mapping[str, str]) -> str:
    r"""Replace each `{{name}}` once; unknown ones vanish, `\{{name}}` stays as `{{name}}`.

    Values are put in as they are: what looks like a placeholder in them is left alone.
    """

    def put(found: re.Match[str]) -> str:
        escape, name = found.groups()
        return f"{{{{{name}}}}}" if escape else values.get(name, "")

    return _PLACEHOLDER.sub(put, text)


def placeholders(*texts: str) -> set[str]:
    """Return the names that texts ask for."""
    return {name for text in texts for escape, name in _PLACEHOLDER.findall(text) if not escape}
