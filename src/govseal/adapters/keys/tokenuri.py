"""Where a token is: PKCS#11 URIs (RFC 7512).

    pkcs11:token=govseal-seal?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/govseal/seal.pin

The PIN comes from the file that `pin-source` names, which must be 0600 in a folder of 0700, or from an environment
variable. `pin-value` is refused: a URI is shown by process listings, logs and error messages.

What is *not* here: talking to the token (`cryptoki`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from govseal.adapters.keys.files import SecretFiles
from govseal.core.errors import OperatorError

SCHEME = "pkcs11:"

_MAX_LENGTH = 1000
_FILE = "file:"


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """Which token, reached through which module.

    Attributes:
        token: its label; one token holds one folder's keys.
        module: path of the maker's PKCS#11 library.
        pin_file: what holds the PIN, or None when the environment does.
    """

    token: str
    module: Path
    pin_file: Path | None = None

    @classmethod
    def parse(cls, text: str) -> "TokenAddress":
        """Read a PKCS#11 URI.

        Raises:
            OperatorError: `MALFORMED_TOKEN_URI`, naming the attribute and never its value.
        """
        if not text.startswith(SCHEME) or len(text) > _MAX_LENGTH:
            raise _malformed("it starts with pkcs11: and has at most 1000 characters")
        path, _, query = text.removeprefix(SCHEME).partition("?")
        named = _attributes(path, ";", {"token"}) | _attributes(query, "&", {"module-path", "pin-source"})
        for required in ("token", "module-path"):
            if not named.get(required):
                raise _malformed(f"it names no {required}")
        return cls(named["token"], Path(named["module-path"]), _pin_file(named.get("pin-source")))

    def pin(self, environment: Mapping[str, str], variable: str) -> str:
        """Return the token's PIN, from its file or else from the environment's `variable`.

        Raises:
            OperatorError: `PIN_MISSING`; for a file also what `SecretFiles.read` raises.
        """
        if self.pin_file is not None:
            pin = SecretFiles(self.pin_file.parent).read(self.pin_file.name).decode(errors="replace").strip()
        else:
            pin = environment.get(variable, "")
        if not pin:
            raise OperatorError(
                f"The token {self.token!r} needs its PIN: set {variable}, or name a private file by pin-source.",
                code="PIN_MISSING",
            )
        return pin


def _attributes(text: str, separator: str, known: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, text.split(separator)):
        name, _, value = part.partition("=")
        if name == "pin-value":
            raise _malformed("pin-value would show the PIN; use pin-source or the environment")
        if name not in known or name in found:
            raise _malformed(f"{name!r} is unknown there, or stands twice")
        found[name] = unquote(value)
    return found


def _pin_file(source: str | None) -> Path | None:
    if source is None:
        return None
    if not source.startswith(f"{_FILE}/"):
        raise _malformed("pin-source is file:/ and a path")
    return Path(source.removeprefix(_FILE))


def _malformed(why: str) -> OperatorError:
    return OperatorError(f"The PKCS#11 URI of a token is wrong: {why}.", code="MALFORMED_TOKEN_URI")
