"""`govseal seal`, `issue` and `release`.

Running `seal` or `issue` again goes on where it was: what is issued already is not issued twice, only released, and said
to be the earlier document. A number that is asked for again with other content is refused, and the others go on: nobody
is handed one paper for another, and no two papers bear one number.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from govseal.core.errors import GovsealError, InputError, RefusedError
from govseal.project.cli.inputs import number_of
from govseal.project.cli.output import EPILOG, OUTPUT, Exit, Panel, plain
from govseal.project.cli.ownpdfs import POSITION_HELP, place_of, read_pdf, unlocked
from govseal.project.cli.running import installation
from govseal.project.cli.tables import Row, day, read_rows
from govseal.project.wiring.place import DEFAULT_SIDE_MM, Notice, Wishes

if TYPE_CHECKING:
    from govseal.apps.issuance.models import Document
    from govseal.apps.issuance.services import Prepared
    from govseal.project.wiring.issuing import Order
    from govseal.project.wiring.office import Office

_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Work:
    """One document to make.

    Attributes:
        number: its number.
        type: its type.
        filename: what the sealed PDF is to be called.
        asked: returns what is asked for, the same bytes whenever it is asked for again.
        prepare: seals it and leaves it in the outbox; or what is to be typeset, together with others.
        notices: what there is to say of its PDF, once it is prepared.
    """

    number: str
    type: str
    filename: str
    asked: Callable[[], bytes]
    prepare: "Callable[[], Document] | Order"
    notices: list[Notice] = field(default_factory=list)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (seal, issue, release):
        app.command(epilog=EPILOG, rich_help_panel=Panel.ISSUE)(command)


def seal(
    files: list[Path] = typer.Argument(help="PDFs to seal."),
    institution: str = typer.Option(..., help="Code of the issuer."),
    type: str = typer.Option("letter", help="Document type."),  # noqa: A002 - the option's name
    number: str = typer.Option("", help="Document number; the file's name unless given (one file only)."),
    values: list[str] = typer.Option(
        [], "--field", help="A field as code=value (repeat); title is the file's name unless given."
    ),
    issued: str = typer.Option("", help="Date of issue, YYYY-MM-DD; today unless given."),
    page: int = typer.Option(1, help="Page of the code."),
    all_pages: bool = typer.Option(False, "--all-pages", help="Put the code on every page."),
    position: str = typer.Option("20,20", help=f"Place of the code: {POSITION_HELP}"),
    size: float = typer.Option(DEFAULT_SIDE_MM, help="Side of the code in mm."),
    password_file: Path | None = typer.Option(
        None, help="File with the password of a locked PDF; asked for unless given."
    ),
    flatten_forms: bool = typer.Option(False, "--flatten-forms", help="Draw form values into the pages."),
    remove_active_content: bool = typer.Option(
        False, "--remove-active-content", help="Drop scripts, launch actions, external streams and XFA."
    ),
    out: Path = typer.Option(Path(), help="Folder for the sealed PDFs."),
) -> int:
    """Seal existing PDFs: put a code on a page, anchor, verify, and write FILE.sealed.pdf."""
    numbers = _numbers(files, number)
    place = place_of(position, page=page, all_pages=all_pages, size=size)
    sheet = {"institution_code": institution, "type_code": type, "place": place}
    sheet["issued"] = day(issued) if issued else _today()
    dated = sheet["issued"] if issued else None
    given = dict(_field(one) for one in values)
    wishes = Wishes(flatten_forms=flatten_forms, remove_active_content=remove_active_content)
    # Read one after the other, and again when its turn comes: a folder of PDFs is more than memory holds.
    asked = [unlocked(file, read_pdf(file), wishes, password_file) for file in files]
    with installation() as (office, check):
        work = [
            _stamping(office, file, own, given, dated, wishes=wished, **sheet)
            for file, own, wished in zip(files, numbers, asked, strict=True)
        ]
        return _make_all(office, institution, work, out, check)


def _numbers(files: Sequence[Path], number: str) -> list[str]:
    """Return the number of each file: the one given, or its name."""
    if number and len(files) > 1:
        raise InputError("A number is one document's: give one file, or leave --number out.")
    own: dict[str, Path] = {}
    for file in files:
        one = (number or file.stem).strip()
        if one in own:
            raise InputError(
                f"{own[one]} and {file} would both be number {one}: seal them apart, with --number."
            )
        own[one] = file
    return list(own)


def _stamping(
    office: "Office", file: Path, number: str, given: dict[str, str], dated: date | None, **sheet: Any
) -> Work:
    """Return the sealing of one PDF, which gathers what there is to say of it."""
    notices: list[Notice] = []
    fields = {"title": file.stem, **given}

    def asked(content: bytes) -> bytes:
        return _asked(fields, dated, pdf=hashlib.sha256(content).hexdigest())

    def prepare() -> "Document":
        content = read_pdf(file)
        return office.stamp(
            **sheet,
            number=number,
            fields=fields,
            content=content,
            filename=file.name,
            tell=notices.append,
            asked=asked(content),
        )

    filename = f"{file.stem}.sealed.pdf"
    return Work(number, sheet["type_code"], filename, lambda: asked(read_pdf(file)), prepare, notices)


def _asked(fields: Mapping[str, Any], dated: date | None, **more: Any) -> bytes:
    """Return what is asked for: its content, and its date only where one was given, since today's is another tomorrow.

    How a sheet looks, and where its code stands, is not part of it.
    """
    return json.dumps({"fields": fields, "issued": dated, **more}, default=str, sort_keys=True).encode()


def _row_asked(row: Row) -> bytes:
    return _asked(row.fields, row.issued if row.dated else None, valid_until=row.valid_until)


def issue(
    template: str = typer.Option(..., help="Document type with a template."),
    data: Path = typer.Option(..., help="Rows: .json, .jsonl or .csv."),
    institution: str = typer.Option(..., help="Code of the issuer."),
    out: Path = typer.Option(Path("issued"), help="Folder for the sealed PDFs."),
) -> int:
    """Typeset, seal, anchor, verify and write one PDF a row."""
    with installation() as (office, check):
        from govseal.project.wiring.issuing import Order

        kind = office.document_type(template)
        check_fields = partial(office.typesetter.check_fields, kind.folder)
        rows = read_rows(data, kind.schema, _today(), check_fields)
        work = [
            Work(
                row.number,
                template,
                f"{_UNSAFE.sub('-', row.number)}.pdf",
                partial(_row_asked, row),
                Order(row.number, row.issued, row.fields, row.valid_until, _row_asked(row)),
            )
            for row in rows
        ]
        return _make_all(office, institution, work, out, check)


def release(
    document: str = typer.Argument(help="Number or id of an anchored document."),
    out: Path = typer.Option(Path(), help="Folder for the sealed PDF."),
    attested: bool = typer.Option(
        False, "--attested", help="Write the attested JSON beside it, for OpenAttestation's tools."
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
    from govseal.project.demonstration import release_all_once_listed, wait_for_anchor

    made: list[tuple[Work, str]] = []
    results: list[dict[str, Any]] = []
    with OUTPUT.progress("Sealing", len(work)) as step:
        for one, prepared in _prepare_all(office, institution, work):
            if isinstance(prepared, GovsealError):
                results.append(_refusal(one, prepared))
            else:
                made.append((one, prepared))
            step(1)
    with OUTPUT.progress("Anchoring", len(made)) as step:
        done = 0

        def progress(now_done: int) -> None:
            nonlocal done
            step(now_done - done)
            done = now_done

        wait_for_anchor(office, [pk for _, pk in made], progress=progress, check=check)
    with OUTPUT.progress("Verifying", len(made)) as step:
        ids = [pk for _, pk in made]
        for (one, _), (pk, released) in zip(
            made, release_all_once_listed(office, ids, check=check), strict=True
        ):
            if isinstance(released, GovsealError):
                results.append(_refusal(one, released))
            else:
                file = office.write_sheet(released, one.filename, out)
                result = {"number": one.number, "id": pk, "file": str(file), "link": released.code_text}
                results.append(result | _told(one.notices))
            step(1)
    OUTPUT.result({"documents": results}, "\n".join(map(_line, results)))
    return Exit.NOT_GENUINE if any("error" in one for one in results) else Exit.DONE


def _prepare_all(
    office: "Office", institution: str, work: Sequence[Work]
) -> "Iterator[tuple[Work, str | GovsealError]]":
    """Seal documents, or find those that an earlier run sealed under their numbers; yield each with its id."""
    named = [_named(one) for one in work]
    known = office.find_many(institution, {name for name in named if not isinstance(name, InputError)})
    left = [
        one for one, name in zip(work, named, strict=True) if isinstance(name, tuple) and name not in known
    ]
    prepared = _sealed(office, institution, left)
    for one, name in zip(work, named, strict=True):
        if isinstance(name, InputError):
            yield one, name
        elif name in known:
            yield one, _found(office, institution, one, known[name])
        else:
            result = next(prepared)
            yield one, result if isinstance(result, GovsealError) else result.pk


def _named(work: Work) -> tuple[str, str] | InputError:
    """Return the type and the number by which a document is known, or why it can have none."""
    try:
        return work.type, number_of(work.number)
    except InputError as error:
        return error


def _sealed(office: "Office", institution: str, work: Sequence[Work]) -> "Iterator[Prepared]":
    """Seal documents in order; what is to be typeset of one type is typeset together."""
    for type_code, some in groupby(work, key=lambda one: "" if callable(one.prepare) else one.type):
        if type_code:
            orders = (one.prepare for one in some if not callable(one.prepare))
            yield from office.typeset_many(institution_code=institution, type_code=type_code, orders=orders)
        else:
            yield from (_attempted(one.prepare) for one in some if callable(one.prepare))


def _attempted(prepare: "Callable[[], Document]") -> "Prepared":
    try:
        return prepare()
    except (InputError, RefusedError) as error:
        return error


def _found(office: "Office", institution: str, work: Work, known: "Document") -> "str | RefusedError":
    """Return the id of the document that was sealed before, or why it is not the one asked for."""
    if office.is_of(known, institution, work.asked()):
        work.notices.append(_sealed_before(known))
        return known.pk
    number = known.number
    return RefusedError(
        f"Number {number} was sealed on {known.prepared_at:%Y-%m-%d} with another content, and a number is given once:"
        f" give this one its own; `govseal replace {number} --by` that one takes the earlier out of force.",
        code="NUMBER_TAKEN",
    )


def _sealed_before(document: "Document") -> Notice:
    sealed_on = f"{document.prepared_at:%Y-%m-%d}"
    message = f"Sealed on {sealed_on} already: this is that document."
    return Notice("ALREADY_SEALED", message)


def _refusal(work: Work, error: GovsealError) -> dict[str, Any]:
    """Return what is said of a document that was refused; what is nobody's refusal ends the run."""
    if not isinstance(error, InputError | RefusedError):
        raise error
    return {"number": work.number, "error": error.code, "message": error.message}


def _told(notices: Sequence[Notice]) -> dict[str, Any]:
    return {"notices": [notice.facts() for notice in notices]} if notices else {}


def _line(result: dict[str, Any]) -> str:
    if "error" in result:
        return f"[red]✗[/] {plain(result['number'])}: {plain(result['message'])}"
    remarks = [f"\n    [yellow]![/] {plain(one['message'])}" for one in result.get("notices", ())]
    return f"[green]✓[/] {plain(result['number'])}: {plain(result['file'])}\n    {plain(result['link'])}{''.join(remarks)}"


def _field(text: str) -> tuple[str, str]:
    code, equals, value = text.partition("=")
    if not equals or not code:
        raise InputError(f"Write the field {text!r} as code=value.")
    return code, value


def _today() -> date:
    return datetime.now(UTC).date()
