"""SoftHSM2 tokens of a test's own.

What is *not* here: what is kept on them.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from uuid import uuid4

import pytest

from govseal.adapters.keys.tokenuri import TokenAddress

PIN = "270 418"
_OFFICER = ("--so-pin", "officer of a test")
_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
)


@dataclass(frozen=True)
class Tokens:
    """A folder of tokens, which `SOFTHSM2_CONF` names while the test runs.

    Attributes:
        folder: where SoftHSM keeps them.
        configuration: its file.
        module: SoftHSM's library.
    """

    folder: Path
    configuration: Path
    module: Path

    def create(self, purpose: str = "seal", *, pin: str = PIN) -> TokenAddress:
        """Initialise a token whose label no other test has."""
        label = f"{purpose}-{uuid4().hex[:12]}"
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, *_OFFICER],
            check=True,
            capture_output=True,
            env=self.environment(),
        )
        return TokenAddress(label, self.module)

    def environment(self) -> dict[str, str]:
        """The environment in which another process finds these tokens."""
        return {**os.environ, "SOFTHSM2_CONF": str(self.configuration)}


def softhsm_tokens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    """Return a new folder of tokens, or skip by name where SoftHSM2 is not installed."""
    module = next((Path(path) for path in _MODULES if Path(path).exists()), None)
    if module is None or which("softhsm2-util") is None:
        pytest.skip("needs SoftHSM2 (Debian: softhsm2)")
    tokens = folder / "tokens"
    tokens.mkdir(mode=0o700)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))
    return Tokens(tokens, configuration, module)
