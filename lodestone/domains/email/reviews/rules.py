"""Pure rules of reviews: what changed between two texts, word by word."""

import re
from datetime import timedelta
from difflib import SequenceMatcher

from lodestone.domains.email.reviews.models import Piece

OLD_AFTER = timedelta(days=7)
_WORDS = re.compile(r"\s+|[\w'’]+|[^\w\s]")


def compare(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts in pieces: what only one of them has is marked in it.

    Joined again, the pieces of each side are its text.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    left: list[Piece] = []
    right: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if a < b:
            same = what == "equal"
            left.append(Piece(text="".join(old[a:b]), change="same" if same else "removed"))
        if c < d:
            same = what == "equal"
            right.append(Piece(text="".join(new[c:d]), change="same" if same else "added"))
    return left, right
