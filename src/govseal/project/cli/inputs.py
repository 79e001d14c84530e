"""What a command is given: a file, the text of a code, a link, or `-` for text on standard input; a moment."""

import sys
from datetime import datetime
from pathlib import Path

from govseal.core.errors import InputError

FILE_LIMIT = 128 << 20
TEXT_LIMIT = 64 << 10


def is_text(what: str) -> bool:
    """Say whether `what` is, or stands for, the text of a code, and not a file."""
    return what == "-" or "://" in what


def text_of(what: str) -> str:
    """Return the text that `what` is or stands for."""
    return sys.stdin.buffer.read(TEXT_LIMIT).decode("utf-8", "replace") if what == "-" else what


def read_file(name: str, limit: int = FILE_LIMIT) -> bytes:
    """Return a file's bytes.

    Raises:
        InputError: it cannot be read (`NO_SUCH_FILE`), or is longer than `limit` (`TOO_LARGE`).
    """
    file = Path(name)
    try:
        if file.stat().st_size > limit:
            raise InputError(f"{file} is larger than {limit >> 20} MB.", code="TOO_LARGE")
        return file.read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no file {name!r}, and it is no link.", code="NO_SUCH_FILE") from None
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", code="NO_SUCH_FILE") from error


def moment_of(text: str) -> datetime:
    """Return the moment that a text states, with its time zone.

    Raises:
        InputError: it states none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError(
            f"Write {text!r} as a moment with its time zone: 2026-01-31T08:00:00Z.", code="USAGE"
        )
    return moment
