"""The installation's door, opened with a browser."""

from tests.auth.gotrue.conftest import door

__all__ = ["door"]
