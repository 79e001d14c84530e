"""The way to a node: proxies, passwords, and connections that stay open or do not."""

import base64
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from govseal.adapters.evm.rpc import JsonRpc
from govseal.core.errors import LedgerUnavailable, OperatorError
from support.waiting import PATIENCE

BASIC = "Basic " + base64.b64encode(b"clerk:p@ss").decode()


class Node(ThreadingHTTPServer):
    """A node, or a proxy before one: answers every call with seven, and keeps what it was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, Any]] = []
        self.connections = 0
        self.closes = False
        self.missing = 0
        self.closed = threading.Semaphore(0)

    def process_request(self, *arguments: Any) -> None:
        self.connections += 1
        super().process_request(*arguments)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.closed.release()

    def url(self, user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Node

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((f"POST {self.path}", self.headers))
        answer = b'{"jsonrpc": "2.0", "id": 0, "result": "0x7"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer) + self.server.missing))
        self.end_headers()
        self.wfile.write(answer)
        self.close_connection = self.server.closes  # without a word of it

    def do_CONNECT(self) -> None:
        self.server.asked.append((f"CONNECT {self.path}", self.headers))
        self.send_error(403)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with Node() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def head_at(url: str) -> Any:
    with closing(JsonRpc(url, timeout=PATIENCE)) as rpc:
        return rpc.result("eth_blockNumber")


def test_a_chain_elsewhere_is_reached_through_the_proxy_of_the_environment(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", node.url("clerk:p%40ss@"))
    assert head_at("http://ledger.invalid:8545/v1?key=a") == "0x7"
    ((request, headers),) = node.asked
    assert request == "POST http://ledger.invalid:8545/v1?key=a"
    assert headers["Proxy-Authorization"] == BASIC
    assert headers["Host"] == "ledger.invalid:8545"


def test_a_proxy_that_refuses_the_way_to_a_chain_behind_tls_makes_it_away(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", node.url().removeprefix("http://"))
    with pytest.raises(LedgerUnavailable):
        head_at("https://ledger.invalid/v1")
    assert [request for request, _ in node.asked] == ["CONNECT ledger.invalid:443"]


def test_a_host_that_the_environment_spares_is_reached_directly(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", node.url())
    monkeypatch.setenv("no_proxy", "other.invalid,ledger.invalid")
    with pytest.raises(LedgerUnavailable):  # nobody has such a name
        head_at("http://ledger.invalid:8545")
    assert node.asked == []


def test_a_chain_on_this_machine_is_reached_directly_with_the_password_in_its_url(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert head_at(node.url("clerk:p%40ss@")) == "0x7"
    ((request, headers),) = node.asked
    assert (request, headers["Authorization"]) == ("POST /", BASIC)


def test_a_connection_stays_open(node: Node) -> None:
    with closing(JsonRpc(node.url(), timeout=PATIENCE)) as rpc:
        assert [rpc.result("eth_blockNumber") for _ in range(3)] == ["0x7"] * 3
    assert node.connections == 1


def test_a_connection_that_the_node_has_closed_meanwhile_is_opened_anew(node: Node) -> None:
    node.closes = True
    with closing(JsonRpc(node.url(), timeout=PATIENCE)) as rpc:
        for _ in range(3):
            assert rpc.result("eth_blockNumber") == "0x7"
            assert node.closed.acquire(timeout=PATIENCE)
    assert node.connections == 3


def test_an_answer_that_is_cut_short_is_none_and_the_next_one_comes_by_another_connection(node: Node) -> None:
    node.closes, node.missing = True, 1
    with closing(JsonRpc(node.url(), timeout=PATIENCE)) as rpc:
        with pytest.raises(LedgerUnavailable) as error:
            rpc.result("eth_blockNumber")
        assert error.value.facts["cause"] == "RemoteProtocolError"
        node.missing = 0
        assert rpc.result("eth_blockNumber") == "0x7"
    assert node.connections == 2


@pytest.mark.parametrize("url", ["http://ledger.example:port", "http://lédger.example", "http://[::1"])
def test_an_address_that_is_none_is_the_operators_to_mend(url: str) -> None:
    with pytest.raises(OperatorError):
        JsonRpc(url)


def test_an_address_of_another_kind_is_away() -> None:
    with pytest.raises(LedgerUnavailable):
        head_at("ftp://ledger.invalid")
