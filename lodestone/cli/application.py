"""The commands and their options, as `lodestone --help` shows them."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="lodestone",
    help="Lodestone: the whole go-to-market stack on one PostgreSQL database.\n\n"
    "Start with [bold]lodestone up[/bold]: it makes a database, fills it with a demo business and "
    "serves the product on http://127.0.0.1:8000.\n\n"
    "Every command reads LODESTONE_* settings from the environment and from .env "
    "(docs/reference/settings.md).",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
)
db = typer.Typer(no_args_is_help=True, help="Reach the database.")
schema = typer.Typer(no_args_is_help=True, help="Compare and document the database's structure.")
user = typer.Typer(no_args_is_help=True, help="Make accounts.")
app.add_typer(db, name="db")
app.add_typer(schema, name="schema")
app.add_typer(user, name="user")

DataDir = Annotated[
    Path | None,
    typer.Option(help="Directory of database, secrets and files (default .lodestone)."),
]
Host = Annotated[str | None, typer.Option(help="Address to listen on (default 127.0.0.1).")]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port; 0 takes a free one (default 8000)."),
]


@app.command()
def up(
    data_dir: DataDir = None,
    port: Port = None,
    host: Host = None,
    no_demo: Annotated[
        bool, typer.Option("--no-demo", help="Start empty instead of with a demo business.")
    ] = False,
) -> None:
    """Run everything: database, web and worker, until Ctrl-C.

    The first start makes the database and a demo business; later starts keep the data.
    With LODESTONE_DATABASE_URL set it uses that database instead of its own.

    [dim]lodestone up
    lodestone up --data-dir ~/lodestone --port 9000 --no-demo[/dim]
    """
    from lodestone.cli.up import run

    run(data_dir=data_dir, port=port, host=host, demo=False if no_demo else None)


@app.command()
def serve(
    data_dir: DataDir = None,
    port: Port = None,
    host: Host = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=64, help="Web processes (default 1).")
    ] = None,
    fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run the web server alone, against a database that runs already.

    For production: any number of these on any number of machines.

    [dim]LODESTONE_DATABASE_URL=postgresql://… lodestone serve --host 0.0.0.0 --processes 4[/dim]
    """
    from lodestone.cli.serve import run

    run(data_dir=data_dir, port=port, host=host, web_processes=processes, fd=fd)


@app.command()
def worker(data_dir: DataDir = None) -> None:
    """Run the worker alone: jobs and schedules.

    For production: any number of these; each job is done by one of them, schedules run once.

    [dim]LODESTONE_DATABASE_URL=postgresql://… lodestone worker[/dim]
    """
    from lodestone.cli.serve import run_worker

    run_worker(data_dir=data_dir)


@app.command()
def migrate(
    data_dir: DataDir = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only list what would run.")] = False,
) -> None:
    """Bring the database up to date; safe to run from many machines at once.

    [dim]lodestone migrate --plan
    lodestone migrate[/dim]
    """
    from lodestone.cli.database import migrate

    migrate(data_dir=data_dir, only_plan=plan)


@db.command("url")
def db_url(data_dir: DataDir = None) -> None:
    """Print the URL of the running database.

    [dim]psql "$(lodestone db url)"[/dim]
    """
    from lodestone.cli.database import print_url

    print_url(data_dir=data_dir)


@db.command("shell")
def db_shell(data_dir: DataDir = None) -> None:
    """Open psql on the database.

    [dim]echo 'select count(*) from leads' | lodestone db shell[/dim]
    """
    from lodestone.cli.database import shell

    shell(data_dir=data_dir)


@app.command()
def keys(data_dir: DataDir = None) -> None:
    """Print the API keys for supabase-js and other clients, one `name value` per line.

    `anon` may be published: it sees public content only. `service_role` sees everything.

    [dim]lodestone keys | grep ^anon[/dim]
    """
    from lodestone.cli.accounts import print_keys

    print_keys(data_dir=data_dir)


@user.command("create")
def user_create(
    email: Annotated[str, typer.Argument(help="The address to sign in with.")],
    name: Annotated[str | None, typer.Option(help="The person's name.")] = None,
    username: Annotated[
        str | None, typer.Option(help="Public name: pages are at /p/<username>/….")
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Make an account; asks for the password.

    [dim]lodestone user create ann@example.com --name "Ann Example"
    pwgen 20 1 | lodestone user create ann@example.com --password-stdin[/dim]
    """
    from lodestone.cli.accounts import create

    create(email, name=name, username=username, password_stdin=password_stdin, data_dir=data_dir)


@app.command()
def demo(
    scale: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            help="Make bulk instead, for load tests: 1 has about 657,000 rows, 10 ten times that.",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Fill the database with a small demo business.

    [dim]lodestone demo
    lodestone demo --scale 1[/dim]
    """
    from lodestone.cli.accounts import fill_demo

    fill_demo(scale=scale, data_dir=data_dir)


@schema.command("check")
def schema_check(data_dir: DataDir = None) -> None:
    """Compare the database with what the migrations declare; exit code 1 names each drift.

    [dim]LODESTONE_DATABASE_URL=postgresql://… lodestone schema check[/dim]
    """
    from lodestone.cli.structure import check

    check(data_dir=data_dir)


@schema.command("reference")
def schema_reference(
    output: Annotated[
        Path | None, typer.Option(help="File to write; without it, standard output.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write the schema reference from the database as it is now.

    [dim]lodestone schema reference --output docs/reference/schema.md[/dim]
    """
    from lodestone.cli.structure import write_reference

    write_reference(output=output, data_dir=data_dir)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    data_dir: DataDir = None,
) -> None:
    """Write the whole database to a file, consistent while everything runs.

    Keep secrets.env of the data directory with it: it opens the encrypted columns.

    [dim]lodestone backup monday.backup[/dim]
    """
    from lodestone.cli.backups import backup

    backup(file, data_dir=data_dir)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `lodestone backup` wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace what the database holds now.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring a backup back, all of it or nothing, and check it.

    [dim]lodestone restore monday.backup --data-dir /srv/lodestone[/dim]
    """
    from lodestone.cli.backups import restore

    restore(file, force=force, data_dir=data_dir)
