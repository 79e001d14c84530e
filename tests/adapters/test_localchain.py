"""The local chain: it goes on where it stopped, whoever ended it, and says plainly what is in its way."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from govseal.adapters.localchain import LocalChain, state
from govseal.adapters.localchain import chain as localchain
from govseal.adapters.localchain.state import StateFile
from govseal.core.errors import OperatorError
from support.chain import mined
from support.nodes import rpc
from support.processes import ended
from support.waiting import PATIENCE, until

SUPERVISOR = """
import sys, time
from pathlib import Path
from govseal.adapters.localchain import LocalChain
chain = LocalChain(Path(sys.argv[1]), port=0)
chain.start()
print(chain.pid, chain.port, chain.genesis, flush=True)
time.sleep(3600)
"""


def wait_until_dead(chain: LocalChain) -> None:
    until(lambda: not chain.running)


def wait_until_written(chain: LocalChain, value: str) -> None:
    """Wait until the last whole state that was kept holds something (hex): the chain writes it each second."""
    kept = chain.folder / "state.kept.json"

    def is_written() -> bool:
        with suppress(FileNotFoundError):  # not yet, or just now giving way to a newer one
            return value.lower() in kept.read_text()
        return False

    until(is_written)


def test_a_stopped_chain_goes_on(new_chain: Any, new_ledger: Any) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store, root, genesis = ledger.deploy(account="treasury", name="Ministry"), os.urandom(32), chain.genesis
    mined(ledger, ledger.issue(store, root, account="treasury"))
    before = ledger.anchor(store, root)
    chain.stop()
    chain.start()
    assert chain.genesis == genesis
    assert new_ledger(chain).anchor(store, root) == before
    again = new_ledger(chain)
    mined(again, again.revoke(store, root, account="treasury"))


def test_a_chain_keeps_its_identity_and_its_clock_over_many_starts(new_chain: Any, new_ledger: Any) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store, genesis, roots = ledger.deploy(account="treasury", name="Ministry"), chain.genesis, []
    for _ in range(5):
        roots.append(os.urandom(32))
        mined(ledger, ledger.issue(store, roots[-1], account="treasury"))
        chain.stop()
        chain.start()
        ledger = new_ledger(chain)
        assert chain.genesis == genesis
        anchors = [ledger.anchor(store, root) for root in roots]
        assert all(anchors)
        assert abs(time.time() - anchors[-1].block_time.timestamp()) < PATIENCE


@pytest.fixture
def _copied_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "COPY_SECONDS", 0.05)


@pytest.mark.usefixtures("_copied_soon")
def test_a_killed_chain_goes_on_with_what_was_written(new_chain: Any, new_ledger: Any) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store, root, genesis = ledger.deploy(account="treasury", name="Ministry"), os.urandom(32), chain.genesis
    mined(ledger, ledger.issue(store, root, account="treasury"))
    wait_until_written(chain, root.hex())
    os.kill(chain.pid, signal.SIGKILL)
    wait_until_dead(chain)
    chain.start()
    assert chain.genesis == genesis
    assert new_ledger(chain).anchor(store, root) is not None


def test_a_chain_killed_at_once_keeps_its_identity(new_chain: Any) -> None:
    chain = new_chain()
    genesis = chain.genesis
    os.kill(chain.pid, signal.SIGKILL)
    chain.stop()
    chain.start()
    assert chain.genesis == genesis


@pytest.mark.parametrize("torn", [b"", b'{"block": {"number'])
def test_a_state_torn_by_a_kill_is_replaced_by_the_last_whole_one(new_chain: Any, torn: bytes) -> None:
    chain = new_chain()
    genesis = chain.genesis
    chain.stop()
    (chain.folder / "state.json").write_bytes(torn)
    chain.start()
    assert chain.genesis == genesis


@pytest.mark.usefixtures("_copied_soon")
def test_a_chain_killed_while_it_wrote_has_lost_little(new_chain: Any, new_ledger: Any) -> None:
    chain = new_chain()
    ledger = new_ledger(chain)
    store = ledger.deploy(account="treasury", name="Ministry")
    wait_until_written(chain, store.address)
    os.kill(chain.pid, signal.SIGKILL)
    wait_until_dead(chain)
    written = chain.folder / "state.json"
    written.write_bytes(written.read_bytes()[:-100])
    chain.start()
    assert new_ledger(chain).revoked(store, [bytes(32)]) == [False]


def test_what_was_whole_at_the_start_is_kept_though_it_is_torn_at_the_first_writing(tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    file.path.write_text('{"block": 1}')
    file.mend()
    file.path.write_text('{"blo')
    file.mend()
    assert json.loads(file.path.read_text()) == {"block": 1}


def test_a_copy_that_is_torn_itself_gives_way_to_the_one_before(tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    for content in ('{"block": 1}', '{"block": {}', '{"blo'):
        file.path.write_text(content)
        file.copy()
    file.mend()
    assert json.loads(file.path.read_text()) == {"block": 1}


def test_a_chain_whose_supervisor_is_killed_writes_its_state_and_goes(
    tmp_path: Path, new_ledger: Any
) -> None:
    folder = tmp_path / "chain"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(folder)], stdout=subprocess.PIPE, env=environment
    ) as supervisor:
        pid, port, genesis = supervisor.stdout.readline().decode().split()
        there = LocalChain(folder, port=int(port))
        there.genesis = genesis
        ledger = new_ledger(there)
        store, root = ledger.deploy(account="treasury", name="Ministry"), os.urandom(32)
        mined(ledger, ledger.issue(store, root, account="treasury"))
        supervisor.kill()
    until(lambda: ended(int(pid)), f"process {pid} is still alive")
    with LocalChain(folder, port=0) as chain:
        assert chain.genesis == genesis
        assert new_ledger(chain).anchor(store, root) is not None


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OperatorError, match=f"Port {port} is in use") as error:
            LocalChain(tmp_path / "chain", port).start()
    assert error.value.facts == {"port": port}


def test_a_folder_has_one_chain_at_a_time(new_chain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = new_chain()
    monkeypatch.setattr(localchain, "_LOCK_SECONDS", 0.1)
    with pytest.raises(OperatorError, match="Another process runs the local chain"):
        LocalChain(chain.folder, port=0).start()
    assert chain.running


def test_a_chain_that_does_not_start_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "chain"
    folder.mkdir()
    (folder / "state.json").write_text(json.dumps({"not": "a state"}))
    with pytest.raises(OperatorError, match=r"does not start: .*state"):
        LocalChain(folder, port=0).start()


def test_a_chain_that_is_not_installed_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVSEAL_NODE_MODULES", str(tmp_path))
    with pytest.raises(OperatorError, match="make setup"):
        LocalChain(tmp_path / "chain", port=0).start()


def test_a_missing_tool_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperatorError, match="setpriv is missing"):
        LocalChain(tmp_path / "chain", port=0).start()


def test_its_keys_are_its_own_and_stay_here(new_chain: Any) -> None:
    first, second = new_chain(), new_chain()
    assert first.account(0).address != second.account(0).address
    assert first.account(0).address == LocalChain(first.folder).account(0).address
    assert (first.folder / "mnemonic").stat().st_mode & 0o777 == 0o600
    assert first.folder.stat().st_mode & 0o077 == 0
    command = Path(f"/proc/{first.pid}/cmdline").read_bytes()
    assert (first.folder / "mnemonic").read_bytes() not in command
    assert rpc(first.rpc_url, "eth_accounts") == []


def test_it_listens_on_loopback_only(chain: LocalChain) -> None:
    lines = Path("/proc/net/tcp").read_text().splitlines() + Path("/proc/net/tcp6").read_text().splitlines()
    listening = [line.split()[1] for line in lines[1:] if line.split()[3] == "0A"]
    assert [entry for entry in listening if entry.endswith(f":{chain.port:04X}")] == [
        f"0100007F:{chain.port:04X}"
    ]


def test_a_web_page_of_another_origin_gets_no_leave(chain: LocalChain) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    answer = httpx.post(
        chain.rpc_url,
        json=request,
        headers={"Origin": "https://evil.example"},
        trust_env=False,
        timeout=PATIENCE,
    )
    assert "access-control-allow-origin" not in answer.headers


def test_stopping_twice_and_starting_twice_is_no_error(new_chain: Any) -> None:
    chain = new_chain()
    assert chain.start() == chain.rpc_url
    chain.stop()
    chain.stop()
    assert not chain.running
