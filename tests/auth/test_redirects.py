"""Where links may lead back to."""

from dataclasses import replace

import pytest

from lodestone.auth import redirects
from lodestone.platform.runtime import AccountOptions, Runtime, set_current
from lodestone.settings import SettingsError, load
from tests.conftest import BASE_URL

PATTERNS = (
    "https://app.example.com/**",
    "https://*.preview.example.com/done",
    "https://**--shop.example.com/**",
    "myapp://callback",
)


@pytest.mark.parametrize(
    "target",
    [
        f"{BASE_URL}/app",
        "https://app.example.com/",
        "https://app.example.com/a/b?c=d",
        "https://one.preview.example.com/done",
        "https://one.two--shop.example.com/a?b#c",
        "myapp://callback",
    ],
)
def test_ours_and_those_of_the_settings(runtime: Runtime, target: str) -> None:
    assert _allowed(runtime, target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "/app",
        "//evil.example",
        "https://evil.example/",
        "https://app.example.com",
        "https://app.example.com.evil.example/",
        "https://app.example.com@evil.example/",
        f"{BASE_URL}@evil.example/",
        f"{BASE_URL}.evil.example/",
        f"{BASE_URL}:8000/",
        "https://a.b.preview.example.com/done",
        "https://evil.example/.preview.example.com/done",
        # A number is an address, too: browsers go to 127.0.0.1.
        "https://2130706433?x=.preview.example.com/done",
        "https://2130706433#.preview.example.com/done",
        "https://2130706433?x=--shop.example.com/",
        "https://2130706433#--shop.example.com/",
        "https://app.example.com/\r\nset-cookie: a=b",
        "https://app.example.com\\@evil.example/",
        " https://app.example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://[evil",
    ],
)
def test_nothing_else(runtime: Runtime, target: str | None) -> None:
    assert _allowed(runtime, target) == BASE_URL


@pytest.mark.parametrize(
    "pattern", ["https://**", "*://a.example", "app.example.com", "https:///x"]
)
def test_a_setting_that_opens_everything_is_refused(
    monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setenv("LODESTONE_AUTH_REDIRECTS", f"https://app.example.com/**,{pattern}")
    with pytest.raises(SettingsError, match="LODESTONE_AUTH_REDIRECTS"):
        load()


def _allowed(runtime: Runtime, target: str | None) -> str:
    set_current(replace(runtime, accounts=AccountOptions(redirects=PATTERNS)))
    try:
        return redirects.allowed(target)
    finally:
        set_current(runtime)
