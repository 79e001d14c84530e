"""Debian's nginx over `deploy/nginx.conf`, on ports of loopback and folders of a test's own."""

import http.server
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from support.country import PROJECT
from support.ports import free_port
from support.site import tls_contexts
from support.waiting import PATIENCE, until

CONFIGURATION = PROJECT / "deploy" / "nginx.conf"
_MAIN = """
{user}
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/start.log;
events {{ worker_connections 256; }}
http {{
    lingering_time {patience}s; lingering_timeout {patience}s;  # a refused sender hears why, however slowly it sends
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/govseal.conf;
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A running server.

    Attributes:
        client: asks it by https.
        plain: asks it by http.
        folder: holds its logs (`*.log`), and whatever it wrote to disk of bodies and answers.
    """

    client: httpx.Client
    plain: httpx.Client
    folder: Path

    def logs(self) -> str:
        """Return everything that was logged."""
        return "".join(file.read_text() for file in sorted(self.folder.glob("*.log")))


@dataclass
class Upstream:
    """The web server behind, in miniature.

    Attributes:
        port: on loopback.
        heads: the headers of each request, lower case.
        bodies: the length of each request's body.
    """

    port: int = 0
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[int] = field(default_factory=list)


@contextmanager
def upstream_of(page: bytes, headers: Mapping[str, str]) -> Iterator[Upstream]:
    """Answer every request with one page under `headers` until the block ends."""
    made = Upstream()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.heads.append({name.lower(): value for name, value in self.headers.items()})
            made.bodies.append(len(self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            self.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(page))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page)

        do_POST = do_GET  # noqa: N815 - http.server's own names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@contextmanager
def nginx(folder: Path, published: Path, web_port: int) -> Iterator[Nginx]:
    """Run nginx until the block ends; the test is skipped where there is none."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("Debian's nginx-light is not installed")
    _, believes = tls_contexts("localhost", folder)
    secure, plain = free_port(), free_port()
    text = CONFIGURATION.read_text("utf-8")
    for theirs, ours in {
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "/etc/ssl/govseal/certificate.pem": f"{folder}/tls.pem",
        "/etc/ssl/govseal/key.pem": f"{folder}/tls.pem",
        "/srv/govseal/published": str(published),
        "/var/log/nginx": str(folder),
        "rate=20r/s": "rate=1r/m",  # so slow that a test need not be fast to pass it
        "127.0.0.1:8080": f"127.0.0.1:{web_port}",
    }.items():
        assert theirs in text, theirs
        text = text.replace(theirs, ours)
    (folder / "govseal.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "main.conf").write_text(_MAIN.format(folder=folder, user=user, patience=PATIENCE))
    process = subprocess.Popen([program, "-c", str(folder / "main.conf"), "-p", str(folder)])
    https = httpx.Client(
        base_url=f"https://localhost:{secure}", verify=believes, trust_env=False, timeout=PATIENCE
    )
    http = httpx.Client(base_url=f"http://localhost:{plain}", trust_env=False, timeout=PATIENCE)
    try:
        _wait(process, plain, folder)
        yield Nginx(https, http, folder)
    finally:
        https.close()
        http.close()
        process.terminate()
        process.wait(PATIENCE)


def _wait(process: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    def answers() -> bool:
        assert process.poll() is None, (folder / "start.log").read_text()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        return False

    until(answers)
