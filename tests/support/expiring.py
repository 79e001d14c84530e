"""A press release whose last day is over, made in a process of the office."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office


def prepare_until_yesterday(office: "Office", institution: str, number: str) -> tuple[str, str]:
    """Seal a press release that was valid until yesterday and leave it to the worker; return its id and code.

    The office does not release what has expired, so its code comes from the escrow.
    """
    from govseal.core import qrtext  # noqa: PLC0415 - its process sets Django up first
    from govseal.project.wiring import keys  # noqa: PLC0415 - needs Django, which is set up by now

    document = office.typeset(
        institution_code=institution,
        type_code="press-release",
        number=number,
        issued=date(2026, 1, 15),
        fields=office.country.document_types["press-release"].sample,
        valid_until=datetime.now(UTC).date() - timedelta(days=1),
    )
    escrow = keys.escrow(office.configuration, institution)
    secret = escrow.reveal(bytes(document.escrow), context=document.pk)
    return document.pk, qrtext.CompactCode(office.configuration.host, secret).text
