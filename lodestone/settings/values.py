"""How the values of settings are read."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

PREFIX = "LODESTONE_"


def variable(name: str) -> str:
    """Return the environment variable of a field."""
    return PREFIX + name.upper()


def split(value: object) -> object:
    """Return the parts of `a,b,c`; what is no text stays."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def web_address(value: str) -> str:
    """Return a web address without a slash at the end. Raises ValueError for anything else."""
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname:
        raise ValueError("this has to look like https://app.example.com")
    return value.rstrip("/")


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split)]
"""A list that the environment writes as `a,b,c`."""

WebAddress = Annotated[str, AfterValidator(web_address)]
"""An address such as https://app.example.com."""
