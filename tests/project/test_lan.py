"""`govseal serve --lan`: the certificates, the name and the code by which a phone finds a demonstration."""

import errno
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
import zxingcpp
from cryptography import x509

from govseal.adapters.mdns import Responder
from govseal.core.errors import GovsealError, OperatorError
from govseal.project import supervisor
from govseal.project.cli.showing import terminal_code
from govseal.project.lan import Lan, lan
from support.country import PATIENCE, Country
from support.ports import free_port
from support.site import reply, site

NOW = datetime.now(UTC)
NAME, ADDRESS = "demo-of-a-test.local", "127.0.0.1"


def found(home: Path, **changes: object) -> Lan:
    stated = {"name": NAME, "address": ADDRESS, "port": free_port(), "now": NOW}
    return lan(home, **{**stated, **changes})  # type: ignore[arg-type] # a test states what it likes


# --- certificates -------------------------------------------------------------------------------------


@contextmanager
def served(place: Lan) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place.certificates.server, place.certificates.key)
    with site(reply(b"here"), tls=context) as running:
        yield running.port


@pytest.mark.parametrize("asked", [NAME, "localhost", "127.0.0.1"])
def test_a_phone_that_believes_the_authority_believes_the_name_and_the_address(
    tmp_path: Path, asked: str
) -> None:
    place = found(tmp_path)
    believes = ssl.create_default_context(cafile=place.certificates.authority)
    with (
        served(place) as port,
        socket.create_connection(("127.0.0.1", port)) as plain,
        believes.wrap_socket(plain, server_hostname=asked) as secured,
    ):
        assert secured.version() in {"TLSv1.2", "TLSv1.3"}


def test_it_is_believed_for_nothing_else(tmp_path: Path) -> None:
    place = found(tmp_path)
    believes = ssl.create_default_context(cafile=place.certificates.authority)
    with (
        served(place) as port,
        socket.create_connection(("127.0.0.1", port)) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        believes.wrap_socket(plain, server_hostname="verify.example")
    authority = x509.load_pem_x509_certificate(place.certificates.authority.read_bytes())
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    names = {one.value for one in limits.value.permitted_subtrees or [] if isinstance(one, x509.DNSName)}
    assert names == {NAME, "localhost"}
    assert place.certificates.key.stat().st_mode & 0o077 == 0


def test_certificates_are_kept_until_name_address_or_time_ask_for_others(tmp_path: Path) -> None:
    first = found(tmp_path).certificates.authority.read_bytes()
    assert found(tmp_path).certificates.authority.read_bytes() == first
    assert found(tmp_path, address="192.168.7.7").certificates.authority.read_bytes() != first
    second = found(tmp_path).certificates.authority.read_bytes()
    assert found(tmp_path, name="another.local").certificates.authority.read_bytes() != second
    third = found(tmp_path, now=NOW).certificates.authority.read_bytes()
    assert found(tmp_path, now=NOW + timedelta(days=85)).certificates.authority.read_bytes() != third


def test_a_making_that_was_killed_half_way_is_made_anew(tmp_path: Path) -> None:
    place = found(tmp_path / "this")
    place.certificates.key.write_bytes(found(tmp_path / "other").certificates.key.read_bytes())
    with served(found(tmp_path / "this")):  # a context refuses a key that is not the certificate's
        assert place.certificates.key.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_shown_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OperatorError, match="--port"):
        found(tmp_path, port=taken.getsockname()[1])
    with pytest.raises(GovsealError):
        found(tmp_path, name="not a name")
    with pytest.raises(GovsealError):
        found(tmp_path, address="::1")


def test_the_web_server_answers_by_https_with_codes_of_that_name(country: Country, tmp_path: Path) -> None:
    place = found(tmp_path)
    environment = {"GOVSEAL_HOST": place.name, "GOVSEAL_LAN_ADDRESS": ADDRESS}
    process = country.start(supervisor._web_command(place.port, place), **environment)
    try:
        country.until(
            lambda: (
                process.poll() is not None or supervisor._answers(f"https://localhost:{place.port}", place)
            )
        )
        believes = ssl.create_default_context(cafile=place.certificates.authority)
        answer = httpx.get(place.origin, verify=believes, trust_env=False, timeout=PATIENCE)
        assert answer.status_code == 200, country.log()
        named = httpx.get(
            place.origin, verify=believes, trust_env=False, timeout=PATIENCE, headers={"Host": place.name}
        )
        assert named.status_code == 200
    finally:
        process.terminate()
        process.wait(PATIENCE)


# --- the name -----------------------------------------------------------------------------------------


def question(name: str, kind: int = 1, form: int = 1, *, number: int = 7) -> bytes:
    labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
    return struct.pack("!6H", number, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, form)


@pytest.fixture
def responder() -> Responder:
    return Responder(NAME, "192.168.7.7")


def test_the_name_is_answered_with_the_address(responder: Responder) -> None:
    for kind, form, alone in [(1, 1, False), (255, 1, False), (1, 0x8001, True)]:
        ((answer, to_asker),) = responder.answers(question(NAME.upper(), kind, form), legacy=False)
        assert to_asker == alone
        assert struct.unpack_from("!6H", answer) == (0, 0x8400, 0, 1, 0, 0)
        assert answer.endswith(struct.pack("!2HIH4B", 1, 0x8001, 120, 4, 192, 168, 7, 7))


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\0" * 11,
        question("other.local"),
        question(NAME, 28),
        question(NAME, 1, 3),
        question(NAME)[:-3],
        struct.pack("!6H", 7, 0x8400, 1, 0, 0, 0) + question(NAME)[12:],
        struct.pack("!6H", 7, 0, 60_000, 0, 0, 0) + question(NAME)[12:],
        struct.pack("!6H", 7, 0, 1, 0, 0, 0) + b"\xc0\x0c" + struct.pack("!2H", 1, 1),
    ],
)
def test_anything_else_is_passed_over(responder: Responder, datagram: bytes) -> None:
    assert list(responder.answers(datagram, legacy=False)) == []


def test_over_the_network_an_asker_gets_its_question_and_the_answer_back() -> None:
    port = free_port()
    with Responder(NAME, "127.0.0.1", port=port), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(PATIENCE)
        asker.sendto(b"\xff" * 900, ("127.0.0.1", port))
        asker.sendto(question(NAME, number=77), ("127.0.0.1", port))
        answer = asker.recv(1500)
    assert struct.unpack_from("!6H", answer) == (77, 0x8400, 1, 1, 0, 0)
    assert answer.endswith(bytes([127, 0, 0, 1]))


class Unreachable(socket.socket):
    """A socket from which nothing can be sent, as when the network has gone."""

    def sendto(self, *_: object) -> int:  # type: ignore[override] # whatever is sent
        raise OSError(errno.ENETUNREACH, "Network is unreachable")


def test_an_asker_that_cannot_be_answered_ends_nothing(responder: Responder) -> None:
    with Unreachable(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.sendto(question(NAME), listener.getsockname())
        listener.settimeout(0.1)
        responder._serve(listener)


# --- the code -----------------------------------------------------------------------------------------


def test_the_code_in_the_terminal_can_be_scanned() -> None:
    lines = terminal_code("https://192.168.7.7/")
    halves = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    rows = [[halves[one][half] for one in line] for line in lines for half in (0, 1)]
    picture = np.kron(np.array(rows, dtype=np.uint8), np.ones((6, 6), dtype=np.uint8))
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == ["https://192.168.7.7/"]
