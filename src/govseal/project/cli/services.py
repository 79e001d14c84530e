"""`govseal serve`, `worker`, `migrate`, `assets`: the processes of an installation and their preparation."""

import os

import typer

from govseal.project.cli import running, showing
from govseal.project.cli.output import EPILOG, OUTPUT, Panel
from govseal.project.cli.running import setup_django


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog=EPILOG, rich_help_panel=Panel.RUN)(serve)
    app.command(epilog=EPILOG, rich_help_panel=Panel.RUN)(worker)
    app.command(hidden=True, epilog=EPILOG)(migrate)
    app.command(hidden=True, epilog=EPILOG)(assets)


def serve(
    port: int = typer.Option(
        0,
        min=0,
        max=65535,
        show_default=False,
        help="Port of the web server; 8080 unless GOVSEAL_PORT says otherwise, 443 with --lan.",
    ),
    lan: bool = typer.Option(
        False, "--lan", help="Show a demonstration to phones on the local network, by https."
    ),
    name: str = typer.Option(
        "", help="With --lan: the name that codes bear; this machine's, ….local, unless given."
    ),
    address: str = typer.Option("", help="With --lan: this machine's IPv4 address; found unless given."),
) -> None:
    """Run the whole platform on this machine: database, chain, worker and web server, until Ctrl-C."""
    from govseal.project import supervisor
    from govseal.project.configuration import Configuration

    if lan:
        showing.serve(name=name, address=address, port=port)
        return
    environment = {**os.environ, **({"GOVSEAL_PORT": str(port)} if port else {})}
    configuration = Configuration.load(environment, running=False)
    supervisor.end_on_signals()
    supervisor.require_startable(configuration)
    with supervisor.Platform(configuration, OUTPUT.stage) as platform:
        running.restore_trust_list(platform.configuration)
        where = platform.serve()
        OUTPUT.result({"address": where}, f"Open {where} — Ctrl-C ends it.")
        platform.watch()


def worker(
    concurrency: int = typer.Option(4, min=1, max=32, help="Institutions served at the same time."),
) -> None:
    """Run the anchoring worker alone; as many as needed may run, on as many machines."""
    setup_django()
    from govseal.project.working import work

    work(concurrency=concurrency)


def migrate() -> None:
    """Bring the database's tables up to date."""
    setup_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def assets() -> None:
    """Make what is built at set-up: fonts, translations, browser files."""
    from govseal.project.assets import build

    build(OUTPUT.stage)
