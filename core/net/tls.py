"""TLS as every connection here uses it: certificates verified, sessions resumed, and faults told in one sentence.

A session that is resumed spares the server's chain of certificates, some 3 kB. It is remembered here, and not on disk:
Python can neither pickle a session nor take it to another context. So it helps several connections of one call, and
the calls of one process, as the screens make them; each `mailrun run` begins anew.

Never: an unverified connection. Security "none" means no TLS at all, and then this module is not asked.
"""

import os
import re
import socket
import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

MEMORY = 86_400  # seconds from a look at a certificate until the next one, however often the session was resumed
_UNKNOWN = "its certificate comes from an authority that this machine does not know"
_VERIFY = {  # OpenSSL's X509_V_ERR_* numbers -> what to tell a household
    9: "its certificate is not valid yet; is this machine's clock right?",
    10: "its certificate has expired; if this machine's clock is right, only the provider can mend that",
    18: "its certificate is self-signed, so nobody vouches for it",
    19: _UNKNOWN,
    20: _UNKNOWN,
    21: _UNKNOWN,
    62: "its certificate is for another name; is the host in the settings right?",
    64: "its certificate is for a name, not for this IP address; put the name into the settings",
}
_PLAIN = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}  # the answer was no TLS record
_FAULTS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (socket.gaierror, "is not known to the domain name system; is the name right, and is the line up?"),
    (TimeoutError, "did not answer in time"),
    (ConnectionRefusedError, "refused the connection; check host and port in the settings"),
    ((ConnectionError, EOFError), "closed the connection"),
)


@dataclass(frozen=True, slots=True)
class _Known:
    """A session to resume, and when (seconds of the epoch) the certificate behind it was looked at."""

    session: ssl.SSLSession
    seen: float


_known: WeakKeyDictionary[ssl.SSLContext, dict[str | None, _Known]] = WeakKeyDictionary()


class Connection(ssl.SSLObject):
    """One connection; it resumes the last session of its context with the same name, and remembers its own."""

    _begun = False

    def do_handshake(self) -> None:
        """Shake hands; a session that spoils it is not offered again."""
        known = _known.setdefault(self.context, {})
        if not self._begun:
            self._begun = True
            if (last := known.get(self.server_hostname)) and 0 <= time.time() - last.seen < MEMORY:
                self.session = last.session
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError:
            known.pop(self.server_hostname, None)
            raise

    def read(self, *where: Any, **named: Any) -> bytes:
        """Read; the tickets of TLS 1.3, which are no part of the handshake, come along with what is read first."""
        data = super().read(*where, **named)
        self._remember()
        return data

    def _remember(self) -> None:
        """Keep the newest session that can be resumed."""
        session, known = self.session, _known.setdefault(self.context, {})
        if session is not None and (session.has_ticket or self.version() != "TLSv1.3"):
            last = known.get(self.server_hostname)
            seen = last.seen if last and self.session_reused else time.time()
            known[self.server_hostname] = _Known(session, seen)


def context(host: str, port: int) -> ssl.SSLContext:
    """Verifies host name and chain against the system's authorities (or those in ``SSL_CERT_FILE``).

    One for each server, as it holds the server's session; made anew when the authorities have changed. The first takes
    some 20 ms: ask for it before the line is up.
    """
    there = ssl.get_default_verify_paths()
    return _context(host, port, tuple((path, _changed(path)) for path in (there.cafile, there.capath)))


@lru_cache(maxsize=32)
def _context(_host: str, _port: int, _authorities: tuple[tuple[str | None, float], ...]) -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.sslobject_class = Connection
    return made


def _changed(path: str | None) -> float:
    try:
        return Path(path).stat().st_mtime if path else 0.0
    except OSError:
        return 0.0


def explain(error: Exception, host: str) -> str:
    """Why ``host`` could not be reached or trusted: one sentence for any fault of connection, TLS or name."""
    if isinstance(error, ssl.SSLError):
        return f"{host} {_tls(error)}"
    for kinds, why in _FAULTS:
        if isinstance(error, kinds):
            return f"{host} {why}"
    return f"{host} cannot be reached: {_system(error)}"


def _tls(error: ssl.SSLError) -> str:
    """What TLS says; the attributes are absent from errors that Python itself has made."""
    if isinstance(error, ssl.SSLCertVerificationError):
        said = getattr(error, "verify_message", "verification failed").rstrip(".")
        return f"cannot be trusted: {_VERIFY.get(getattr(error, 'verify_code', 0), said)}"
    reason = getattr(error, "reason", None) or "no reason told"
    if reason in _PLAIN:
        return "does not speak TLS on this port; check port and security in the settings"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "closed the connection"
    return f"failed at TLS: {reason.replace('_', ' ').lower()}"


def _system(error: Exception) -> str:
    """The system's words: asyncio writes its own text over them, and joins those of several addresses."""
    number = getattr(error, "errno", None) or next(iter(re.findall(r"Errno (\d+)", str(error))), None)
    return os.strerror(int(number)) if number else type(error).__name__
