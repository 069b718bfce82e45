from pathlib import Path

from lodestone.cli import manual
from lodestone.settings import Settings
from tests.cli.commands import lodestone

PAGES = Path(__file__).parents[2] / manual.PAGES


class TestThePages:
    def test_of_settings_is_current(self) -> None:
        assert (PAGES / "settings.md").read_text() == manual.settings_page()

    def test_of_commands_is_current(self) -> None:
        assert (PAGES / "cli.md").read_text() == manual.commands_page()

    def test_of_jobs_is_current(self) -> None:
        assert (PAGES / "jobs.md").read_text() == manual.jobs_page()

    def test_explain_every_job_and_event(self) -> None:
        rows = [line for line in manual.jobs_page().splitlines() if line.startswith("| `")]
        assert [row for row in rows if row.endswith(" |  |")] == []

    def test_explain_every_setting(self) -> None:
        assert [
            name for name, field in Settings.model_fields.items() if not field.description
        ] == []

    def test_give_an_example_of_every_command(self) -> None:
        page = manual.commands_page()
        assert page.count("\n## lodestone ") == page.count("```sh")


class TestHelp:
    def test_lists_the_commands(self) -> None:
        text = lodestone("--help").stdout
        for command in ("up", "serve", "worker", "migrate", "backup", "restore", "schema", "db"):
            assert f" {command} " in text

    def test_refuses_an_unknown_command_with_two(self) -> None:
        assert lodestone("upp").returncode == 2
