"""A few rows for each further room of the product, so that no screen begins empty."""

from lodestone.demo.rooms import content, delivery, money, outreach, teaching, today
from lodestone.demo.scene import Rows, Scene


def rows(scene: Scene) -> Rows:
    """Return the rows of every further room, in the order of their foreign keys."""
    return [
        *today.rows(scene),
        *content.rows(scene),
        *outreach.rows(scene),
        *delivery.rows(scene),
        *teaching.rows(scene),
        *money.rows(scene),
    ]
