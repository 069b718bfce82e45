"""The demo's programs: keys that somebody made for them, and a public name of before.

Nobody knows these keys: they were random, and only their hashes are kept, as of all keys.
"""

from lodestone.demo.scene import Row, Rows, Scene
from lodestone.platform.secrets import hash_token, new_token


def rows(scene: Scene) -> Rows:
    """Return the owner's keys, one of them bound to the client's team and one revoked."""
    keys = [
        _key(scene, "Nightly report", "read", made=41, used=0.3),
        _key(scene, "Zapier: new leads", "write", made=23, used=0.1, expires=67),
        _key(
            scene, "Client's dashboard", "read", made=9, used=2, team_id=str(scene.client_team_id)
        ),
        _key(scene, "Old website", "write", made=55, used=30, revoked=28),
    ]
    former: Row = {
        "username": "ada-thornbury",
        "user_id": str(scene.owner_id),
        "created_at": scene.ago(days=48),
    }
    return [("api_keys", keys), ("former_usernames", [former])]


def _key(
    scene: Scene,
    name: str,
    scope: str,
    *,
    made: float,
    used: float,
    expires: float | None = None,
    revoked: float | None = None,
    team_id: str | None = None,
) -> Row:
    token = new_token()
    return {
        "user_id": str(scene.owner_id),
        "name": name,
        "key_hash": hash_token(token),
        "key_prefix": hash_token(token)[-4:],
        "scopes": ["read", "write"] if scope == "write" else ["read"],
        "bound_team_id": team_id,
        "is_active": revoked is None,
        "created_at": scene.ago(days=made),
        "last_used_at": scene.ago(days=used),
        "expires_at": scene.ago(days=-expires) if expires is not None else None,
        "revoked_at": scene.ago(days=revoked) if revoked is not None else None,
        "requests_per_minute": 300,
    }
