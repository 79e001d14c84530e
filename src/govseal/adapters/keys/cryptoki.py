"""Talking to tokens: one module, one session per token, logged in, one call at a time.

Invariants:

- One lock per module. `python-pkcs11` calls `C_Initialize(NULL)`, by which an application promises that its
  threads never call the module at the same time (PKCS#11 v2.40 section 5.4), and it releases Python's own lock.
- One session per token and process: login belongs to the process, not to a session.
- A PIN that the token refused is not offered again by this process, since tokens lock after a few.
- A token that was lost (pulled, restarted, failed over) is opened and logged in to again, once per call, from a
  freshly initialised module. What is repeated is safe to repeat: callers say so by `run`.
- A forked child initialises the module anew.

What is *not* here: keys (`tokenkeys`, `tokensigners`), and where tokens are (`tokenuri`).
"""

import hmac
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pkcs11
from pkcs11 import exceptions as refusals

from govseal.core.errors import OperatorError, OutsideError

Result = TypeVar("Result")

_PROBE_BITS = 64

NOT_BEGUN: tuple[type[Exception], ...] = (
    refusals.NoSuchToken,
    refusals.SessionClosed,
    refusals.SessionHandleInvalid,
    refusals.UserNotLoggedIn,
)
"""What a token answers when it is not there as it was, and has done nothing: anything may be asked again."""

LOST: tuple[type[Exception], ...] = (
    *NOT_BEGUN,
    refusals.DeviceError,
    refusals.DeviceRemoved,
    refusals.FunctionFailed,
    refusals.GeneralError,
    refusals.KeyHandleInvalid,
    refusals.ObjectHandleInvalid,
    refusals.SlotIDInvalid,
    refusals.TokenNotPresent,
    refusals.TokenNotRecognised,
)
"""What a lost token answers too, having done the work or not: only what is safe to repeat is asked again."""

NOT_FOUND = (refusals.NoSuchKey, refusals.MultipleObjectsReturned)
"""Answers about objects (`find_one`), which are for the asker to name."""


class _Module:
    """A maker's library, loaded once in a process.

    Attributes:
        lock: held during every call.
        life: counts initialisations; a session of an earlier life is dead.
    """

    def __init__(self, path: Path) -> None:
        self.lock = threading.RLock()
        self.life = 1
        self._forked = False
        try:
            self.library = pkcs11.lib(str(path))
        except pkcs11.PKCS11Error as error:
            raise OperatorError(
                f"The PKCS#11 module {path} cannot be loaded: install it, or correct module-path ({error}).",
                code="MODULE_MISSING",
            ) from None
        os.register_at_fork(  # a fork waits for the call under way, and leaves no lock held in the child
            before=self.lock.acquire, after_in_parent=self.lock.release, after_in_child=self._in_child
        )

    def _in_child(self) -> None:
        self._forked = True
        self.life += 1
        self.lock.release()

    def renew(self) -> None:
        """Initialise the library again: lost tokens are looked for anew, and every session dies."""
        with suppress(pkcs11.PKCS11Error):  # a library that lost its state has nothing to finalise
            self.library.finalize()
        self.library.initialize()
        self._forked = False
        self.life += 1

    def settle(self) -> None:
        """Initialise the library in a forked child, at its first call (PKCS#11 v2.40 section 5.4)."""
        if self._forked:
            self.renew()


_modules: dict[Path, _Module] = {}
_connections: dict[tuple[Path, str], "Connection"] = {}
_opening = threading.Lock()
os.register_at_fork(
    before=_opening.acquire, after_in_parent=_opening.release, after_in_child=_opening.release
)


def connect(module: Path, token: str, pin: str) -> "Connection":
    """Return this process's connection to a token, opened and logged in to.

    Raises:
        OperatorError: `MODULE_MISSING`, `TOKEN_MISSING`, `WRONG_PIN`, `PIN_LOCKED`.
        OutsideError: `TOKEN_UNAVAILABLE`.
    """
    with _opening:
        if module not in _modules:
            _modules[module] = _Module(module)
        known = _connections.get((module, token))
        if known is None:
            known = _connections[module, token] = Connection(_modules[module], token)
    known.log_in(pin)
    return known


