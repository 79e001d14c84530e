"""`govseal institution add|list`, and `govseal institution did add|compromise`."""

import typer

from govseal.core.errors import InputError
from govseal.project.cli.inputs import moment_of
from govseal.project.cli.output import EPILOG, OUTPUT, plain, written
from govseal.project.cli.running import installation

app = typer.Typer(help="The institutions of the country.", no_args_is_help=True)
dids = typer.Typer(
    help="DIDs with which an institution signs OpenAttestation documents without a seal.",
    no_args_is_help=True,
)
app.add_typer(dids, name="did")


@app.command(epilog=EPILOG)
def add(
    code: str = typer.Argument(help="Short code, lower-case letters, digits and hyphens."),
    name: list[str] = typer.Option(..., help="Name in a language: en=… km=… (repeat)."),
    domain: str = typer.Option(..., help="Its DNS name."),
    type: list[str] = typer.Option(..., help="A document type it may issue (repeat)."),  # noqa: A002 - the option's name
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
                "dids": [did.url for did in one.dids.all()],
            }
            for one in office.institutions()
        ]
    width = max((len(row["code"]) for row in rows), default=0)
    lines = [
        f"[bold]{plain(row['code'].ljust(width))}[/]  {row['store']}  {plain(row['names'].get('en', ''))}"
        for row in rows
    ]
    OUTPUT.result(
        {"institutions": rows}, "\n".join(lines) or "No institution yet: govseal institution add --help"
    )


@dids.command("add", epilog=EPILOG)
def did_add(
    code: str = typer.Argument(help="The institution's code."),
    url: str = typer.Argument(help="did:ethr:0x…#controller, written as its documents write it."),
    revocation_store: list[str] = typer.Option(
        [], help="Address of a store in which it revokes, besides its own (repeat)."
    ),
    ocsp: list[str] = typer.Option([], help="An OCSP responder of its: https://ocsp.example/v1 (repeat)."),
) -> None:
    """List a DID: what it signs is the institution's. Again, to add places where it revokes."""
    with installation() as (office, _):
        listed = office.did_add(code, url, revocation_stores=revocation_store, ocsp_responders=ocsp)
        OUTPUT.result(
            {"institution": code, "did": listed.url, "revocationStores": revocation_store, "ocsp": ocsp},
            f"[green]✓[/] {plain(code)}: {plain(listed.url)} is listed. The trust list says so.",
        )


@dids.command("compromise", epilog=EPILOG)
def did_compromise(
    code: str = typer.Argument(help="The institution's code."),
    url: str = typer.Argument(help="The DID, as it was listed."),
    since: str = typer.Option(..., help="The earliest moment it may have been: 2026-01-31T08:00:00Z."),
) -> None:
    """Declare that somebody else may have signed with a DID. Nothing undoes it."""
    moment = moment_of(since)
    with installation() as (office, _):
        listed = office.did_compromise(code, url, since=moment)
        since = written(listed.compromised_at) or since
        OUTPUT.result(
            {"institution": code, "did": listed.url, "compromisedAt": since},
            f"[green]✓[/] {plain(code)}: {plain(listed.url)} vouches for nothing, since {since}. The trust list says so.",
        )


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise InputError(f"Write {text!r} as key=value.", code="USAGE")
    return key.strip(), value.strip()
