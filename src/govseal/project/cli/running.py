"""Reach a running installation from a command, or run one for as long as the command takes."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from govseal.project.cli.output import OUTPUT

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.project.configuration import Configuration
    from govseal.project.wiring.checking import Checker
    from govseal.project.wiring.office import Office


def setup_django() -> None:
    """Make models and settings usable in this process."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govseal.project.settings")
    django.setup()


@contextmanager
def installation() -> Iterator[tuple["Office", Callable[[], None]]]:
    """Yield the office and a check that raises when a process it depends on has died.

    Uses what runs over the data folder, or what the environment names; otherwise starts database, chain and
    worker and ends them afterwards.
    """
    from govseal.project.configuration import Configuration

    configuration = Configuration.load(os.environ)
    if configuration.database_url and configuration.rpc_url:
        with office_of(configuration) as office:
            yield office, lambda: None
        return
    from govseal.project import supervisor

    OUTPUT.stage("Nothing runs here: starting database, chain and worker")
    supervisor.end_on_signals()
    with supervisor.Platform(configuration) as platform, office_of(platform.configuration) as office:
        yield office, platform.check


@contextmanager
def checker() -> Iterator["Checker"]:
    """Yield a verifier; the local chain is started for as long as it is needed when it does not run."""
    from govseal.project.configuration import Configuration
    from govseal.project.wiring.checking import Checker

    configuration = Configuration.load(os.environ)
    folder = configuration.home / "chain"
    if configuration.rpc_url or not folder.is_dir():
        yield Checker(configuration)
        return
    from govseal.adapters.localchain import LocalChain

    with LocalChain(folder, port=0) as chain:
        yield Checker(
            replace(configuration, rpc_url=chain.rpc_url, chain_id=chain.chain_id, genesis=chain.genesis)
        )


@contextmanager
def office_of(configuration: "Configuration") -> Iterator["Office"]:
    """Yield the office of an installation whose database and chain run."""
    setup_django()
    from govseal.project.database import require_database

    require_database(configuration.database_url or "")
    from django.db import connection

    from govseal.project.wiring.office import Office

    try:
        yield Office(configuration)
    finally:
        connection.close()
        if pool := getattr(connection, "pool", None):
            pool.close()


def restore_trust_list(configuration: "Configuration") -> None:
    """See that the list in force is published and names this host."""
    with office_of(configuration) as office:
        if office.institution_codes():
            office.trust_list_ensure()
