"""What runs inside a process of the office, for tests: each function takes the office first."""

import io
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pikepdf
import sha3

from govseal.core.errors import GovsealError, OutsideError
from support.waiting import PATIENCE

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office

_OFFICE: list["Office"] = []


def begin(environment: Mapping[str, str]) -> None:
    """Set this process up as one of the office's."""
    os.environ.clear()
    os.environ.update(environment)
    from govseal.project.cli.running import setup_django

    setup_django()
    from govseal.project.configuration import Configuration
    from govseal.project.wiring.office import Office

    _OFFICE.append(Office(Configuration.load(os.environ)))


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call `function` with this process's office."""
    from django.db import close_old_connections

    try:
        return function(_OFFICE[0], *arguments)
    finally:
        close_old_connections()


def topic(signature: str) -> bytes:
    """Return the topic of a contract's event."""
    return bytes(sha3.keccak_256(signature.encode()).digest())


def blank_pdf() -> bytes:
    """Return a simple A4 page with nothing on it."""
    stream = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        document.save(stream)
    return stream.getvalue()


def add_institution(office: "Office", code: str) -> None:
    """Enter an institution that may issue everything."""
    office.institution_add(
        code=code,
        names={"en": f"Office {code}", "km": "ការិយាល័យ"},
        domain=f"{code}.example",
        document_types=sorted(office.country.document_types),
    )


def refusal_of_institution(
    office: "Office", code: str = "office", domain: str = "office.example", language: str = "en"
) -> str:
    """Enter an institution; return the code of the refusal, if any."""
    try:
        office.institution_add(
            code=code, names={language: "An office"}, domain=domain, document_types=["letter"]
        )
    except GovsealError as error:
        return error.code
    return ""


def add_did(
    office: "Office", code: str, url: str, stores: Sequence[str] = (), responders: Sequence[str] = ()
) -> str:
    """List a DID of an institution; return the code of the refusal, if any."""
    try:
        office.did_add(code, url, revocation_stores=stores, ocsp_responders=responders)
    except GovsealError as error:
        return error.code
    return ""


def compromise_did(office: "Office", code: str, url: str, since: datetime) -> str:
    """Declare a DID stolen; return the code of the refusal, if any."""
    try:
        office.did_compromise(code, url, since=since)
    except GovsealError as error:
        return error.code
    return ""


def add_institution_and_die(office: "Office", code: str) -> None:
    """Enter an institution and end before the trust list names it."""

    def die() -> None:
        raise KeyboardInterrupt

    office.trust_list_publish = die  # type: ignore[method-assign]  # the process "dies" there
    try:
        add_institution(office, code)
    except KeyboardInterrupt:
        return
    finally:
        del office.trust_list_publish


def prepare(office: "Office", institution: str, numbers: list[str]) -> list[str]:
    """Seal letters and leave them waiting; return their ids."""
    from govseal.project.wiring.place import Place

    return [
        office.stamp(
            institution_code=institution,
            type_code="letter",
            number=number,
            issued=date(2026, 1, 15),
            fields={"title": f"Letter {number}"},
            content=blank_pdf(),
            filename="letter.pdf",
            place=Place(1, 20, 20, 14.8),
        ).pk
        for number in numbers
    ]


def run_outbox(office: "Office", institution: str, size: int, age: float) -> float | None:
    """Run an institution's outbox, as the worker does, until it waits for no block: a chain mines when it will."""
    from govseal.apps.issuance.services.policy import POLL

    while (wait := run_outbox_once(office, institution, size, age)) == POLL:
        time.sleep(0.05)
    return wait


def run_outbox_once(office: "Office", institution: str, size: int, age: float) -> float | None:
    """Run an institution's outbox once, under a policy."""
    from govseal.apps.issuance import services
    from govseal.apps.registry.models import Institution
    from govseal.project.wiring import worker

    return services.outbox_run(
        institution_id=Institution.objects.get(code=institution).pk,
        ledger=worker.ledger(office.configuration),
        published=office.published,
        policy=services.OutboxPolicy(size, age, 1),
        clock=lambda: datetime.now(UTC),
    )


def reconcile(office: "Office", institution: str) -> int:
    """Look for what the chain has lost."""
    from govseal.apps.issuance import services
    from govseal.apps.registry.models import Institution
    from govseal.project.wiring import worker

    return services.outbox_reconcile(
        institution_id=Institution.objects.get(code=institution).pk,
        ledger=worker.ledger(office.configuration),
    )


def revoke(office: "Office", document_id: str) -> None:
    """Ask for a revocation."""
    office.revoke(document_id, "Made in error")


