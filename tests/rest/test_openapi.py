"""The description at the root."""

from tests.rest.conftest import Api


class TestDescription:
    async def test_describes_what_the_role_may_do(self, anon: Api, user: Api) -> None:
        found = await anon.rows("/")
        assert found["swagger"] == "2.0"
        books = found["definitions"]["books"]["properties"]
        assert books["shelf"]["enum"] == ["fiction", "science", "history"]
        assert books["tags"] == {
            "type": "array",
            "items": {"type": "string"},
            "format": "text[]",
            "default": "'{}'::text[]",
        }
        assert "<pk/>" in books["id"]["description"]
        assert "<fk table='authors' column='id'/>" in books["author_id"]["description"]
        assert "secret" not in found["definitions"]["authors"]["properties"]
        assert set(found["paths"]["/books"]) == {"get"}
        assert set((await user.rows("/"))["paths"]["/books"]) == {"get", "post", "patch", "delete"}

    async def test_describes_functions(self, anon: Api) -> None:
        paths = (await anon.rows("/"))["paths"]
        schema = paths["/rpc/add_them"]["post"]["parameters"][0]["schema"]
        assert schema["required"] == ["a"]
        assert schema["properties"]["b"] == {"type": "integer", "format": "integer"}
        assert "/rpc/forget" not in paths
        assert "/diaries" not in paths
