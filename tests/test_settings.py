import stat
from pathlib import Path

import pytest

from lodestone import settings as configuration
from lodestone.platform.embedded import EmbeddedError
from lodestone.settings import SettingsError

KEY = "k" * 32
OWN_DATABASE = "postgresql://ann:pw@db.example.com:5432/lodestone"


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Read no `.env` of the working directory."""
    monkeypatch.chdir(tmp_path)


class TestSecrets:
    def test_are_made_once_beside_the_embedded_database(self, tmp_path: Path) -> None:
        data_dir = tmp_path / "data"
        first = configuration.load(data_dir=data_dir)
        assert len(first.keys) == 1
        assert len(first.keys[0]) >= 32
        assert configuration.load(data_dir=data_dir) == first
        secrets_file = data_dir / "secrets.env"
        assert stat.S_IMODE(secrets_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700

    def test_are_not_shown(self, tmp_path: Path) -> None:
        settings = configuration.load(data_dir=tmp_path / "data")
        assert settings.keys[0].decode() not in repr(settings)
        assert settings.jwt_secret.get_secret_value() not in repr(settings)

    def test_of_the_environment_go_before_those_of_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configuration.load(data_dir=tmp_path / "data")
        monkeypatch.setenv("LODESTONE_SECRET_KEYS", f"{KEY}, {KEY}2")
        settings = configuration.load(data_dir=tmp_path / "data")
        assert settings.keys == [KEY.encode(), f"{KEY}2".encode()]

    def test_are_required_with_a_database_of_ones_own(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LODESTONE_DATABASE_URL", OWN_DATABASE)
        with pytest.raises(SettingsError, match="LODESTONE_SECRET_KEYS and LODESTONE_JWT_SECRET"):
            configuration.load()
        monkeypatch.setenv("LODESTONE_SECRET_KEYS", KEY)
        with pytest.raises(SettingsError, match=r"^LODESTONE_JWT_SECRET must be set"):
            configuration.load()
        monkeypatch.setenv("LODESTONE_JWT_SECRET", KEY)
        assert configuration.load().database_url == OWN_DATABASE

    def test_are_not_put_into_a_foreign_directory(self, tmp_path: Path) -> None:
        (tmp_path / "holiday.jpg").touch()
        with pytest.raises(EmbeddedError, match="not a Lodestone data directory"):
            configuration.load(data_dir=tmp_path)


class TestRefusal:
    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            ("LODESTONE_EMBEDDED_VERSION", "17", "LODESTONE_EMBEDDED_VERSION: choose 16 or 18"),
            ("LODESTONE_PORT", "eighty", "LODESTONE_PORT: .*integer"),
            ("LODESTONE_DATABASE_URL", "mysql://db/x", "LODESTONE_DATABASE_URL: .*postgresql://"),
            ("LODESTONE_DATABASE_URL", "postgresql://u@h:x/d", "LODESTONE_DATABASE_URL: "),
            ("LODESTONE_DATABASE_REPLICA_URL", OWN_DATABASE, "set LODESTONE_DATABASE_URL too"),
            ("LODESTONE_SECRET_KEYS", "short", "LODESTONE_SECRET_KEYS: .*32 characters"),
            ("LODESTONE_TRUSTED_PROXIES", "10.0.0.0/8,here", "LODESTONE_TRUSTED_PROXIES: here is"),
            ("LODESTONE_BASE_URL", "example.com", "LODESTONE_BASE_URL: .*https://"),
            ("LODESTONE_JWT_SIGNING_KEY", "x", "LODESTONE_JWT_SIGNING_KEY: .*not a private key"),
            ("LODESTONE_JWT_TRUSTED_JWKS", "{}", "LODESTONE_JWT_TRUSTED_JWKS: .*JWK set"),
            ("LODESTONE_API_ROLE_TIMEOUTS", "anon=3,x", "LODESTONE_API_ROLE_TIMEOUTS: x is not"),
            ("LODESTONE_API_ROLE_TIMEOUTS", "anon=soon", "anon=soon is not like anon=3"),
            ("LODESTONE_DNS_SERVERS", "ns.example.com", "LODESTONE_DNS_SERVERS: ns.example.com is"),
            ("LODESTONE_VERCEL_TOKEN", "x", "LODESTONE_VERCEL_PROJECT_ID go together"),
            ("LODESTONE_DATABSE_URL", "x", "did you mean LODESTONE_DATABASE_URL"),
        ],
    )
    def test_names_the_variable(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
    ) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError, match=sentence):
            configuration.load()

    def test_does_not_repeat_a_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LODESTONE_DATABASE_URL", "mysql://ann:hunter2@db/x")
        with pytest.raises(SettingsError) as raised:
            configuration.load()
        assert "hunter2" not in str(raised.value)


class TestAddress:
    @pytest.mark.parametrize(
        ("host", "address"),
        [
            ("127.0.0.1", "http://127.0.0.1:8000"),
            ("0.0.0.0", "http://127.0.0.1:8000"),
            ("::1", "http://[::1]:8000"),
        ],
    )
    def test_follows_host_and_port(self, tmp_path: Path, host: str, address: str) -> None:
        assert configuration.load(data_dir=tmp_path / "data", host=host).address == address

    def test_is_the_public_one_when_there_is_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LODESTONE_BASE_URL", "https://app.example.com/")
        assert configuration.load(data_dir=tmp_path / "data").address == "https://app.example.com"


class TestDotEnv:
    def test_is_read(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("LODESTONE_PORT=9001\nOTHER=1\n")
        assert configuration.load(data_dir=tmp_path / "data").port == 9001
