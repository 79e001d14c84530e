"""Publish the trust list, made of the registry's rows and the country's facts.

What is *not* here: the list's form and signature (`govseal.core.trustlist`), and what a replaced key says of its
successor (`successions`).
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from govseal.apps.registry.models import Institution, PublishedTrustList
from govseal.apps.registry.selectors import store_of, trust_list_newest
from govseal.apps.registry.services import successions
from govseal.core import trustlist
from govseal.core.errors import GovsealError
from govseal.core.ports import PublishedReader, PublishedWriter, Signer
from govseal.core.qrtext.origin import origin_of
from govseal.core.verify import as_published

_log = logging.getLogger(__name__)

TRUST_LIST_LIFE = timedelta(days=30)
_TIMELESS = datetime(2000, 1, 1, tzinfo=UTC)
_PUBLISHERS = 0x676F7673_00000001  # advisory lock of whoever publishes a list


@dataclass(frozen=True, slots=True)
class CountryFacts:
    """What a trust list says beyond its institutions.

    Attributes:
        country: ISO 3166-1 alpha-2.
        operator: the list maker's name per language.
        hosts: origins whose codes the list judges.
        document_types: rule per type code, from the country pack.
        rpc_endpoints: where the chains may be read.
        anchor_certificates: keys that sign anchor receipts, those out of use too.
        status_certificates: keys that sign status lists, those out of use too.
        status_lists: numbers of the lists that documents may name: those in use, and one ahead.
    """

    country: str
    operator: Mapping[str, str]
    hosts: Sequence[str]
    document_types: Mapping[str, trustlist.DocumentTypeRule]
    rpc_endpoints: Sequence[trustlist.RpcEndpoint] = ()
    anchor_certificates: Sequence[trustlist.Certificate] = ()
    status_certificates: Sequence[trustlist.Certificate] = ()
    status_lists: Sequence[int] = ()


def trust_list_publish(
    *,
    facts: CountryFacts,
    signer: Signer,
    outgoing: successions.Outgoing,
    published: PublishedWriter,
    checkpoint: trustlist.Checkpoint | None,
    now: datetime,
) -> PublishedTrustList:
    """Make, keep and publish the next trust list.

    The row is committed before the files are written: killed in between, the next start puts the kept bytes right
    (`trust_list_restore`). Publishers take turns, so that no sequence number is ever used for two lists and no
    older list replaces a newer file.

    Args:
        facts: what the list says beyond its institutions.
        signer: the list key in use.
        outgoing: asked when another key signed the list before.
        published: takes the list.
        checkpoint: a block that the ledger will not change any more; None while it is away.
        now: this moment.
    """
    with _alone():
        newest = trust_list_newest()
        leaving = successions.leaving(newest, signer, outgoing)
        listed = replace(
            _next(facts, newest, now, successions.succeeded(newest, signer, leaving)), checkpoint=checkpoint
        )
        token = trustlist.sign(listed, certificate=signer.certificate, signer=signer.sign).encode()
        row = PublishedTrustList.objects.create(
            sequence=listed.sequence,
            token=token,
            content=_content(listed, signer),
            issued_at=now,
            hosts=listed.hosts,
            succession=successions.statement(listed, leaving, signer) if leaving else None,
            succeeded=listed.succeeded,
        )
    trust_list_restore(published=published)
    return row


def trust_list_adopt(*, published: PublishedReader, pin: bytes, host: str) -> bool:
    """Go on from the published list where it is newer than every kept one: a restored database has forgotten it.

    So no number is used twice, no host is dropped, and a key that has named its successor is known to have done so.

    Args:
        published: holds the list, and the statements that lead to its key.
        pin: certificate (DER) from which these lead.
        host: whose list it is.

    Returns:
        Whether one was adopted; none is that is not signed by a key to which the pin leads.
    """
    with _alone():
        newest = trust_list_newest()
        try:
            token = published.get(host, trustlist.PATH, max_bytes=trustlist.MAX_BYTES)
            if newest is None or token == bytes(newest.token):
                return False
            listed = _as_of_its_issue(token, published, pin, host)
        except GovsealError as error:
            _log.warning("The published trust list is not gone on from: %s", error)
            return False
        if listed.sequence <= newest.sequence:
            return False
        PublishedTrustList.objects.create(
            sequence=listed.sequence,
            token=token,
            issued_at=listed.issued_at,
            hosts=listed.hosts,
            succeeded=listed.succeeded,
        )
        return True


def _as_of_its_issue(token: bytes, published: PublishedReader, pin: bytes, host: str) -> trustlist.TrustList:
    """Return what a list said when it was issued: it counts as the predecessor of the next however old it is."""
    now = trustlist.issued_at(token)
    return trustlist.follow(token, pin=pin, host=host, now=now, find=as_published(published, host)).trust_list


def trust_list_restore(*, published: PublishedWriter) -> bool:
    """Publish the newest kept list again, byte for byte, and all statements before it; False when there is none yet."""
    with _alone():
        newest = trust_list_newest()
        if newest is None:
            return False
        for row in PublishedTrustList.objects.filter(succession__isnull=False):
            successions.put(bytes(row.succession or b""), published)
        published.replace(trustlist.PATH, bytes(newest.token))
        return True


@contextmanager
def _alone() -> Iterator[None]:
    """Keep every other publisher waiting until the transaction ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISHERS])
        yield


