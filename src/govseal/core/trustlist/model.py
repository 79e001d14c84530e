"""What a trust list says, as plain values (docs/protocol.md section 6).

Invariants:

- A list speaks for one country; under one institution stand its domain, stores, certificates, document
  types and status lists, and a document must find all of its own there ("One authority").
- What is retired or compromised stays listed, with the date.
- Every time is an aware UTC `datetime` of whole seconds.

    >>> store = StoreRef(chain_id=1337, genesis="0x" + "ab" * 32, address="0x" + "Cd" * 20)
    >>> store.key == StoreRef(1337, store.genesis, store.address.lower()).key
    True

What is *not* here: the published JSON form (`lote`, `reading`), its signature (`token`), and what a date means
for a verdict (`govseal.core.verify`).
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from cryptography import x509

from govseal.core.errors import InputError

_GENESIS = re.compile(r"0x[0-9a-f]{64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True, slots=True)
class StoreRef:
    """One DocumentStore of one chain; a chain is known by its id *and* its genesis block.

    Attributes:
        chain_id: EIP-155 chain id, 1 or more.
        genesis: hash of block 0, `0x` and 64 lower-case hex digits.
        address: checksummed contract address, `0x` and 40 hex digits.

    Raises:
        InputError: a part has another form.
    """

    chain_id: int
    genesis: str
    address: str

    def __post_init__(self) -> None:
        if self.chain_id < 1 or not _GENESIS.fullmatch(self.genesis) or not _ADDRESS.fullmatch(self.address):
            raise InputError(
                "A store is named by a chain id, a genesis hash and an address.", code="MALFORMED_STORE"
            )

    @property
    def key(self) -> tuple[int, str, str]:
        """What two references to the same store share, however their address is capitalised."""
        return self.chain_id, self.genesis, self.address.lower()


@dataclass(frozen=True, slots=True)
class Store:
    """A store an institution anchors in, or used to.

    Attributes:
        ref: which one.
        retired_at: from when it issues nothing more; None while in use.
        compromised_at: from when its ledger key is no longer trusted.
    """

    ref: StoreRef
    retired_at: datetime | None = None
    compromised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A P-256 certificate that signs seals (or status lists, or anchor receipts).

    Attributes:
        der: the X.509 certificate.
        not_before: first moment of its validity, read from the certificate.
        not_after: last moment of its validity, read from the certificate.
        retired_at: from when it signs nothing more; None while in use.
        compromised_at: from when its key is no longer trusted.
    """

    der: bytes
    not_before: datetime
    not_after: datetime
    retired_at: datetime | None = None
    compromised_at: datetime | None = None

    @classmethod
    def from_der(
        cls, der: bytes, *, retired_at: datetime | None = None, compromised_at: datetime | None = None
    ) -> "Certificate":
        """Take the validity from the certificate itself.

        Raises:
            InputError: `der` is not an X.509 certificate.
        """
        try:
            parsed = x509.load_der_x509_certificate(der)
            validity = parsed.not_valid_before_utc, parsed.not_valid_after_utc
        except ValueError as error:
            raise InputError("This is not an X.509 certificate.", code="MALFORMED_CERTIFICATE") from error
        return cls(der, *validity, retired_at=retired_at, compromised_at=compromised_at)

    @property
    def kid(self) -> bytes:
        """First 8 bytes of the certificate's SHA-256 (docs/protocol.md section 5)."""
        return hashlib.sha256(self.der).digest()[:8]

    def valid_at(self, moment: datetime) -> bool:
        """Say whether `moment` lies in the validity and before retirement; compromise is judged apart."""
        return self.not_before <= moment <= self.not_after and (
            self.retired_at is None or moment < self.retired_at
        )


