"""The command `govseal`.

The exit statuses are those of `output.EPILOG`, which every help shows.
Every command takes `--json`, at any place, and then writes JSON alone to standard output. Whatever goes wrong is
told in a sentence; the trace of what nobody expected goes to `<home>/run/error.log`, and to standard error when
GOVSEAL_DEBUG is set.

Commands import what they need when they run: `govseal core …` starts without Django, chain or fonts.
"""

import os
import sys
import traceback

import typer

from govseal import __version__
from govseal.core.errors import BadSignature, GovsealError, InputError, OutsideError
from govseal.project.cli import (
    backup,
    core,
    demo,
    doctor,
    documents,
    evidence,
    index,
    institution,
    keys,
    outbox,
    printtest,
    services,
    standing,
    template,
    verify,
)
from govseal.project.cli.output import EPILOG, OUTPUT, Exit, Panel, show_every_letter

_INTERRUPTED = 130  # what a shell says of Ctrl-C
_PIPE_CLOSED = 141  # what a shell says of a program whose reader left

app = typer.Typer(
    name="govseal",
    help="Seal official documents, anchor them, print them, verify them.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(template.app, name="template", rich_help_panel=Panel.ISSUE)
app.add_typer(core.app, name="core", rich_help_panel=Panel.VERIFY)
app.add_typer(institution.app, name="institution", rich_help_panel=Panel.OPERATE)
app.add_typer(keys.app, name="keys", rich_help_panel=Panel.OPERATE)
for module in (
    demo,
    services,
    documents,
    printtest,
    standing,
    verify,
    evidence,
    doctor,
    outbox,
    index,
    backup,
):
    module.register(app)


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Show the version and end.")) -> None:
    if version:
        OUTPUT.result({"version": __version__}, f"govseal {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line and end the process with its status."""
    show_every_letter()
    arguments = [argument for argument in sys.argv[1:] if argument != "--json"]
    try:
        status = app(arguments, standalone_mode=False)
    except typer.exceptions.TyperException as error:
        message = getattr(error, "format_message", error.__str__)()
        if message:  # empty when no argument was given: then the help was shown
            OUTPUT.failure("USAGE", message)
        status = Exit.USAGE
    except (typer.Abort, KeyboardInterrupt):
        OUTPUT.failure("INTERRUPTED", "Ended.")
        status = _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains while it ends
        status = _PIPE_CLOSED
    except GovsealError as error:
        OUTPUT.failure(error.code, error.message)
        status = _status_of(error)
    except OSError as error:
        if error.filename is None:
            OUTPUT.failure("UNEXPECTED", _told(error))
        else:
            OUTPUT.failure("FILE_UNUSABLE", f"{error.filename} cannot be used: {error.strerror}.")
        status = Exit.COULD_NOT_CHECK
    except Exception as error:  # noqa: BLE001 - the outermost place: a person reads a sentence, the log the trace
        if _is_database_away(error):
            first = str(error).strip().partition("\n")[0]
            OUTPUT.failure(
                "DATABASE_UNAVAILABLE",
                f"The database went away ({first}). Run it again: it goes on where it was.",
            )
        else:
            OUTPUT.failure("UNEXPECTED", _told(error))
        status = Exit.COULD_NOT_CHECK
    sys.exit(status or 0)


def _status_of(error: GovsealError) -> Exit:
    match error:
        case InputError():
            return Exit.USAGE
        case OutsideError() | BadSignature():  # of a list by which to judge: of a document, a verdict tells
            return Exit.COULD_NOT_CHECK
        case _:
            return Exit.NOT_GENUINE if error.code != "MISCONFIGURED" else Exit.COULD_NOT_CHECK


def _is_database_away(error: Exception) -> bool:
    """Say whether a connection broke; only a command that loaded Django can have had one."""
    database = sys.modules.get("django.db")
    return database is not None and isinstance(error, (database.OperationalError, database.InterfaceError))


def _told(error: Exception) -> str:
    """Keep the trace of an error that nobody expected; return the sentence for the person."""
    trace = traceback.format_exc()
    if os.environ.get("GOVSEAL_DEBUG"):
        sys.stderr.write(trace)
    first = (str(error).strip().splitlines() or ["no more is known"])[0]
    return f"Something went wrong that should not: {type(error).__name__}: {first}. {_kept(trace)}"


def _kept(trace: str) -> str:
    from govseal.project.configuration import Configuration

    try:
        home = Configuration.load(os.environ, running=False).home
        log = home / "run" / "error.log"
        if not home.exists():
            raise FileNotFoundError(home)
        log.parent.mkdir(mode=0o700, exist_ok=True)
        with log.open("a") as stream:
            stream.write(trace)
    except (OSError, GovsealError):
        return "Run it again with GOVSEAL_DEBUG=1 to see where."
    return f"Where it happened: {log}"
