"""A web server on loopback that answers whatever a test wants, byte by byte, over TCP or TLS."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpcore
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.hashes import SHA256

from support.seals import NOT_AFTER, NOT_BEFORE, key

Answer = Callable[[socket.socket, bytes], None]
"""Gets the connection and the request's head, and sends what it likes."""


def reply(body: bytes, status: str = "200 OK", *headers: str) -> Answer:
    """Answer whole."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]

    def send(connection: socket.socket, _request: bytes) -> None:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    return send


class Served:
    """A running server.

    Attributes:
        port: on 127.0.0.1.
        requests: heads of the requests so far.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.requests: list[bytes] = []

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"


@contextmanager
def site(answer: Answer, *, tls: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Serve until the block ends; a connection that the client drops is no error."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Served(listener.getsockname()[1])

        def talk(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                secured = tls.wrap_socket(connection, server_side=True) if tls else connection
                with secured:
                    head = b""
                    while not head.endswith(b"\r\n\r\n") and (piece := secured.recv(4096)):
                        head += piece
                    served.requests.append(head)
                    answer(secured, head)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=talk, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def tls_contexts(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return (server, client): a server that calls itself `name`, and a client that believes its certificate."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    private = key(f"tls {name}")
    built = (
        x509.CertificateBuilder(subject, subject, private.public_key(), 7, NOT_BEFORE, NOT_AFTER)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate = built.public_bytes(pem)
    secret = private.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "tls.pem"
    file.write_bytes(secret + certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=certificate.decode())


class Redirected(httpcore.NetworkBackend):
    """Leads every address to one port of this machine, and remembers which were asked for."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.dialled: list[tuple[str, int]] = []

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: object
    ) -> httpcore.NetworkStream:
        self.dialled.append((host, port))
        if host.endswith(".255"):
            raise httpcore.ConnectError("nobody lives here")
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self._port, timeout)
