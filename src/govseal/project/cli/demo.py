"""`govseal demo`: a country's verification platform on this machine, with documents to try."""

import os
import time
from typing import TYPE_CHECKING

import typer

from govseal.core.errors import RefusedError
from govseal.project.cli.output import OUTPUT, JsonOption

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.project.demonstration import Check


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    once: bool = typer.Option(
        False, "--once", help="Do all of it without serving; 0 only if every check held."
    ),
    port: int = typer.Option(0, help="Port of the web server; 8080 unless GOVSEAL_PORT says otherwise."),
    json: bool = JsonOption,
) -> None:
    """Seal two documents, anchor them on a chain, verify them, and open the platform in the browser."""
    del json
    from govseal.project import supervisor
    from govseal.project.cli.running import setup_django
    from govseal.project.configuration import Configuration

    begun = time.monotonic()
    environment = {**os.environ, **({"GOVSEAL_PORT": str(port)} if port else {})}
    configuration = Configuration.load(environment, running=False)
    supervisor.end_on_signals()
    if not once:
        supervisor.require_free(configuration.port)
    with OUTPUT.people.status("Starting …") as status:

        def tell(stage: str) -> None:
            status.update(f"{stage} …")

        with supervisor.Platform(configuration, tell) as platform:
            setup_django()
            from govseal.project import demonstration
            from govseal.project.wiring.office import Office

            office = Office(platform.configuration)
            demonstration.prepare_institutions(office, tell)
            checks = list(demonstration.prepare_documents(office, tell, platform.check))
            address = "" if once else platform.serve()
            status.stop()
            _show(office.country.notice["en"], checks, address, time.monotonic() - begun)
            if not all(check.held for check in checks):
                raise RefusedError("A check of the demonstration did not hold.", code="DEMO_FAILED")
            if not once:
                platform.watch()


def _show(notice: str, checks: list["Check"], address: str, seconds: float) -> None:
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
    lines = [f"[bold]Ready in {seconds:.1f} s.[/] [dim]{notice}[/]", ""]
    for result in results:
        mark = "[green]✓[/]" if result["outcome"] == "genuine" else "[red]✗[/]"
        lines.append(f"{mark} {result['document']}: {result['outcome']} (by its {result['by']})")
    by_code = [result for result in results if result["by"] == "code"]
    lines += ["", "Sealed sheets, ready to print:", *(f"  {result['file']}" for result in by_code)]
    if address:
        lines += [
            "",
            f"[bold]Open {address}[/] and try:",
            "  - choose one of the two PDFs there: it is genuine;",
            "  - open the link in one of the codes, as a phone's camera would:",
            *(f"      {result['link']}" for result in by_code),
            "  - check it from a terminal:",
            f"      .venv/bin/govseal verify {by_code[0]['file']}",
            f"  - revoke it, and check again:  .venv/bin/govseal revoke {by_code[0]['document']} --reason 'Made in error'",
            "",
            "Ctrl-C ends everything; the next start finds it all again.",
        ]
    OUTPUT.result(
        {"address": address or None, "seconds": round(seconds, 1), "checks": results}, "\n".join(lines)
    )
