"""Add institutions, and publish the trust list that names them.

What is *not* here: making keys and certificates (`govseal.adapters.keys`), and the list's form
(`govseal.core.trustlist`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from govseal.apps.registry.models import Institution, PublishedTrustList
from govseal.apps.registry.selectors import store_of, trust_list_newest
from govseal.core import trustlist
from govseal.core.errors import RefusedError
from govseal.core.ports import LedgerWriter, PublishedWriter, Signer
from govseal.core.qrtext.origin import origin_of

TRUST_LIST_PATH = ".well-known/govseal/trust-list.jwt"
TRUST_LIST_LIFE = timedelta(days=30)
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
    return Institution.objects.create(
        code=code,
        names=dict(names),
        domain=domain,
        document_types=list(document_types),
        chain_id=store.chain_id,
        genesis=store.genesis,
        store_address=store.address,
        certificate=certificate,
        added_at=now,
    )


def trust_list_publish(
    *, facts: CountryFacts, signer: Signer, published: PublishedWriter, now: datetime
) -> PublishedTrustList:
    """Make, keep and publish the next trust list.

    The row is committed before the file is replaced: killed in between, the next start puts the kept bytes right
    (`trust_list_restore`). Publishers take turns, so that no sequence number is ever used for two lists and no
    older list replaces a newer file.
    """
    with _alone():
        newest = trust_list_newest()
        # A host once listed stays: sheets that name it are in people's hands.
        hosts = tuple(dict.fromkeys([*facts.hosts, *(newest.hosts if newest else ())]))
        listed = trustlist.TrustList(
            country=facts.country,
            operator=facts.operator,
            sequence=newest.sequence + 1 if newest else 1,
            issued_at=now.replace(microsecond=0),
            next_update=now.replace(microsecond=0) + TRUST_LIST_LIFE,
            hosts=hosts,
            institutions=tuple(_listed(one, facts, hosts) for one in Institution.objects.all()),
            rpc_endpoints=tuple(facts.rpc_endpoints),
            anchor_certificates=tuple(facts.anchor_certificates),
            status_certificates=tuple(facts.status_certificates),
            predecessor=trustlist.fingerprint(bytes(newest.token)) if newest else None,
        )
        token = trustlist.sign(listed, certificate=signer.certificate, signer=signer.sign).encode()
        row = PublishedTrustList.objects.create(
            sequence=listed.sequence, token=token, issued_at=now, hosts=hosts
        )
    trust_list_restore(published=published)
    return row


def trust_list_restore(*, published: PublishedWriter) -> bool:
    """Publish the newest kept list again, byte for byte; False when there is none yet."""
    with _alone():
        newest = trust_list_newest()
        if newest is None:
            return False
        published.replace(TRUST_LIST_PATH, bytes(newest.token))
        return True


@contextmanager
def _alone() -> Iterator[None]:
    """Keep every other publisher waiting until the transaction ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISHERS])
        yield


def trust_list_is_due(*, facts: CountryFacts, now: datetime) -> bool:
    """Say whether the next list must be made: none yet, half its life gone, or it lacks a host or institution."""
    newest = trust_list_newest()
    if newest is None or now - newest.issued_at > TRUST_LIST_LIFE / 2:
        return True
    # An institution whose adding was killed before its list was published.
    unlisted = Institution.objects.filter(added_at__gt=newest.issued_at).exists()
    return unlisted or not set(facts.hosts) <= set(newest.hosts)


def _listed(institution: Institution, facts: CountryFacts, hosts: Sequence[str]) -> trustlist.Institution:
    return trustlist.Institution(
        code=institution.code,
        names=institution.names,
        domain=institution.domain,
        stores=(trustlist.Store(store_of(institution)),),
        certificates=(trustlist.Certificate.from_der(bytes(institution.certificate)),),
        document_types={
            code: facts.document_types[code]
            for code in institution.document_types
            if code in facts.document_types
        },
        status_uris=tuple(status_uri(host, number) for host in hosts for number in facts.status_lists),
    )


def status_uri(host: str, number: int) -> str:
    """Return where a host publishes a status list (docs/protocol.md section 6)."""
    return f"{origin_of(host)}/status/{number}"
