"""The command `govseal`.

Exit status: 0 genuine or done, 1 not genuine or refused, 2 could not check or not available, 64 wrong usage.
Every command takes `--json` and then writes JSON alone to standard output.

Commands import what they need when they run: `govseal core …` starts without Django, chain or fonts.
"""

import sys

import typer

from govseal import __version__
from govseal.core.errors import GovsealError, InputError, OutsideError
from govseal.project.cli import core, demo, documents, institution, services, verify
from govseal.project.cli.output import OUTPUT, Exit

app = typer.Typer(
    name="govseal",
    help="Seal official documents, anchor them, print them, verify them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(core.app, name="core")
app.add_typer(institution.app, name="institution")
for module in (demo, services, documents, verify):
    module.register(app)


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Show the version and end.")) -> None:
    if version:
        typer.echo(f"govseal {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line and end the process with its status."""
    try:
        status = app(standalone_mode=False)
    except typer.exceptions.TyperException as error:
        message = getattr(error, "format_message", error.__str__)()
        if message:  # empty when no argument was given: then the help was shown
            OUTPUT.failure("USAGE", message)
        status = Exit.USAGE
    except (typer.Abort, KeyboardInterrupt):
        OUTPUT.failure("INTERRUPTED", "Ended.")
        status = 130  # what a shell says of Ctrl-C
    except GovsealError as error:
        OUTPUT.failure(error.code, error.message)
        status = _status_of(error)
    sys.exit(status or 0)


def _status_of(error: GovsealError) -> Exit:
    match error:
        case InputError():
            return Exit.USAGE
        case OutsideError():
            return Exit.COULD_NOT_CHECK
        case _:
            return Exit.NOT_GENUINE if error.code != "MISCONFIGURED" else Exit.COULD_NOT_CHECK
