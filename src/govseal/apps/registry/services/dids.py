"""The DIDs whose signatures are an institution's, and where it revokes what they have signed.

    did_add(institution=…, url="did:ethr:0x…#controller", …)     # then publish the list
    did_compromise(institution=…, url=…, since=…, now=…)         # then publish

Listing a DID is the permission to issue OpenAttestation documents without a seal by its signature, and by nothing
else (docs/protocol.md 1.15). A DID once entered stays, so that what it signed is judged by it; the key itself is
the institution's own affair and never here.

What is *not* here: judging documents by it (`govseal.core.verify`).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from govseal.apps.registry.models import Institution, ListedDid
from govseal.core.errors import InputError, MalformedQrText, RefusedError
from govseal.core.openattestation import did
from govseal.core.qrtext import origin

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_CONTROLLER = "#controller"
_LONGEST_LOCATION = 500
_LOOPBACK = "http://"


def did_add(
    *,
    institution: Institution,
    url: str,
    revocation_stores: Sequence[str] = (),
    ocsp_responders: Sequence[str] = (),
    loopback: bool = False,
    now: datetime,
) -> ListedDid:
    """Enter a DID, and where documents signed by it may say that they are revoked.

    Entering it again changes nothing but adds such places.

    Args:
        institution: whose it is.
        url: `did:ethr:0x…#controller`, written as its documents write it.
        revocation_stores: addresses of DocumentStores on the institution's chain; its own counts without being named.
        ocsp_responders: locations, `https://ocsp.example/v1`.
        loopback: whether a responder may be on this machine, as in a demonstration.
        now: the moment of entry.

    Raises:
        InputError: `MALFORMED_DID`, `MALFORMED_STORE` or `MALFORMED_RESPONDER`.
        RefusedError: the DID is another institution's (`DID_TAKEN`).
    """
    _require_did(url)
    stores = [_store(one) for one in revocation_stores]
    for location in ocsp_responders:
        _require_responder(location, loopback=loopback)
    with transaction.atomic():
        row, _ = ListedDid.objects.get_or_create(
            url=url, defaults={"institution": institution, "added_at": now}
        )
        if row.institution_id != institution.pk:
            raise RefusedError("That DID is another institution's.", code="DID_TAKEN")
        place = Institution.objects.select_for_update().get(pk=institution.pk)
        place.revocation_stores = _united(place.revocation_stores, stores)
        place.ocsp_responders = _united(place.ocsp_responders, ocsp_responders)
        place.save(update_fields=["revocation_stores", "ocsp_responders"])
    return row


def did_compromise(*, institution: Institution, url: str, since: datetime, now: datetime) -> ListedDid:
    """Say that somebody else may have signed with a DID's key since a moment; the earliest ever said counts.

    No date on a signature is attested by anybody: from then on all that the DID has signed is "could not check".

    Raises:
        InputError: a moment to come (`MALFORMED_MOMENT`), or no such DID of that institution (`UNKNOWN_DID`).
    """
    if since > now:
        raise InputError("A key cannot be stolen in the future.", code="MALFORMED_MOMENT")
    with transaction.atomic():
        row = ListedDid.objects.select_for_update().filter(institution=institution, url=url).first()
        if row is None:
            known = ", ".join(institution.dids.values_list("url", flat=True)) or "none yet"
            raise InputError(
                f"{institution.code!r} has no DID {url!r}. Its own: {known}.", code="UNKNOWN_DID"
            )
        row.compromised_at = min(row.compromised_at or since, since).replace(microsecond=0)
        row.save(update_fields=["compromised_at"])
    return row


def _require_did(url: str) -> None:
    controller = did.controller(url)
    if controller is None or not url.endswith(_CONTROLLER):
        raise InputError(f"Write {url!r} as did:ethr:0x…#controller.", code="MALFORMED_DID")
    _require_checksum(url.removesuffix(_CONTROLLER)[-len(controller) :], "MALFORMED_DID")


def _store(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise InputError(
            f"{address!r} is no address of a store: 0x and 40 hex digits.", code="MALFORMED_STORE"
        )
    _require_checksum(address, "MALFORMED_STORE")
    return did.checksummed(bytes.fromhex(address[2:]))


def _require_checksum(address: str, code: str) -> None:
    """Refuse a slip of the pen (EIP-55): digits of both cases must be those that the address itself gives."""
    digits = address[2:]
    mixed = digits not in {digits.lower(), digits.upper()}
    if mixed and address != did.checksummed(bytes.fromhex(digits)):
        raise InputError(f"The address {address} has a slip in it: its checksum is wrong.", code=code)


def _require_responder(location: str, *, loopback: bool) -> None:
    try:
        host, rest = origin.split(location)
    except MalformedQrText:
        host = rest = ""
    plain = len(location) <= _LONGEST_LOCATION and not {"?", "#", "%"} & set(rest)
    whole = not rest or {"", ".", ".."}.isdisjoint(rest.removeprefix("/").split("/"))
    if not host or not plain or not whole or (host.startswith(_LOOPBACK) and not loopback):
        raise InputError(
            f"Write {location!r} as https://, a lower-case host name and, if need be, a path.",
            code="MALFORMED_RESPONDER",
        )


def _united(known: Iterable[str], more: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*known, *more]))
