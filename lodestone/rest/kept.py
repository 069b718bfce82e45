"""What requests came to: the same request comes to the same while the catalog stands."""

from collections import OrderedDict
from typing import Any

from lodestone.rest.catalog import Catalog

_MOST = 4_000
_LONGEST = 2_000

Key = tuple[str | bytes | tuple[str, ...] | None, ...]


class Kept:
    """Finished statements by what was asked; each kind of request keeps values of its own type.

    Keys are compared whole, so a statement can serve only the request that it was made for. Long
    ones are not kept: nobody asks them twice.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._values: OrderedDict[Key, Any] = OrderedDict()

    def find(self, key: Key) -> Any:
        """Return what is kept, or None."""
        return self._values.get(key)

    def keep(self, key: Key, value: Any) -> None:
        """Keep a value, in the place of the oldest when there are many."""
        if sum(len(str(part)) for part in key) > _LONGEST:
            return
        self._values[key] = value
        if len(self._values) > _MOST:
            self._values.popitem(last=False)
