"""Certificates as the vectors list them, with their dates."""

import base64
from datetime import datetime

from govseal.core.trustlist import Certificate


def listed(members: dict[str, str | None]) -> Certificate:
    """Return one certificate of a trust list."""

    def date(name: str) -> datetime | None:
        text = members[name]
        return datetime.fromisoformat(text) if text else None

    der = base64.b64decode(members["certificate"] or "")
    return Certificate.from_der(der, retired_at=date("retired_at"), compromised_at=date("compromised_at"))