class Connection:
    """A token, logged in to. Safe between threads."""

    def __init__(self, module: _Module, token: str) -> None:
        self._module = module
        self._token = token
        self._session: pkcs11.Session | None = None
        self._life = 0
        self._pin = ""
        self._refused: set[str] = set()

    def log_in(self, pin: str) -> None:
        """Open the token with `pin`, or check that it is the one it was opened with."""
        with self._module.lock:
            if self._pin:
                if not hmac.compare_digest(self._pin.encode(), pin.encode()):
                    raise self._wrong_pin()
                return
            try:
                self._open_new(pin)
            except refusals.NoSuchToken:
                raise self._missing() from None
            except pkcs11.PKCS11Error as error:
                raise self._unavailable(error) from error
            self._pin = pin

    def run(
        self, action: Callable[[pkcs11.Session], Result], *, lost: tuple[type[Exception], ...] = LOST
    ) -> Result:
        """Return what `action` does with the session; once more after a lost token.

        Args:
            action: what is safe to repeat after the errors in `lost`.
            lost: errors by which the token may be lost.

        Raises:
            NoSuchKey, MultipleObjectsReturned: as `action` does (`NOT_FOUND`).
            OutsideError: `TOKEN_UNAVAILABLE`: the token is away, or refuses for reasons of its own.
        """
        with self._module.lock:
            try:
                try:
                    return action(self._opened())
                except lost:
                    self._module.renew()
                    return action(self._opened())
            except NOT_FOUND:
                raise
            except pkcs11.PKCS11Error as error:
                raise self._unavailable(error) from error

    def _opened(self) -> pkcs11.Session:
        self._module.settle()
        if self._session is None or self._life != self._module.life:
            self._session = self._open(self._pin)
        # A dead session is found out here: python-pkcs11 complains on stderr of a search that cannot begin.
        self._session.generate_random(_PROBE_BITS)
        return self._session

    def _open_new(self, pin: str) -> None:
        self._module.settle()
        try:
            self._session = self._open(pin)
        except LOST:  # modules list tokens as they were when initialised
            self._module.renew()
            self._session = self._open(pin)

    def _open(self, pin: str) -> pkcs11.Session:
        if pin in self._refused:
            raise self._wrong_pin()
        try:
            session = self._module.library.get_token(token_label=self._token).open(rw=True, user_pin=pin)
        except refusals.MultipleTokensReturned:
            message = f"Several tokens are labelled {self._token!r}: a label must be one token's."
            raise OperatorError(message, code="TOKEN_AMBIGUOUS") from None
        except (refusals.PinIncorrect, refusals.PinInvalid, refusals.PinLenRange):
            self._refused.add(pin)
            raise self._wrong_pin() from None
        except (refusals.PinLocked, refusals.PinExpired, refusals.UserPinNotInitialized):
            message = (
                f"The PIN of the token {self._token!r} is locked, expired or not set: its officer sets it."
            )
            raise OperatorError(message, code="PIN_LOCKED") from None
        self._life = self._module.life
        return session

    def _missing(self) -> OperatorError:
        return OperatorError(
            f"There is no token labelled {self._token!r}: initialise it, or correct the PKCS#11 URI.",
            code="TOKEN_MISSING",
        )

    def _wrong_pin(self) -> OperatorError:
        return OperatorError(
            f"The PIN does not open the token {self._token!r}. This process does not try it again.",
            code="WRONG_PIN",
        )

    def _unavailable(self, error: Exception) -> OutsideError:
        return OutsideError(
            f"The token {self._token!r} is away or refuses ({type(error).__name__}).",
            code="TOKEN_UNAVAILABLE",
        )


def find_one(session: pkcs11.Session, kind: pkcs11.ObjectClass, label: str) -> Any:
    """Return the one object of a kind and label.

    The search is read to its end: one that is dropped half-way stays open on the token until Python collects it.

    Raises:
        NoSuchKey, MultipleObjectsReturned: `NOT_FOUND`.
    """
    objects = list(session.get_objects({pkcs11.Attribute.CLASS: kind, pkcs11.Attribute.LABEL: label}))
    if len(objects) > 1:
        raise refusals.MultipleObjectsReturned
    if not objects:
        raise refusals.NoSuchKey
    return objects[0]
