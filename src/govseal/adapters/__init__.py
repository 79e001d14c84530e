"""One outside thing each, behind the protocols of `govseal.core.ports`."""
