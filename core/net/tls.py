"""TLS as every connection here uses it: certificates verified, and faults told in one sentence.

Never: an unverified connection. Security "none" means no TLS at all, and then this module is not asked.
"""

import os
import re
import socket
import ssl

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


def context() -> ssl.SSLContext:
    """Verifies host name and chain against the system's authorities (or those in ``SSL_CERT_FILE``)."""
    return ssl.create_default_context()


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
