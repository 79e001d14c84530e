"""Checks whatever a person holds: text, PDF, picture or OpenAttestation file. Keeps nothing."""
