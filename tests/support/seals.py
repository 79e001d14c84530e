"""Seals and certificates of one made-up institution, the same at every run."""

import sys

from support.vectors import FOLDER

sys.path.insert(0, str(FOLDER))
try:
    from makers.common import NOT_AFTER, NOT_BEFORE, OPERATOR, certificate, claims, drawn, key, sealed, signer
    from makers.native import built as native_data
finally:
    sys.path.remove(str(FOLDER))

__all__ = [
    "NOT_AFTER",
    "NOT_BEFORE",
    "OPERATOR",
    "certificate",
    "claims",
    "drawn",
    "key",
    "native_data",
    "sealed",
    "signer",
]
