"""Where this installation lives and what it talks to: one value, read once from environment and data folder.

The environment wins over `run/services.json`, which a running demonstration writes so that a second
terminal finds its database and chain.

    >>> Configuration.load({"GOVSEAL_HOME": "/srv/govseal"}).home
    PosixPath('/srv/govseal')

What is *not* here: starting anything (`supervisor`), and choosing adapters (`wiring`).
"""

import fcntl
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govseal.core.errors import OperatorError

PROJECT_FOLDER = Path(__file__).resolve().parents[3]
DEFAULT_PORT = 8080
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_DIGITS = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Configuration:
    """How one installation is set up.

    Attributes:
        home: data folder: keys, published files, local database and chain.
        country_folder: the country pack in use.
        port: where the web server listens, on loopback.
        host: what QR codes name: a host name, or `http://localhost:<port>` in a demonstration.
        database_url: PostgreSQL to use; None starts the local one.
        rpc_url: EVM JSON-RPC to use; None starts the local chain.
        chain_id: EIP-155 id of that chain; 0 while none is known.
        genesis: hash of its block 0, `0x` and 64 hex digits; empty while none is known.
        finality: confirmations after which a block counts as final.
        batch_size: most documents under one root.
        batch_age: seconds that the oldest document of a batch waits at most for company.
        replace_after: seconds after which a transaction that is in no block is replaced by a dearer one.
        index_lag: seconds for which the index of the ledger, complete that long ago, answers the pages in the
            chain's place; 0 asks the chain each time.
        demonstration: whether the pack's loopback hosts and fictional data are in use.
        lan_address: this machine's address on the local network that a demonstration is shown to, or empty.
        dns: the resolver that is asked what domains say of documents without a seal: `system`, or its address; empty
            to ask none, so that the trust list alone speaks for issuers.
    """

    home: Path
    country_folder: Path
    port: int
    host: str
    database_url: str | None
    rpc_url: str | None
    chain_id: int
    genesis: str
    finality: int
    batch_size: int
    batch_age: float
    replace_after: float
    index_lag: float
    demonstration: bool
    dns: str = ""
    lan_address: str = ""

    @classmethod
    def load(cls, environment: Mapping[str, str], *, running: bool = True) -> "Configuration":
        """Read the configuration.

        Args:
            environment: variables of the process.
            running: whether to use what is running over the data folder already.

        Raises:
            OperatorError: a variable has a value that cannot be used; the message names it.
        """
        home = Path(environment.get("GOVSEAL_HOME") or PROJECT_FOLDER / "var").expanduser().absolute()
        services = _running_services(home) if running else {}
        port = _number(
            environment, "GOVSEAL_PORT", services.get("port", DEFAULT_PORT), at_least=1, at_most=65_535
        )
        host = environment.get("GOVSEAL_HOST") or services.get("host")
        lan_address = environment.get("GOVSEAL_LAN_ADDRESS") or services.get("lan_address", "")
        chain_id = _number(environment, "GOVSEAL_CHAIN_ID", services.get("chain_id", 0), at_least=1)
        genesis = environment.get("GOVSEAL_GENESIS") or services.get("genesis", "")
        if environment.get("GOVSEAL_RPC_URL") and not (chain_id and _HASH.fullmatch(genesis)):
            raise OperatorError(
                "GOVSEAL_RPC_URL alone names no chain: set GOVSEAL_CHAIN_ID, and GOVSEAL_GENESIS to the hash of its"
                " block 0 (0x and 64 hex digits)."
            )
        return cls(
            home=home,
            country_folder=_country_folder(environment.get("GOVSEAL_COUNTRY") or "kh"),
            port=port,
            host=host or f"http://localhost:{port}",
            database_url=environment.get("DATABASE_URL") or services.get("database_url"),
            rpc_url=environment.get("GOVSEAL_RPC_URL") or services.get("rpc_url"),
            chain_id=chain_id,
            genesis=genesis,
            finality=_number(environment, "GOVSEAL_FINALITY", 1, at_least=1),
            batch_size=_number(environment, "GOVSEAL_BATCH_SIZE", 5_000, at_least=1),
            batch_age=_number(environment, "GOVSEAL_BATCH_AGE", 2, at_least=0),
            replace_after=_number(environment, "GOVSEAL_REPLACE_AFTER", 60, at_least=1),
            index_lag=_number(environment, "GOVSEAL_INDEX_LAG", 0, at_least=0),
            demonstration=host is None or bool(lan_address),
            dns=environment.get("GOVSEAL_DNS", ""),
            lan_address=lan_address,
        )

    @property
    def services_file(self) -> Path:
        """Where a running demonstration says what it started."""
        return self.home / "run" / "services.json"

    @property
    def published_folder(self) -> Path:
        """Root of everything that anybody may read."""
        return self.home / "published"

    @property
    def trust_pin_file(self) -> Path:
        """Certificate (DER) of the key that signs the country's trust list."""
        return self.home / "trust" / "trust-list-signer.der"


def _country_folder(code: str) -> Path:
    packs = sorted(one.parent.name for one in (PROJECT_FOLDER / "countries").glob("*/country.json"))
    if code not in packs:
        raise OperatorError(
            f"GOVSEAL_COUNTRY is {code!r}: there is no such country pack. Known: {', '.join(packs)}."
        )
    return PROJECT_FOLDER / "countries" / code


def _number(
    environment: Mapping[str, str], name: str, default: int, *, at_least: int, at_most: int | None = None
) -> int:
    text = environment.get(name, "")
    if not text:
        return default
    number = int(text) if _DIGITS.fullmatch(text) else -1
    if number < at_least or (at_most is not None and number > at_most):
        which = f"{at_least} or more" if at_most is None else f"{at_least} to {at_most}"
        raise OperatorError(f"{name} is {text!r}: it must be a whole number, {which}.")
    return number


def _running_services(home: Path) -> dict[str, Any]:
    """Return what a live process wrote; a file whose writer died is not believed."""
    try:
        with (home / "run" / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pass  # held: somebody runs this home
    except OSError:
        return {}
    else:
        return {}
    try:
        services = json.loads((home / "run" / "services.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return services if isinstance(services, dict) else {}
