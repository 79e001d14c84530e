"""The seal keys of an institution, one after the other: what the trust list says of each.

    seal_key_prepare(institution=…, certificate=new, now=…)      # then publish the list, and wait
    seal_key_rotate(institution=…, certificate=new, now=…)       # from now on it seals
    seal_key_retire(institution=…, certificate=old, …)           # then publish
    seal_key_compromise(institution=…, certificate=old, since=…) # then publish

Invariants (docs/protocol.md section 6, "Dates"): a certificate once entered stays, so that what it sealed is judged by
it; no key seals before a published list names it; dates only move towards the past, and none is taken back.

What is *not* here: the keys themselves and the written record (`govseal.adapters.keys.lifecycle`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction

from govseal.apps.registry.models import Institution, SealCertificate
from govseal.apps.registry.selectors import trust_list_newest
from govseal.core import trustlist
from govseal.core.errors import InputError, RefusedError

_SECOND = timedelta(seconds=1)


def seal_key_prepare(*, institution: Institution, certificate: bytes, now: datetime) -> SealCertificate:
    """Enter the certificate (DER) of a key that is to follow; entering it again changes nothing.

    Raises:
        RefusedError: another institution has it.
    """
    row, _ = SealCertificate.objects.get_or_create(
        fingerprint=trustlist.fingerprint(certificate),
        defaults={"institution": institution, "der": certificate, "added_at": now},
    )
    if row.institution_id != institution.pk:
        raise RefusedError("That certificate is another institution's.", code="CERTIFICATE_TAKEN")
    return row


def seal_key_rotate(*, institution: Institution, certificate: bytes, now: datetime) -> SealCertificate:
    """Let a prepared key seal from now on.

    Raises:
        RefusedError: no published list names it yet (`NOT_PUBLISHED_YET`), or it is out of use.
    """
    with _row(institution, certificate) as row:
        newest = trust_list_newest()
        if newest is None or newest.issued_at < row.added_at:
            message = "Publish the trust list first: verifiers do not know the new key yet."
            raise RefusedError(message, code="NOT_PUBLISHED_YET")
        if row.retired_at or row.compromised_at:
            raise RefusedError("That key is out of use.", code="NO_KEY_IN_USE")
        row.used_from = row.used_from or now
    return row


def seal_key_retire(
    *, institution: Institution, certificate: bytes, last_anchor: datetime | None, now: datetime
) -> SealCertificate:
    """Take a key out of use; what it sealed stays genuine.

    Args:
        institution: whose key it is.
        certificate: the key's, DER.
        last_anchor: block time of the institution's newest anchor. A chain's clock may run ahead of ours, and a
            document counts only when it was anchored before the retirement.
        now: this moment.
    """
    with _row(institution, certificate) as row:
        moment = max(now, last_anchor or now).replace(microsecond=0) + _SECOND
        row.retired_at = min(row.retired_at or moment, moment)
    return row


def seal_key_compromise(
    *, institution: Institution, certificate: bytes, since: datetime, now: datetime
) -> SealCertificate:
    """Say that somebody else may have used a key since a moment; the earliest that was ever said counts.

    Raises:
        InputError: a moment to come.
    """
    if since > now:
        raise InputError("A key cannot be stolen in the future.", code="MALFORMED_MOMENT")
    with _row(institution, certificate) as row:
        row.compromised_at = min(row.compromised_at or since, since).replace(microsecond=0)
    return row


@contextmanager
def _row(institution: Institution, certificate: bytes) -> Iterator[SealCertificate]:
    """Hold a certificate's row, and save it afterwards."""
    fingerprint = trustlist.fingerprint(certificate)
    with transaction.atomic():
        rows = SealCertificate.objects.select_for_update()
        row = rows.filter(institution=institution, fingerprint=fingerprint).first()
        if row is None:
            raise RefusedError("The register does not know that certificate.", code="UNKNOWN_CERTIFICATE")
        yield row
        row.save()