def release(office: "Office", document_id: str) -> tuple[str, str, int]:
    """Publish what is due and release a document; return the outcome, its code and the PDF's length.

    While a worker is about to sign the document's list anew, it is asked again.
    """
    from govseal.apps.issuance.services.release import AWAITED
    from support import publishwork

    deadline = time.monotonic() + PATIENCE
    while True:
        publishwork.publish(office)
        try:
            released = office.release(document_id)
        except OutsideError as error:
            if error.code != AWAITED or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return released.report.verdict.outcome.value, released.code_text, len(released.pdf)


def ceremony(office: "Office", act: str, folder: str, key: str, since: datetime | None = None) -> None:
    """Do what `govseal keys` does, without a process of its own."""
    from govseal.project.wiring.ceremonies import Ceremonies

    acts = Ceremonies(office, by="Sok Dara", reason="a test")
    getattr(acts, act)(folder, key, **({"since": since} if since else {}))


def may_issue(office: "Office", institution: str, address: str) -> bool:
    """Ask an institution's store whether an address has the role to issue."""
    from govseal.apps.registry import selectors
    from govseal.project.wiring import shared

    store = selectors.store_of(selectors.institution_get(institution))
    asked = topic("hasRole(bytes32,address)")[:4] + topic("ISSUER_ROLE")
    asked += bytes.fromhex(address.removeprefix("0x")).rjust(32, b"\0")
    call = {"to": store.address, "data": "0x" + asked.hex()}
    answer = shared.ledger_reader(office.configuration)._rpc.result("eth_call", call, "latest")
    return int(answer, 16) == 1


def is_of(office: "Office", institution: str, document_id: str, asked: bytes) -> bool:
    """Say whether a document was made of what is asked for."""
    return office.is_of(office.find_any(document_id), institution, asked)


def hold(office: "Office", institution: str) -> None:
    """Have a letter wait that no worker will take up, as when the chain is away."""
    from govseal.apps.issuance.models import Document

    (pk,) = prepare(office, institution, ["held"])
    Document.objects.filter(pk=pk).update(state=Document.State.BATCHED)


def verify(office: "Office", text: str) -> tuple[str, set[str]]:
    """Verify a code; return the outcome and the reason codes."""
    verdict = office.verify_text(text).verdict
    return verdict.outcome.value, {one.reason.code for one in verdict.fragments if one.reason}


def collide(office: "Office", institution: str, number: str, taken: tuple[int, int]) -> tuple[int, int]:
    """Prepare a letter while another process takes the status index that was chosen first; return its own."""
    from govseal.apps.issuance.models import Document
    from govseal.apps.issuance.services import prepare as preparing
    from govseal.apps.issuance.services.places import Place

    chosen = iter([[Place(*taken)]])
    choose = preparing.free_places
    preparing.free_places = lambda count: next(chosen, None) or choose(count)
    try:
        (pk,) = prepare(office, institution, [number])
    finally:
        preparing.free_places = choose
    document = Document.objects.get(pk=pk)
    return document.status_list, document.status_index


def fill_status_list(office: "Office", institution: str, number: str) -> tuple[int, int]:
    """Prepare a letter while no guess at an index of the newest list is free; return its place."""
    from govseal.apps.issuance.models import Document
    from govseal.apps.issuance.services import places

    newest = Document.objects.order_by("-status_list", "status_index").first()
    size, places.STATUS_LIST_SIZE = places.STATUS_LIST_SIZE, 1
    index = newest.status_index
    try:
        Document.objects.filter(pk=newest.pk).update(status_index=0)
        (pk,) = prepare(office, institution, [number])
    finally:
        places.STATUS_LIST_SIZE = size
        Document.objects.filter(pk=newest.pk).update(status_index=index)
    document = Document.objects.get(pk=pk)
    return document.status_list - newest.status_list, document.status_index


def publish_trust_list(office: "Office", times: int) -> None:
    """Publish the next trust list, several times."""
    for _ in range(times):
        office.trust_list_publish()


def publish_trust_list_without_the_chain(office: "Office") -> None:
    """Publish the next trust list while nothing answers where the chain should be."""
    with socket.socket() as unserved:
        unserved.bind(("127.0.0.1", 0))
        whole = office.configuration
        office.configuration = replace(whole, rpc_url=f"http://127.0.0.1:{unserved.getsockname()[1]}")
        try:
            office.trust_list_publish()
        finally:
            office.configuration = whole


def ensure_trust_list(office: "Office") -> None:
    """Do what every start does with the trust list."""
    office.trust_list_ensure()


def publish_and_die(office: "Office") -> None:
    """Keep the next trust list and end before its file is written."""
    from govseal.apps.registry.services import trustlists

    def die(**_: object) -> None:
        raise KeyboardInterrupt

    restore, trustlists.trust_list_restore = trustlists.trust_list_restore, die
    try:
        office.trust_list_publish()
    except KeyboardInterrupt:
        return
    finally:
        trustlists.trust_list_restore = restore
