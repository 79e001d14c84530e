"""Seals and certificates of one made-up institution, the same at every run."""

import sys

from support.vectors import FOLDER

sys.path.insert(0, str(FOLDER))
try:
    from makers.common import certificate, claims, drawn, key, sealed, signer
finally:
    sys.path.remove(str(FOLDER))

__all__ = ["certificate", "claims", "drawn", "key", "sealed", "signer"]
