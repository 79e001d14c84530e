"""`govseal evidence WHAT --out FILE`, and verifying such a file without any platform (docs/evidence.md)."""

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from govseal.core import trustlist
from govseal.core.errors import InputError, OperatorError
from govseal.core.trustlist import succession
from govseal.core.verify import Report, bundle
from govseal.project.cli import running
from govseal.project.cli.inputs import is_text, read_file, text_of
from govseal.project.cli.output import EPILOG, OUTPUT, Panel, plain

_PIN_LIMIT = 64 << 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=EPILOG, rich_help_panel=Panel.VERIFY)(evidence)


def evidence(
    what: str = typer.Argument(help="A file, the text of a QR code, a link, or - for standard input."),
    out: Path = typer.Option(..., help="Where to write the evidence."),
) -> None:
    """Keep in one file all that verifies a document later, when this platform may be gone.

    The file holds the whole document in clear text, and its secret: keep it as you keep the paper.
    """
    with running.checker() as checker:
        content = (
            checker.evidence_of_text(text_of(what))
            if is_text(what)
            else checker.evidence_of_file(read_file(what))
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
    draft.replace(out)
    OUTPUT.result(
        {"file": str(out), "size": len(content)},
        f"[green]✓[/] {plain(out)}: holds the whole document in clear text; keep it as you keep the paper.",
    )


def verify_offline(file: Path, trust: Path | None, pin: Path | None, at: str, seen: Path | None) -> Report:
    """Verify an evidence file from files alone.

    Args:
        file: the evidence.
        trust: the trust list to judge by; the one in the evidence when None. Statements in the folder `successions`
            beside it are read too.
        pin: certificate (PEM or DER) of the trust list's signer; this installation's when None.
        at: date or moment as of which to judge; empty for the moment the evidence was made.
        seen: folder that remembers the lists which were believed; None remembers nothing.

    Raises:
        InputError: a file or the date cannot be read.
        OperatorError: no pin is at hand.
    """
    from govseal.apps.verification.evidence import evidence_verify
    from govseal.project.wiring.shared import memory_in

    return evidence_verify(
        content=read_file(str(file), bundle.MAX_BYTES),
        trust_token=read_file(str(trust), trustlist.MAX_BYTES).strip() if trust else None,
        pin=_certificate(pin),
        now=datetime.now(UTC),
        at=_moment(at) if at else None,
        beside=partial(_statements, trust) if trust else lambda _: (),
        seen=memory_in(seen) if seen else None,
    )


def describe_offline(report: Report) -> list[str]:
    """Return the lines in which an offline verification says what it went by, for a terminal."""
    lines = ["  From files alone: the ledger was not asked, and what happened since is not known."]
    if report.receipt:
        block = f"block {report.receipt.block_number} of chain {report.receipt.store.chain_id}"
        checked = _shown(report.receipt.signed_at)
        lines.append(f"  Registration checked at {checked}, says the platform: {block}.")
    if report.status:
        lines.append(f"  Status as of {_shown(report.status.issued_at)}: {report.status.state}.")
    return lines


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _statements(trust: Path, key: str) -> list[bytes]:
    """Return the statement of a list key that lies beside a trust list, as a platform publishes it."""
    try:
        with (trust.parent / succession.FOLDER / key).open("rb") as stream:
            return [stream.read(succession.MAX_BYTES + 1)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _certificate(file: Path | None) -> bytes:
    if file is None:
        from govseal.project.configuration import Configuration

        own = Configuration.load(os.environ, running=False).trust_pin_file
        if not own.is_file():
            raise OperatorError("Name the certificate of the trust list's signer: --pin CERT")
        return own.read_bytes()
    content = read_file(str(file), _PIN_LIMIT)
    try:
        load = x509.load_pem_x509_certificate if b"-----BEGIN" in content else x509.load_der_x509_certificate
        return load(content).public_bytes(Encoding.DER)
    except ValueError:
        raise InputError(f"{file} is no certificate.", code="MALFORMED_CERTIFICATE") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"Write the date {text!r} as 2026-06-01 or 2026-06-01T09:00:00Z: --at") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
