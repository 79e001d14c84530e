"""What a command is given: a file, the text of a code, a link, or `-` for text on standard input; a number, a moment."""

import re
import sys
from datetime import datetime
from pathlib import Path

from govseal.core.errors import InputError

FILE_LIMIT = 128 << 20
TEXT_LIMIT = 64 << 10
NUMBER_LENGTH = 128
_CHUNK = 1 << 20
# Neither controls nor what turns the direction of a line, nor halves of characters.
_NUMBER = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def is_text(what: str) -> bool:
    """Say whether `what` is, or stands for, the text of a code, and not a file."""
    return what == "-" or "://" in what


def text_of(what: str) -> str:
    """Return the text that `what` is or stands for."""
    return sys.stdin.buffer.read(TEXT_LIMIT).decode("utf-8", "replace") if what == "-" else what


def read_file(name: str, limit: int = FILE_LIMIT) -> bytes:
    """Return a file's bytes; of one without a size, such as a pipe, what comes out of it.

    Raises:
        InputError: it cannot be read (`NO_SUCH_FILE`), or is longer than `limit` (`TOO_LARGE`).
    """
    file, content = Path(name), bytearray()
    try:
        with file.open("rb") as stream:
            while len(content) <= limit and (chunk := stream.read(_CHUNK)):
                content += chunk
    except FileNotFoundError:
        hint = " A link begins with https://." if "#" in name else ""
        raise InputError(f"There is no file {name!r}.{hint}", code="NO_SUCH_FILE") from None
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", code="NO_SUCH_FILE") from error
    if len(content) > limit:
        raise InputError(f"{file} is larger than {limit >> 20} MB.", code="TOO_LARGE")
    return bytes(content)


def number_of(text: str) -> str:
    """Return the document's number that a text is, blanks around it dropped.

    Raises:
        InputError: it is none (`NUMBER_UNUSABLE`).
    """
    number = text.strip()
    if not _NUMBER.fullmatch(number) or len(number) > NUMBER_LENGTH:
        raise InputError(
            f"A document's number has 1 to {NUMBER_LENGTH} characters that can be printed in a line.",
            code="NUMBER_UNUSABLE",
        )
    return number


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
