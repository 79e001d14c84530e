"""Run commands of govseal one after another, each in a process forked from one that has loaded the program.

Starting the program costs a second, most commands a tenth of that. For facts about what a command says; where the
process is the point (signals, what it loads, what it leaves), start one.

Reads a JSON list of lists of arguments, writes for each the list of its exit status, standard output and standard error.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from govseal.project import cli
from govseal.project.cli.output import OUTPUT
from govseal.project.cli.running import setup_django


def run(arguments: list[str], folder: Path) -> tuple[int, str, str]:
    """Run one command; return its status and what it wrote."""
    files = [folder / "out", folder / "err"]
    child = os.fork()
    if child == 0:
        for descriptor, file in enumerate(files, start=1):
            os.dup2(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), descriptor)
        os._exit(_status_of(["govseal", *arguments]))  # what stands above in the stack is the parent's to end
    _, status = os.waitpid(child, 0)
    out, err = (file.read_text("utf-8") for file in files)
    return os.waitstatus_to_exitcode(status), out, err


def _status_of(command: list[str]) -> int:
    sys.argv = command
    OUTPUT.as_json = "--json" in command  # looked at when a process begins
    try:
        cli.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    raise AssertionError("a command ends its process")


if __name__ == "__main__":
    setup_django()
    import govseal.project.wiring.office  # noqa: F401 - what most commands load

    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps([run(one, Path(scratch)) for one in json.load(sys.stdin)]))  # noqa: T201 - its result
