"""govseal: seal, anchor, print and verify official documents."""

__version__ = "0.1.0"
