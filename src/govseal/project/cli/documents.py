"""`govseal seal`, `issue` and `release`.

Running `seal` or `issue` again with the same numbers goes on where it was: what is issued already is not
issued twice, only released.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from govseal.core.errors import InputError, RefusedError
from govseal.project.cli.output import EPILOG, OUTPUT, Exit, plain
from govseal.project.cli.running import installation
from govseal.project.cli.tables import day, read_rows
from govseal.project.wiring.place import Place

if TYPE_CHECKING:
    from govseal.apps.issuance.models import Document
    from govseal.project.wiring.office import Office

PDF_LIMIT = 64 << 20
_COMPACT_MM = 14.8
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Work:
    """One document to make.

    Attributes:
        number: its number.
        type: its type.
        filename: what the sealed PDF is to be called.
        prepare: seals it and leaves it in the outbox.
    """

    number: str
    type: str
    filename: str
    prepare: Callable[[], "Document"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (seal, issue, release):
        app.command(epilog=EPILOG)(command)


def seal(
    files: list[Path] = typer.Argument(help="PDFs to seal."),
    institution: str = typer.Option(..., help="Code of the issuer."),
    type: str = typer.Option("letter", help="Document type."),  # noqa: A002 - the option's name
    number: str = typer.Option("", help="Document number; the file's name unless given (one file only)."),
    field: list[str] = typer.Option(
        [], help="A field as code=value (repeat); title is the file's name unless given."
    ),
    issued: str = typer.Option("", help="Date of issue, YYYY-MM-DD; today unless given."),
    at: str = typer.Option("1,20,20", help="Place of the code: page,x,y in mm from the top left corner."),
    size: float = typer.Option(_COMPACT_MM, help="Side of the code in mm."),
    out: Path = typer.Option(Path(), help="Folder for the sealed PDFs."),
) -> int:
    """Seal existing PDFs: put a code on a page, anchor, verify, and write FILE.sealed.pdf."""
    if number and len(files) > 1:
        raise InputError("A number is one document's: give one file, or leave --number out.")
    place, on = _place(at, size), day(issued) if issued else _today()
    given = dict(_field(one) for one in field)
    contents = [(file, _read(file)) for file in files]
    with installation() as (office, check):
        work = [
            Work(
                number or file.stem,
                type,
                f"{file.stem}.sealed.pdf",
                partial(
                    office.stamp,
                    institution_code=institution,
                    type_code=type,
                    number=number or file.stem,
                    issued=on,
                    fields={"title": file.stem, **given},
                    content=content,
                    filename=file.name,
                    place=place,
                ),
            )
            for file, content in contents
        ]
        return _make_all(office, institution, work, out, check)


def issue(
    template: str = typer.Option(..., help="Document type with a template."),
    data: Path = typer.Option(..., help="Rows: .json, .jsonl or .csv."),
    institution: str = typer.Option(..., help="Code of the issuer."),
    out: Path = typer.Option(Path("issued"), help="Folder for the sealed PDFs."),
) -> int:
    """Typeset, seal, anchor, verify and write one PDF a row."""
    with installation() as (office, check):
        kind = office.document_type(template)
        check_fields = partial(office.typesetter.check_fields, kind.folder)
        rows = read_rows(data, kind.schema, _today(), check_fields)
        work = [
            Work(
                row.number,
                template,
                f"{_UNSAFE.sub('-', row.number)}.pdf",
                partial(
                    office.typeset,
                    institution_code=institution,
                    type_code=template,
                    number=row.number,
                    issued=row.issued,
                    fields=row.fields,
                    valid_until=row.valid_until,
                ),
            )
            for row in rows
        ]
        return _make_all(office, institution, work, out, check)


def release(
    document: str = typer.Argument(help="Number or id of an anchored document."),
    out: Path = typer.Option(Path(), help="Folder for the sealed PDF."),
    attested: bool = typer.Option(
        False, help="Write the attested JSON beside it, for OpenAttestation's tools."
    ),
) -> None:
    """Verify an anchored document again and write its sealed PDF."""
    with installation() as (office, check):
        from govseal.project.demonstration import release_once_listed

        found = office.find_any(document)
        released = release_once_listed(office, found.pk, check=check)
        name = _UNSAFE.sub("-", found.number)
        file = office.write_sheet(released, f"{name}.pdf", out)
        if attested:
            office.write_attested(released, f"{name}.json", out)
        OUTPUT.result(
            {"id": found.pk, "file": str(file), "link": released.code_text},
            f"[green]✓[/] {plain(found.number)}: {plain(file)}",
        )


def _make_all(
    office: "Office", institution: str, work: Sequence[Work], out: Path, check: Callable[[], None]
) -> int:
    """Prepare, anchor and release; one refused document does not stop the others."""
    from govseal.project.demonstration import release_once_listed, wait_for_anchor

    made: list[tuple[Work, str]] = []
    results: list[dict[str, str]] = []
    with OUTPUT.progress("Sealing", len(work)) as step:
        for one in work:
            try:
                made.append((one, _prepare(office, institution, one)))
            except (InputError, RefusedError) as error:
                results.append({"number": one.number, "error": error.code, "message": error.message})
            step(1)
    with OUTPUT.progress("Anchoring", len(made)) as step:
        done = 0

        def progress(now_done: int) -> None:
            nonlocal done
            step(now_done - done)
            done = now_done

        wait_for_anchor(office, [pk for _, pk in made], progress=progress, check=check)
    with OUTPUT.progress("Verifying", len(made)) as step:
        for one, pk in made:
            try:
                released = release_once_listed(office, pk, check=check)
                file = office.write_sheet(released, one.filename, out)
                results.append(
                    {"number": one.number, "id": pk, "file": str(file), "link": released.code_text}
                )
            except RefusedError as error:
                results.append({"number": one.number, "error": error.code, "message": error.message})
            step(1)
    OUTPUT.result({"documents": results}, "\n".join(map(_line, results)))
    return Exit.NOT_GENUINE if any("error" in one for one in results) else Exit.DONE


def _prepare(office: "Office", institution: str, work: Work) -> str:
    """Seal a document, or find the one that an earlier run sealed under this number."""
    known = office.find(institution, work.type, work.number)
    return (known or work.prepare()).pk


def _line(result: dict[str, str]) -> str:
    if "error" in result:
        return f"[red]✗[/] {plain(result['number'])}: {plain(result['message'])}"
    return f"[green]✓[/] {plain(result['number'])}: {plain(result['file'])}\n    {plain(result['link'])}"


def _place(at: str, size: float) -> Place:
    try:
        page, x, y = at.split(",")
        return Place(int(page), float(x), float(y), size)
    except ValueError:
        raise InputError(f"Write the place {at!r} as page,x,y: --at 1,20,20") from None


def _field(text: str) -> tuple[str, str]:
    code, equals, value = text.partition("=")
    if not equals or not code:
        raise InputError(f"Write the field {text!r} as code=value.")
    return code, value


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > PDF_LIMIT:
            raise InputError(f"{file} is larger than {PDF_LIMIT >> 20} MB.", code="TOO_LARGE")
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", code="NO_SUCH_FILE") from error


def _today() -> date:
    return datetime.now(UTC).date()