@dataclass(frozen=True, slots=True)
class Did:
    """A key that signs OpenAttestation documents, named by its DID URL.

    Attributes:
        url: exact DID URL of the verification method, such as `did:ethr:0x…#controller`.
        compromised_at: from when the key is no longer trusted. A signature bears no date that anybody attests, so
            that nothing it signed can be told from what a thief signed.
    """

    url: str
    compromised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DocumentTypeRule:
    """What an institution may issue under one type code.

    Attributes:
        decisive: codes of the fields whose values stand in the seal, and must be visible on a sheet.
        names: the type's name per language.
    """

    decisive: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Institution:
    """One issuer.

    Attributes:
        code: its code within the country; a seal's `iss` is `<CC>/<code>`.
        names: its name per language; what a verifier shows.
        domain: its DNS name.
        stores: its DocumentStores.
        certificates: its seal certificates.
        document_types: what it may issue, by type code.
        status_uris: the status lists its documents may name.
        dids: keys that sign its OpenAttestation documents.
        revocation_stores: where it revokes what those keys have signed, besides its DocumentStores.
        ocsp_responders: exact locations of OCSP responders that tell what it has revoked.
    """

    code: str
    names: Mapping[str, str]
    domain: str
    stores: tuple[Store, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    document_types: Mapping[str, DocumentTypeRule] = field(default_factory=dict)
    status_uris: tuple[str, ...] = ()
    dids: tuple[Did, ...] = ()
    revocation_stores: tuple[StoreRef, ...] = ()
    ocsp_responders: tuple[str, ...] = ()

    def certificates_with(self, kid: bytes) -> list[Certificate]:
        """Return every certificate of that key id: more than one may match, and each is to be tried."""
        return [certificate for certificate in self.certificates if certificate.kid == kid]

    def store(self, ref: StoreRef) -> Store | None:
        """Return the listed store `ref` names, or None."""
        return next((store for store in self.stores if store.ref.key == ref.key), None)

    def did(self, url: str) -> Did | None:
        """Return the listed DID of that exact URL, or None."""
        return next((did for did in self.dids if did.url == url), None)

    def revocation_store(self, address: str) -> StoreRef | None:
        """Return the listed store at that address, however capitalised, in which it revokes; None when unsure."""
        listed = {ref.key: ref for ref in (*self.revocation_stores, *(store.ref for store in self.stores))}
        found = [ref for ref in listed.values() if ref.address.lower() == address.lower()]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class RpcEndpoint:
    """Where a chain may be read: `url` answers JSON-RPC for the chain of that id and genesis hash."""

    chain_id: int
    genesis: str
    url: str


@dataclass(frozen=True, slots=True)
class Build:
    """A released browser verifier: its `name`, `version` and the hex SHA-256 of its bytes."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A block that the list's maker saw: back-dating is judged by what others held before."""

    chain_id: int
    genesis: str
    block_number: int
    block_hash: str
    block_time: datetime


@dataclass(frozen=True)
class TrustList:
    """One country's list.

    Attributes:
        country: ISO 3166-1 alpha-2, upper case.
        operator: name of the list's maker per language.
        sequence: grows by one with every list; 1 or more.
        issued_at: when it was made.
        next_update: after this moment the list is stale.
        hosts: origins whose QR codes this list judges: exact lower-case ASCII host names, in a
            demonstration list also `http://localhost:<port>`.
        institutions: its issuers.
        rpc_endpoints: where its chains may be read.
        builds: browser verifiers it vouches for.
        anchor_certificates: keys that sign anchor receipts.
        status_certificates: keys that sign status lists.
        checkpoint: a block its maker saw.
        predecessor: hex SHA-256 of the token before this one.
        succeeded: hex SHA-256 of the certificates of the keys that signed earlier lists and, by a statement of each
            (`succession`), lead to the one that signs this; oldest first.

    Raises:
        InputError: a host, institution, store, DID or certificate is named twice (`AMBIGUOUS_TRUST_LIST`):
            an issuer must be found in one place or not at all.
    """

    country: str
    operator: Mapping[str, str]
    sequence: int
    issued_at: datetime
    next_update: datetime
    hosts: tuple[str, ...]
    institutions: tuple[Institution, ...]
    rpc_endpoints: tuple[RpcEndpoint, ...] = ()
    builds: tuple[Build, ...] = ()
    anchor_certificates: tuple[Certificate, ...] = ()
    status_certificates: tuple[Certificate, ...] = ()
    checkpoint: Checkpoint | None = None
    predecessor: str | None = None
    succeeded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        certificates = [one.der for institution in self.institutions for one in institution.certificates]
        for what, names in (
            ("host", self.hosts),
            ("institution", [institution.code for institution in self.institutions]),
            ("store", [store.ref.key for one in self.institutions for store in one.stores]),
            ("DID", [did.url for one in self.institutions for did in one.dids]),
            ("certificate", certificates),
        ):
            if len(set(names)) != len(names):
                raise InputError(f"A {what} stands twice in the trust list.", code="AMBIGUOUS_TRUST_LIST")

    def speaks_for(self, host: str) -> bool:
        """Say whether QR codes of `host` are this list's to judge: an exact match, nothing looser."""
        return host in self.hosts

    def find_institution(self, code: str) -> Institution | None:
        """Return the institution of that code, or None."""
        return self._by_code.get(code)

    def find_issuer(self, issuer: str) -> Institution | None:
        """Return the institution a seal's `iss` (`<CC>/<code>`) names, or None."""
        country, _, code = issuer.partition("/")
        return self.find_institution(code) if country == self.country else None

    def find_did(self, did_url: str) -> Institution | None:
        """Return the institution that lists this exact DID URL, or None."""
        return self._by_did.get(did_url)

    def find_stores(self, address: str) -> Sequence[tuple[Institution, StoreRef]]:
        """Return each store at that address, however capitalised, with its institution: one for each of its chains."""
        return self._by_address.get(address.lower(), ())

    @cached_property
    def _by_code(self) -> dict[str, Institution]:
        return {one.code: one for one in self.institutions}

    @cached_property
    def _by_did(self) -> dict[str, Institution]:
        return {did.url: one for one in self.institutions for did in one.dids}

    @cached_property
    def _by_address(self) -> dict[str, list[tuple[Institution, StoreRef]]]:
        found: dict[str, list[tuple[Institution, StoreRef]]] = {}
        for institution in self.institutions:
            for store in institution.stores:
                found.setdefault(store.ref.address.lower(), []).append((institution, store.ref))
        return found
