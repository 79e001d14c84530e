"""Reads of institutions and trust lists."""

from django.db.models import QuerySet

from govseal.apps.registry.models import Institution, PublishedTrustList, SealCertificate
from govseal.core import trustlist
from govseal.core.errors import InputError, OperatorError
from govseal.core.trustlist import StoreRef


def institutions() -> QuerySet[Institution]:
    """Return every institution, by code."""
    return Institution.objects.all()


def institution_get(code: str) -> Institution:
    """Return the institution of that code.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    found = Institution.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(Institution.objects.values_list("code", flat=True)) or "none yet"
        raise InputError(f"There is no institution {code!r}. Known: {known}.", code="UNKNOWN_INSTITUTION")
    return found


def institution_names(institution: Institution) -> dict[str, str]:
    """Return the institution's name per language; English is always there."""
    return {"en": institution.code, **institution.names}


def issuer_of(institution: Institution, country: str) -> str:
    """Return what a seal's `iss` says: `<CC>/<code>` (docs/protocol.md section 5)."""
    return f"{country}/{institution.code}"


def store_of(institution: Institution) -> StoreRef:
    """Return the DocumentStore the institution anchors in."""
    return StoreRef(institution.chain_id, institution.genesis, institution.store_address)


def trust_list_newest() -> PublishedTrustList | None:
    """Return the newest published trust list, or None."""
    return PublishedTrustList.objects.first()


def seal_certificates(institution: Institution) -> QuerySet[SealCertificate]:
    """Return the certificates of an institution's seal keys, oldest first."""
    return institution.certificates.all()


def seal_certificate_get(institution: Institution, certificate: bytes) -> SealCertificate:
    """Return the row of an institution's certificate (DER).

    Raises:
        InputError: there is none.
    """
    found = institution.certificates.filter(fingerprint=trustlist.fingerprint(certificate)).first()
    if found is None:
        raise InputError("The register does not know that certificate.", code="UNKNOWN_CERTIFICATE")
    return found


def seal_certificate_require(institution: Institution, certificate: bytes) -> None:
    """Refuse to seal under a certificate (DER) that verifiers were not told of, or told not to trust.

    The record beside the keys says it too; a record that was lost or put back from a backup does not.

    Raises:
        OperatorError: `NO_KEY_IN_USE`.
    """
    rows = SealCertificate.objects.filter(
        institution=institution,
        fingerprint=trustlist.fingerprint(certificate),
        used_from__isnull=False,
        retired_at__isnull=True,
        compromised_at__isnull=True,
    )
    if not rows.exists():
        message = f"The register does not let the seal key of {institution.code!r} seal: rotate it."
        raise OperatorError(message, code="NO_KEY_IN_USE")
