"""`govseal core …`: the protocol's pure parts as filters, one JSON value a line in, one a line out, in order.

A malformed line gives `{"error": {"code", "message"}}` in its place and the rest go on.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import typer

from govseal.core import jsjson, qrtext
from govseal.core.envelope import open_foreign
from govseal.core.errors import GovsealError, InputError
from govseal.core.openattestation import lines
from govseal.core.openattestation.salting import uuid4_source

app = typer.Typer(
    help="Small tools for programs: one JSON value a line in, one a line out.", no_args_is_help=True
)

LINE_LIMIT = 32 << 20
"""Bytes of one line; a longer one is an error and is passed over."""


@app.command()
def wrap() -> None:
    """Wrap raw OpenAttestation v2 documents in one batch; written when the input ends."""
    for result in lines.wrap_lines(_lines(), uuid4_source(os.urandom)):
        _write(result)


@app.command()
def check() -> None:
    """Check the integrity of wrapped documents (v2 and v3) and recover their signers."""
    for line in _lines():
        _write(lines.check_line(line))


@app.command("open")
def open_() -> None:
    """Open encrypted documents: {"encrypted_document", "document_key"} becomes the document."""
    _each(_open)


@app.command()
def qr() -> None:
    """Say what QR texts (JSON strings) hold: their profile, host and id."""
    _each(_describe)


def _open(value: Any) -> Any:
    if not isinstance(value, dict) or not {"encrypted_document", "document_key"} <= set(value):
        raise InputError('Give an object with "encrypted_document" and "document_key".', code="WRONG_LINE")
    return open_foreign(value["encrypted_document"], value["document_key"])


def _describe(value: Any) -> Any:
    if not isinstance(value, str):
        raise InputError("Give the text of a QR code as a JSON string.", code="WRONG_LINE")
    return qrtext.describe(qrtext.read(value))


def _each(work: Callable[[Any], Any]) -> None:
    for line in _lines():
        try:
            _write(work(jsjson.parse(line)))
        except GovsealError as error:
            _write({"error": {"code": error.code, "message": error.message}})


def _lines() -> Iterator[bytes]:
    """Yield the lines of standard input without their ends; blank ones are passed over."""
    stream = sys.stdin.buffer
    while line := stream.readline(LINE_LIMIT + 1):
        if len(line) > LINE_LIMIT and not line.endswith(b"\n"):
            while (rest := stream.readline(LINE_LIMIT)) and not rest.endswith(b"\n"):
                pass
            yield line  # the parser says in its place that it is too long
        elif line.strip():
            yield line.rstrip(b"\r\n")


def _write(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")
    sys.stdout.flush()