def trust_list_is_due(*, facts: CountryFacts, signer: Signer, now: datetime) -> bool:
    """Say whether the next list must be made: none yet, half its life gone, or it would say something else.

    So what a killed process entered and did not publish is published by the next start.
    """
    newest = trust_list_newest()
    if newest is None or now - newest.issued_at > TRUST_LIST_LIFE / 2:
        return True
    listed = _next(facts, newest, now, successions.succeeded(newest, signer, None))
    return newest.content != _content(listed, signer)


def _next(
    facts: CountryFacts, newest: PublishedTrustList | None, now: datetime, succeeded: tuple[str, ...]
) -> trustlist.TrustList:
    """Return what the list after `newest` says."""
    # A host once listed stays: sheets that name it are in people's hands.
    hosts = tuple(dict.fromkeys([*facts.hosts, *(newest.hosts if newest else ())]))
    institutions = Institution.objects.prefetch_related("certificates", "dids")
    return trustlist.TrustList(
        country=facts.country,
        operator=facts.operator,
        sequence=newest.sequence + 1 if newest else 1,
        issued_at=now.replace(microsecond=0),
        next_update=now.replace(microsecond=0) + TRUST_LIST_LIFE,
        hosts=hosts,
        institutions=tuple(_listed(one, facts, hosts) for one in institutions),
        rpc_endpoints=tuple(facts.rpc_endpoints),
        anchor_certificates=tuple(facts.anchor_certificates),
        status_certificates=tuple(facts.status_certificates),
        predecessor=trustlist.fingerprint(bytes(newest.token)) if newest else None,
        succeeded=succeeded,
    )


def _content(listed: trustlist.TrustList, signer: Signer) -> str:
    """Return a digest of who says a list and of all that it says, but for what each list says anew.

    That is its number, its dates, its predecessor and its checkpoint.
    """
    timeless = replace(
        listed, sequence=1, issued_at=_TIMELESS, next_update=_TIMELESS, predecessor=None, checkpoint=None
    )
    said = json.dumps(trustlist.build(timeless), sort_keys=True).encode()
    return hashlib.sha256(hashlib.sha256(signer.certificate).digest() + said).hexdigest()


def _listed(institution: Institution, facts: CountryFacts, hosts: Sequence[str]) -> trustlist.Institution:
    return trustlist.Institution(
        code=institution.code,
        names=institution.names,
        domain=institution.domain,
        stores=(trustlist.Store(store_of(institution), compromised_at=institution.store_compromised_at),),
        certificates=tuple(
            trustlist.Certificate.from_der(
                bytes(one.der), retired_at=one.retired_at, compromised_at=one.compromised_at
            )
            for one in institution.certificates.all()
        ),
        document_types={
            code: facts.document_types[code]
            for code in institution.document_types
            if code in facts.document_types
        },
        status_uris=tuple(status_uri(host, number) for host in hosts for number in facts.status_lists),
        dids=tuple(trustlist.Did(one.url, one.compromised_at) for one in institution.dids.all()),
        revocation_stores=tuple(
            trustlist.StoreRef(institution.chain_id, institution.genesis, address)
            for address in institution.revocation_stores
        ),
        ocsp_responders=tuple(institution.ocsp_responders),
    )


def status_uri(host: str, number: int) -> str:
    """Return where a host publishes a status list (docs/protocol.md section 6)."""
    return f"{origin_of(host)}/status/{number}"
