"""Enter institutions, and what happens to their DocumentStores.

What is *not* here: their seal keys (`sealkeys`) and the list that tells verifiers (`trustlists`).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from govseal.apps.registry.models import Institution, SealCertificate
from govseal.core import trustlist
from govseal.core.errors import InputError, RefusedError
from govseal.core.ports import LedgerWriter

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")  # RFC 1123


def entry_check(*, code: str, names: Mapping[str, str], domain: str, languages: Collection[str]) -> None:
    """See that an institution may be entered so, before anything is made for it: none of it can be changed later.

    Args:
        code: as `institution_add` takes it.
        names: likewise.
        domain: likewise.
        languages: the country's.

    Raises:
        InputError: one of them cannot be used; the message says what it is to be.
    """
    if not _CODE.fullmatch(code):
        raise InputError(
            f"{code!r} is no code for an institution: 1 to 32 of a to z, digits and hyphens.",
            code="MALFORMED_CODE",
        )
    if not _DOMAIN.fullmatch(domain):
        raise InputError(
            f"{domain!r} is no DNS name: write it in lower case, like moeys.example; one in another script as xn--….",
            code="MALFORMED_DOMAIN",
        )
    if unknown := sorted(set(names) - set(languages)):
        raise InputError(
            f"{unknown[0]!r} is no language of the country. Names are told in: {', '.join(languages)}.",
            code="UNKNOWN_LANGUAGE",
        )


def institution_add(
    *,
    code: str,
    names: Mapping[str, str],
    domain: str,
    document_types: Sequence[str],
    certificate: bytes,
    ledger: LedgerWriter,
    now: datetime,
) -> Institution:
    """Deploy the institution's DocumentStore and enter it in the registry.

    Killed in between, it leaves a store that nobody uses; adding again deploys another.

    Args:
        code: its code in the country; also names its ledger account.
        names: name per language.
        domain: its DNS name.
        document_types: codes of the types it may issue.
        certificate: its seal certificate, DER.
        ledger: deploys the store.
        now: the moment of entry.

    Raises:
        RefusedError: there is an institution of that code.
        LedgerUnavailable: the chain is away; nothing was entered.
    """
    if Institution.objects.filter(code=code).exists():
        raise RefusedError(f"There is an institution {code!r} already.", code="INSTITUTION_EXISTS")
    store = ledger.deploy(account=code, name=names.get("en", code))
    with transaction.atomic():
        institution = Institution.objects.create(
            code=code,
            names=dict(names),
            domain=domain,
            document_types=list(document_types),
            chain_id=store.chain_id,
            genesis=store.genesis,
            store_address=store.address,
            added_at=now,
        )
        SealCertificate.objects.create(
            institution=institution,
            der=certificate,
            fingerprint=trustlist.fingerprint(certificate),
            added_at=now,
            used_from=now,
        )
    return institution


def store_compromise(*, institution: Institution, since: datetime) -> None:
    """Say that somebody else may have written to the institution's store since a moment.

    What was anchored from then on is "could not check" (docs/protocol.md section 6, "Dates"), also what the
    institution itself anchors in that store later. The earliest moment counts, and nothing undoes it.
    """
    with transaction.atomic():
        row = Institution.objects.select_for_update().get(pk=institution.pk)
        known = row.store_compromised_at
        row.store_compromised_at = min(known or since, since).replace(microsecond=0)
        row.save(update_fields=["store_compromised_at"])
