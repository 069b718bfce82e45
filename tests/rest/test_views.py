"""Views that take rows, and views that only show them."""

import pytest

from tests.rest.conftest import Api


class TestAViewThatTakesNoRows:
    @pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
    async def test_says_so(self, service: Api, method: str) -> None:
        body = {"least": 1} if method != "DELETE" else None
        refused = await service.ask(method, "/book_page_range?least=gt.0", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "55000")

    async def test_is_described_without_the_ways_to_write(self, service: Api) -> None:
        paths = (await service.get("/")).json()["paths"]
        assert set(paths["/book_page_range"]) == {"get"}
        assert set(paths["/long_books"]) == {"get", "post", "patch", "delete"}
        assert set(paths["/books"]) == {"get", "post", "patch", "delete"}
