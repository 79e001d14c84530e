"""`govseal demo`: a country's verification platform on this machine, with documents to try."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from govseal.core.errors import RefusedError
from govseal.project.cli.output import EPILOG, OUTPUT, Panel, plain

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.project.configuration import Configuration
    from govseal.project.demonstration import Check
    from govseal.project.supervisor import Platform

_PORT = typer.Option(
    0,
    min=0,
    max=65535,
    show_default=False,
    help="Port of the web server; 8080 unless GOVSEAL_PORT says otherwise.",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=EPILOG, rich_help_panel=Panel.RUN)(demo)


def demo(
    once: bool = typer.Option(
        False, "--once", help="Do all of it without serving; exit status 0 only if every check held."
    ),
    port: int = _PORT,
) -> None:
    """Seal a document of each kind, anchor them on a chain, verify them, and open the platform in the browser."""
    from govseal.project import supervisor
    from govseal.project.configuration import Configuration

    begun = time.monotonic()
    environment = {**os.environ, **({"GOVSEAL_PORT": str(port)} if port else {})}
    configuration = Configuration.load(environment, running=False)
    supervisor.end_on_signals()
    if not once:
        supervisor.require_startable(configuration)
    with OUTPUT.people.status("Starting …") as status:

        def tell(stage: str) -> None:
            status.update(f"{stage} …")

        with supervisor.Platform(configuration, tell) as platform:
            notice, checks = _prepare(platform, tell)
            address = "" if once else platform.serve()
            status.stop()
            platform.tell = OUTPUT.stage
            _show(platform.configuration, notice, checks, address, time.monotonic() - begun)
            if not all(check.held for check in checks):
                raise RefusedError("A check of the demonstration did not hold.", code="DEMO_FAILED")
            if not once:
                with suppress(KeyboardInterrupt):
                    platform.watch()
                OUTPUT.stage(f"Ending; everything is kept in {_short(configuration.home)}")


def _prepare(platform: "Platform", tell: Callable[[str], None]) -> tuple[str, list["Check"]]:
    from govseal.project.cli.running import setup_django

    setup_django()
    from govseal.project import demonstration
    from govseal.project.wiring.office import Office

    office = Office(platform.configuration)
    demonstration.prepare_institutions(office, tell)
    checks = list(demonstration.prepare_documents(office, tell, platform.check))
    return office.country.notice["en"], checks


def _show(
    configuration: "Configuration", notice: str, checks: list["Check"], address: str, seconds: float
) -> None:
    results = [
        {
            "document": check.sheet.number,
            "by": check.by,
            "outcome": check.report.verdict.outcome,
            "file": str(check.file),
            "link": check.link,
        }
        for check in checks
    ]
    lines = [f"[bold]Ready in {seconds:.1f} s.[/]", f"[dim]{plain(notice)}[/]", ""]
    lines += ["Sealed, anchored on the chain, and verified by code and by file:"]
    for check in checks:
        if check.by == "code":
            lines += ["", *_document(check, [one for one in checks if one.sheet == check.sheet])]
    if address:
        lines += ["", *_to_try(configuration, checks[0], address)]
    OUTPUT.result(
        {"address": address or None, "seconds": round(seconds, 1), "checks": results}, "\n".join(lines)
    )


def _document(check: "Check", checks: list["Check"]) -> list[str]:
    """Return what there is to see of one document; its link only once."""
    words = "[green]✓ genuine[/]"
    for one in checks:
        if not one.held:
            words = f"[red]✗ {one.report.verdict.outcome.replace('_', ' ')} by its {one.by}[/]"
    return [
        f"  {words}  [bold]{plain(check.sheet.number)}[/]",
        f"    PDF   {plain(_short(check.file))}",
        f"    code  {plain(check.link)}",
    ]


def _to_try(configuration: "Configuration", check: "Check", address: str) -> list[str]:
    from govseal.project.configuration import PROJECT_FOLDER

    own = configuration.home != PROJECT_FOLDER / "var"
    command = f"{f'GOVSEAL_HOME={configuration.home} ' if own else ''}.venv/bin/govseal"
    return [
        f"[bold]Open {address}[/] and try:",
        "  1. Choose one of the PDFs above: it is genuine.",
        "  2. Open the address of a code above, as a phone's camera would.",
        "  3. Check a PDF from a second terminal:",
        f"     {plain(command)} verify {plain(_short(check.file))}",
        "  4. Revoke it, and check it again:",
        f"     {plain(command)} revoke {plain(check.sheet.number)} --reason 'Made in error'",
        "",
        f"The chain answers at {configuration.rpc_url} (chain id {configuration.chain_id}).",
        "Ctrl-C ends everything; the next start finds it all again.",
    ]


def _short(path: Path) -> str:
    """Return a path as seen from the working folder, where it lies in there."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
