"""`govseal template …`: document types that we draw: look at them, look them over, begin a new one.

Needs no platform running: templates are files of the country pack.
"""

import json
import re
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from govseal.core.errors import InputError, OperatorError
from govseal.project.cli.output import EPILOG, OUTPUT, Exit, plain

if TYPE_CHECKING:
    from govseal.adapters.countrypack import Country

app = typer.Typer(help="Document types that we draw.", no_args_is_help=True, epilog=EPILOG)

_NAME = re.compile(r"[a-z][a-z0-9-]{1,31}")
_SCREEN_DPI = 100
_MOST_PICTURES = 20
_SECONDS = 120.0

T = TypeVar("T")


@app.command("list", epilog=EPILOG)
def list_() -> None:
    """List the document types of the country."""
    kinds = _country().document_types.values()
    rows = [
        {"code": kind.code, "titles": dict(kind.titles), "drawn": kind.typeset, "folder": str(kind.folder)}
        for kind in kinds
    ]
    lines = [
        f"[bold]{plain(kind.code)}[/]  {plain(' · '.join(kind.titles.values()))}"
        + ("" if kind.typeset else "  [dim](no template)[/]")
        for kind in kinds
    ]
    OUTPUT.result({"types": rows}, "\n".join(lines))


@app.command(epilog=EPILOG)
def check(
    folder: str = typer.Argument(help="Folder of a document type, or its code in the country pack."),
) -> int:
    """Check a type: its texts, fonts, and pages with the sample, the least and the longest fields."""
    from govseal.project.wiring.templatecheck import TemplateCheck

    place, country = _place(folder), _country()
    findings = _in_time(lambda: TemplateCheck(_typesetter()).findings(place, country.languages))
    grave = any(one.grave for one in findings)
    signs = {True: "[red]✗[/]", False: "[yellow]![/]"}
    lines = [f"{signs[one.grave]} {plain(one.code)}  {plain(one.message)}" for one in findings]
    if not grave:
        lines.append(f"[green]✓[/] {plain(place.name)} can be used.")
    OUTPUT.result(
        {
            "type": place.name,
            "usable": not grave,
            "findings": [{"code": one.code, "message": one.message, "grave": one.grave} for one in findings],
        },
        "\n".join(lines),
    )
    return Exit.NOT_GENUINE if grave else Exit.DONE


@app.command(epilog=EPILOG)
def preview(
    folder: str = typer.Argument(help="Folder of a document type, or its code in the country pack."),
    fields: Path | None = typer.Option(None, help="JSON object of fields; the type's sample unless given."),
    language: str = typer.Option("", help="Language of the labels told; the country's first unless given."),
    out: Path = typer.Option(Path("preview"), help="Folder for the PDF and the pictures."),
    dpi: int = typer.Option(_SCREEN_DPI, min=30, max=600, help="Dots an inch of the pictures."),
) -> None:
    """Draw a specimen as PDF and PNG, of long ones the first 20 pages, without sealing anything."""
    from govseal.adapters.countrypack import load_type
    from govseal.adapters.typeset import proof
    from govseal.project.wiring.templatecheck import TemplateCheck, specimen_context

    place, country = _place(folder), _country()
    kind = load_type(place, country.languages)
    if not (place / "template.typ").is_file():
        raise InputError(
            f"{kind.code} has no template.typ: its PDFs are sealed as they come, with govseal seal.",
            code="NO_TEMPLATE",
        )
    values = dict(kind.sample) if fields is None else _object(fields)
    told = _told(_labels(place, language or country.languages[0]), values)
    content = _in_time(lambda: TemplateCheck(_typesetter()).preview(kind, values, specimen_context()))
    drawn = proof.page_pictures(content, dpi, _MOST_PICTURES)
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{kind.code}.pdf"
    file.write_bytes(content)
    pictures = []
    for number, picture in enumerate(drawn, start=1):
        pictures.append(out / f"{kind.code}-{number}.png")
        picture.save(pictures[-1])
    regions = [
        {"name": one.name, "page": one.page, "x": one.x, "y": one.y, "width": one.width, "height": one.height}
        for one in proof.regions(content)
    ]
    OUTPUT.result(
        {"file": str(file), "pictures": [str(one) for one in pictures], "fields": told, "regions": regions},
        "\n".join(
            [f"[green]✓[/] {plain(one)}" for one in (file, *pictures)]
            + [f"  [dim]{plain(label)}[/]  {plain(value)}" for label, value in told.items()]
        ),
    )


