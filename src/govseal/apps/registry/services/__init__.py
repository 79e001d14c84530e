"""What changes the registry: institutions, their seal keys, stores and DIDs, and the trust list that names them.

What is *not* here: making keys and certificates (`govseal.adapters.keys`), and the list's form
(`govseal.core.trustlist`).
"""

from govseal.apps.registry.services.dids import did_add, did_compromise
from govseal.apps.registry.services.institutions import entry_check, institution_add, store_compromise
from govseal.apps.registry.services.sealkeys import (
    seal_key_compromise,
    seal_key_prepare,
    seal_key_retire,
    seal_key_rotate,
)
from govseal.apps.registry.services.trustlists import (
    CountryFacts,
    status_uri,
    trust_list_adopt,
    trust_list_is_due,
    trust_list_publish,
    trust_list_restore,
)

__all__ = [
    "CountryFacts",
    "did_add",
    "did_compromise",
    "entry_check",
    "institution_add",
    "seal_key_compromise",
    "seal_key_prepare",
    "seal_key_retire",
    "seal_key_rotate",
    "status_uri",
    "store_compromise",
    "trust_list_adopt",
    "trust_list_is_due",
    "trust_list_publish",
    "trust_list_restore",
]
