"""Evidence: what the ledger says, kept where it can be asked often and fast."""
