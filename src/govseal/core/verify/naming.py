"""The part of step 7 that DNS may take away: what the domain in a document says of its issuer.

A trust list alone decides who is an issuer (section 6); DNS adds nobody. But a document without a seal, which lives
by OpenAttestation's rules, names a domain, and an issuer disowns a store or key there by removing its record.

Invariants: only the listed institution's own domain, and names below it, are asked for, and only of a document
whose issue and issuer hold so far. Who hides the name gains nothing: the listed domain itself is asked then. Native
documents ask for nothing: the list says all of theirs.

What is *not* here: the form of the records (`govseal.core.openattestation.records`).
"""

import re

from govseal.core.errors import DnsUnavailable, InputError
from govseal.core.openattestation import records
from govseal.core.ports import DnsReader
from govseal.core.verdict import Family
from govseal.core.verify.case import Case

_IDENTITY = Family.ISSUER_IDENTITY
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_LONGEST_NAME = 253


class _Once:
    """`DnsReader` that asks of each name once."""

    def __init__(self, dns: DnsReader) -> None:
        self._dns = dns
        self._told: dict[str, list[str] | DnsUnavailable] = {}

    def texts(self, name: str) -> list[str]:
        if name not in self._told:
            try:
                self._told[name] = self._dns.texts(name)
            except DnsUnavailable as error:
                self._told[name] = error
        told = self._told[name]
        if isinstance(told, DnsUnavailable):
            raise told
        return told


def once(dns: DnsReader | None) -> DnsReader | None:
    """Return a reader for documents that are verified together: one that does not answer is waited for once a name."""
    return _Once(dns) if dns else None


def check_domain(case: Case, dns: DnsReader | None) -> None:
    """Ask the domain that the document names, if any."""
    named = case.issuer.domain.lower().removesuffix(".")
    if case.native is not None or case.institution is None or not case.stands:
        return
    if not case.issuer.by_dns:
        return
    domain = named or case.institution.domain.lower()
    if not _is_below(domain, case.institution.domain.lower()):
        message = (
            "The domain that this document names is not the issuer's in the trust list, and was not asked."
        )
        case.skipped(7, "DnsRecord", _IDENTITY, "DNS_NOT_LISTED", message)
    elif dns is None:
        message = "The name system was not asked; the trust list speaks for the issuer."
        case.skipped(7, "DnsRecord", _IDENTITY, "DNS_NOT_ASKED", message)
    else:
        _ask(case, domain, dns)


def _ask(case: Case, domain: str, dns: DnsReader) -> None:
    try:
        texts = dns.texts(domain)
    except DnsUnavailable as error:
        case.error(7, "DnsRecord", _IDENTITY, error, domain=domain)
        return
    if _speaks(case, texts):
        case.valid(7, "DnsRecord", _IDENTITY, domain=domain)
    elif not case.issuer.domain:  # a name below the listed one may speak for it, and nobody can tell which
        message = (
            "The document hides the domain that speaks for its issuer: ask its holder for the whole document."
        )
        case.error(7, "DnsRecord", _IDENTITY, InputError(message, code="DNS_NAME_HIDDEN"), domain=domain)
    else:
        message = f"The domain {domain} does not name the register or key of this document as its issuer's."
        case.invalid(7, "DnsRecord", _IDENTITY, "DNS_RECORD_MISSING", message, domain=domain)


def _speaks(case: Case, texts: list[str]) -> bool:
    if case.store is None:
        return records.speaks_for_key(texts, case.issuer.key)
    return records.speaks_for_store(texts, chain_id=case.store.chain_id, address=case.store.address)


def _is_below(name: str, domain: str) -> bool:
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        return False
    return name == domain or name.endswith(f".{domain}")
