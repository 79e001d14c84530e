"""A country to look at: its institutions, a sealed document of each kind, and the checks that they hold.

Everything is made once and found again by the next run. Persons and events are made up; institutions carry
the names of real ministries as labels only, which the country pack says plainly.

What is *not* here: starting the platform (`supervisor`).
"""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from govseal.adapters.countrypack import DemoInstitution
from govseal.apps.issuance.services import Released, ReleasedSheet
from govseal.apps.issuance.services.release import AWAITED
from govseal.core.errors import GovsealError, OutsideError
from govseal.core.verdict import Outcome
from govseal.core.verify import Report
from govseal.project.configuration import DEFAULT_PORT, Configuration
from govseal.project.wiring.office import Office

ANCHOR_SECONDS = 120.0
LIST_SECONDS = 120.0
_ISSUED = date(2026, 1, 15)


@dataclass(frozen=True, slots=True)
class DemoSheet:
    """A document of the demonstration.

    Attributes:
        institution: code of its issuer.
        type: its document type; its fields are the type's sample.
        number: its number.
        issued: its date of issue.
    """

    institution: str
    type: str
    number: str
    issued: date


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the demonstration shows.

    Attributes:
        sheet: the document.
        file: the sealed PDF.
        link: what a phone reads from it.
        by: how it was checked: `code` or `file`.
        report: what came out.
    """

    sheet: DemoSheet
    file: Path
    link: str
    by: str
    report: Report

    @property
    def held(self) -> bool:
        """Whether it is genuine, as it must be."""
        return self.report.verdict.outcome is Outcome.GENUINE


def demo_sheets(office: Office) -> list[DemoSheet]:
    """Return one document of each type that we draw, by the first institution that may issue it.

    The register decides: an institution of an earlier demonstration has the types that it was entered with.
    """
    allowed = {one.code: one.document_types for one in office.institutions()}
    sheets = []
    for kind in office.country.document_types.values():
        if not kind.typeset:
            continue
        for issuer in office.country.institutions:
            if kind.code in allowed[issuer.code]:
                number = _number(office, issuer.code, kind.code)
                sheets.append(DemoSheet(issuer.code, kind.code, number, _ISSUED))
                break
    return sheets


def _number(office: Office, institution: str, type_code: str) -> str:
    """Return the first number that is free or whose document is in force: a revocation tried out must not end it all."""
    prefix = f"DEMO-{type_code.upper()}-{_host_part(office.configuration)}"
    numbers = (f"{prefix}{count:04}" for count in itertools.count(1))
    return next(one for one in numbers if not _is_taken_back(office, institution, type_code, one))


def _is_taken_back(office: Office, institution: str, type_code: str, number: str) -> bool:
    document = office.find(institution, type_code, number)
    return document is not None and office.is_taken_back(document.pk)


def _host_part(configuration: Configuration) -> str:
    """Return what sets apart the sheets of another port or name: a sheet's codes name one host for good."""
    if configuration.lan_address:
        return f"{configuration.host.partition('.')[0].upper()}-"
    return "" if configuration.port == DEFAULT_PORT else f"{configuration.port}-"


def prepare_institutions(office: Office, tell: Callable[[str], None]) -> None:
    """Add the pack's institutions that are not there yet, and publish the trust list."""
    known = office.institution_codes()
    missing: list[DemoInstitution] = [one for one in office.country.institutions if one.code not in known]
    for one in missing:
        tell(f"Adding the institution {one.code}")
        office.institution_add(
            code=one.code, names=one.names, domain=one.domain, document_types=one.document_types
        )
    office.trust_list_ensure()


def prepare_documents(
    office: Office, tell: Callable[[str], None], check: Callable[[], None]
) -> Iterator[Check]:
    """Seal what is not sealed yet, wait for the anchor, release, and check each by its code and its file."""
    sheets = demo_sheets(office)
    documents = {}
    for sheet in sheets:
        tell(f"Sealing a {sheet.type}")
        documents[sheet] = office.find(sheet.institution, sheet.type, sheet.number) or office.typeset(
            institution_code=sheet.institution,
            type_code=sheet.type,
            number=sheet.number,
            issued=sheet.issued,
            fields=office.country.document_types[sheet.type].sample,
        )
    tell("Anchoring on the chain")
    wait_for_anchor(office, [document.pk for document in documents.values()], check=check)
    for sheet, document in documents.items():
        tell(f"Verifying the {sheet.type}")
        released = release_once_listed(office, document.pk, check=check)
        file = office.write_sheet(released, f"{sheet.number}.pdf")
        for by, report in (
            ("code", office.verify_text(released.code_text)),
            ("file", office.verify_file(file.read_bytes())),
        ):
            yield Check(sheet, file, released.code_text, by, report)


def release_once_listed(
    office: Office,
    document_id: str,
    *,
    seconds: float = LIST_SECONDS,
    check: Callable[[], None] = lambda: None,
) -> ReleasedSheet:
    """Release an anchored document; wait while a worker that has just begun publishes its status list.

    Args:
        office: releases it.
        document_id: public id.
        seconds: how long to wait.
        check: called at each look; raises when waiting is in vain.

    Raises:
        RefusedError: the sheet does not verify.
        OutsideError: nobody published the list (`STATUS_LIST_AWAITED`).
    """
    ((_, released),) = release_all_once_listed(office, [document_id], seconds=seconds, check=check)
    if isinstance(released, GovsealError):
        raise released
    return released


def release_all_once_listed(
    office: Office,
    ids: Sequence[str],
    *,
    seconds: float = LIST_SECONDS,
    check: Callable[[], None] = lambda: None,
) -> Iterator[tuple[str, Released]]:
    """Release anchored documents together; yield each with its id, in order, as `release_once_listed` would."""
    deadline = time.monotonic() + seconds
    done = 0
    while done < len(ids):
        for released in office.release_many(ids[done:]):
            if _is_awaited(released) and time.monotonic() <= deadline:
                check()
                time.sleep(0.2)
                break
            yield ids[done], released
            done += 1


def _is_awaited(released: Released) -> bool:
    return isinstance(released, OutsideError) and released.code == AWAITED


def wait_for_anchor(
    office: Office,
    ids: list[str],
    *,
    seconds: float = ANCHOR_SECONDS,
    progress: Callable[[int], None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Return when every document is anchored.

    Args:
        office: asks for the documents' states.
        ids: public ids.
        seconds: how long to wait without any progress.
        progress: told how many are done.
        check: called at each look; raises when waiting is in vain.

    Raises:
        OutsideError: nothing moved for `seconds`; the documents keep their place in the queue.
    """
    done, deadline = -1, time.monotonic() + seconds
    while (now_done := office.count_anchored(ids)) < len(ids):
        check()
        if now_done > done:
            done, deadline = now_done, time.monotonic() + seconds
            progress(done)
        if time.monotonic() > deadline:
            raise OutsideError(
                f"{len(ids) - done} documents are still waiting for their anchor. They keep their place: see"
                " that the worker and the chain run, then `govseal release`.",
                code="NOT_ANCHORED_YET",
            )
        time.sleep(0.1)
    progress(now_done)
