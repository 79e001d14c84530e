"""web3.py over our own JSON-RPC connection, and its errors told apart as ours.

One connection carries reading and writing, so both fail in one way. Import this module only to write: web3
takes more than a second to load.

What is *not* here: what is sent (`writer`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from web3 import Web3
from web3.exceptions import ContractLogicError, Web3Exception
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers import BaseProvider
from web3.types import Nonce, RPCEndpoint, RPCResponse
from web3.utils.address import get_create_address

from govseal.adapters.evm.rpc import JsonRpc, RpcError
from govseal.core.errors import LedgerTakesNot, RefusedError


class _Provider(BaseProvider):
    """web3's provider over a `JsonRpc`."""

    def __init__(self, rpc: JsonRpc) -> None:
        super().__init__()
        self._rpc = rpc

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Make one call; a node's error goes on to web3, which decodes reverts."""
        answer = self._rpc.answers([(method, params)])[0]
        if not isinstance(answer, RpcError):
            return {"jsonrpc": "2.0", "id": 0, "result": answer}
        error: dict[str, Any] = {"code": answer.code, "message": answer.message}
        # web3 takes the mere presence of `data: null` for a revert.
        if answer.data is not None:
            error["data"] = answer.data
        return {"jsonrpc": "2.0", "id": 0, "error": error}  # type: ignore[typeddict-item] # an error's exact shape


def web3_over(rpc: JsonRpc) -> Web3:
    """Return a `Web3` that reads the long headers of proof-of-authority chains too."""
    web3 = Web3(_Provider(rpc))
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return web3


def address_of_contract(sender: str, nonce: int) -> str:
    """Return the checksummed address of the contract that an account deploys under a nonce."""
    return str(get_create_address(Web3.to_checksum_address(sender), Nonce(nonce)))


@contextmanager
def ledger_errors(account: str) -> Iterator[None]:
    """Raise web3's errors as ours: `RefusedError` where the contract says no, else `LedgerTakesNot`."""
    try:
        yield
    except ContractLogicError as error:
        reason = (error.message or "").removeprefix("execution reverted: ")
        code = "LEDGER_ROLE_MISSING" if reason.startswith("AccessControl:") else None
        raise RefusedError(f"The document store refuses: {reason}", code=code, reason=reason) from error
    except Web3Exception as error:
        if "insufficient funds" in str(error).lower():
            raise LedgerTakesNot(
                f"The ledger account {account} cannot pay for gas.",
                code="LEDGER_ACCOUNT_EMPTY",
                account=account,
            ) from error
        raise LedgerTakesNot(f"The ledger did not take the transaction: {error}", account=account) from error
