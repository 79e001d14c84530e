"""The public site: anybody checks a document, without an account."""