@app.command(epilog=EPILOG)
def new(
    name: str = typer.Argument(help="Code of the new type: small letters, digits and hyphens."),
    like: str = typer.Option("residence-certificate", help="Type to begin from."),
) -> None:
    """Begin a document type as a copy of another, in the country pack."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is no code: write 2 to 32 small letters, digits and hyphens.")
    source = _place(like)
    target = _country().folder / "types" / name
    if target.exists():
        raise InputError(f"{target} is there already.", code="FILE_EXISTS")
    if not (source / "template.typ").is_file():
        raise InputError(f"{like} has no template to begin from.", code="NO_TEMPLATE")
    shutil.copytree(source, target)
    declared = json.loads((target / "type.json").read_text("utf-8"))
    declared |= {"code": name, "version": 1, "attachment": f"{name}.pdf"}
    (target / "type.json").write_text(json.dumps(declared, ensure_ascii=False, indent=2) + "\n", "utf-8")
    OUTPUT.result(
        {"folder": str(target)},
        f"[green]✓[/] {plain(target)}\nChange its files, then: govseal template check {plain(name)}",
    )


def _labels(place: Path, language: str) -> dict[str, str]:
    """Return the label of each field in a language, which may be none of the pack's."""
    from govseal.adapters.countrypack import load_type

    try:
        return {code: texts[language] for code, texts in load_type(place, (language,)).labels.items()}
    except OperatorError as error:
        raise InputError(f"{place.name} has no labels in {language!r}.", code="UNKNOWN_LANGUAGE") from error


def _told(labels: dict[str, str], values: dict[str, Any]) -> dict[str, str]:
    """Return the values by their labels."""
    return {labels[code]: str(value) for code, value in values.items() if code in labels}


def _in_time(work: Callable[[], T]) -> T:
    """Return what `work` returns, unless a template keeps it for too long: Typst cannot be stopped, only left."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return outcome.result(_SECONDS)
    except TimeoutError:
        raise OperatorError(
            f"The template takes longer than {_SECONDS:.0f} s: look for what it repeats without end.",
            code="TEMPLATE_TOO_SLOW",
        ) from None


def _country() -> "Country":
    import os

    from govseal.adapters.countrypack import load_country
    from govseal.project.configuration import Configuration

    return load_country(Configuration.load(os.environ, running=False).country_folder)


def _typesetter() -> Any:
    from govseal.adapters.typeset import Typesetter
    from govseal.project.assets import FONTS_FOLDER

    if not FONTS_FOLDER.is_dir():
        raise OperatorError(f"{FONTS_FOLDER} is missing: run `govseal assets`.", code="FONT_MISSING")
    return Typesetter(FONTS_FOLDER)


def _place(folder: str) -> Path:
    """Return the folder of a type, given as a path or as a code of the pack."""
    known = _country().document_types
    if folder in known:
        return known[folder].folder
    if not Path(folder).is_dir():
        raise InputError(
            f"There is no folder {folder}, nor a type of that code. Known: {', '.join(sorted(known))}.",
            code="UNKNOWN_TYPE",
        )
    return Path(folder).resolve()


def _object(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", code="NO_SUCH_FILE") from error
    except ValueError as error:
        raise InputError(f"{file} is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise InputError(f"{file} must hold one JSON object of fields.")
    return value
