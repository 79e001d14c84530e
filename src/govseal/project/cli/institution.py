"""`govseal institution add|list`."""

import typer

from govseal.core.errors import InputError
from govseal.project.cli.output import EPILOG, OUTPUT, plain
from govseal.project.cli.running import installation

app = typer.Typer(help="The institutions of the country.", no_args_is_help=True)


@app.command(epilog=EPILOG)
def add(
    code: str = typer.Argument(help="Short code, lower-case letters, digits and hyphens."),
    name: list[str] = typer.Option(..., help="Name in a language: en=… km=… (repeat)."),
    domain: str = typer.Option(..., help="Its DNS name."),
    type: list[str] = typer.Option(..., help="A document type it may issue (repeat)."),  # noqa: A002
) -> None:
    """Add an institution: keys, certificate, DocumentStore, trust list."""
    names = dict(_pair(one) for one in name)
    with installation() as (office, _):
        added = office.institution_add(code=code, names=names, domain=domain, document_types=type)
        OUTPUT.result(
            {"code": added.code, "store": added.store_address, "chainId": added.chain_id},
            f"[green]✓[/] {added.code}: store {added.store_address} on chain {added.chain_id}",
        )


@app.command("list", epilog=EPILOG)
def list_() -> None:
    """List the institutions."""
    with installation() as (office, _):
        rows = [
            {
                "code": one.code,
                "names": one.names,
                "domain": one.domain,
                "store": one.store_address,
                "types": one.document_types,
            }
            for one in office.institutions()
        ]
    lines = [
        f"[bold]{plain(row['code'])}[/]  {plain(row['names'].get('en', ''))}  {row['store']}" for row in rows
    ]
    OUTPUT.result(
        {"institutions": rows}, "\n".join(lines) or "No institution yet: govseal institution add --help"
    )


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise InputError(f"Write {text!r} as key=value.", code="USAGE")
    return key.strip(), value.strip()
