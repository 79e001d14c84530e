"""Chooses the adapters, one module for each kind of process.

- `public` for the web server that anybody reaches: reads published files and the ledger, holds no key;
- `worker` for the process that anchors: holds ledger accounts, and no key that signs seals;
- `office` for the command line of an institution or operator: holds seal keys and escrow.

What is *not* here: rules. Those are in the core and the apps.
"""
