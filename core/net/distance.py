"""How far away the other end of a connection is, as the system has measured it, and how soon it hears of us.

Never: a byte on the line.
"""

import asyncio
import contextlib
import socket
import struct
import sys

_TURNS = struct.Struct("=68xI76xI")  # tcpi_rtt and tcpi_min_rtt of Linux's struct tcp_info, in microseconds


def socket_of(transport: asyncio.BaseTransport) -> socket.socket | None:
    """The socket of a connection; None once that is over."""
    try:
        connection: socket.socket | None = transport.get_extra_info("socket")
    except AttributeError:  # asyncio's TLS has let go of it
        return None
    return connection


def turn(transport: asyncio.BaseTransport) -> float:
    """Seconds from here to the other end and back, the least of the last minutes; 0: the system does not tell."""
    connection = socket_of(transport)
    if connection is None or sys.platform != "linux":
        return 0.0
    with contextlib.suppress(OSError, struct.error):
        usual, least = _TURNS.unpack(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TURNS.size))
        return float(least or usual) / 1e6
    return 0.0


def hasten(transport: asyncio.BaseTransport) -> None:
    """Have what comes next acknowledged at once, where the system can: a sender begins slowly, and waits for that.

    Over a satellite that is 0.04 s of a call.
    """
    connection = socket_of(transport)
    if connection is not None and sys.platform == "linux":
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def lasting(time: float) -> str:
    """The rest of a sentence about what takes so many seconds; nothing where nobody would notice, or knows."""
    return "" if time < 0.1 else f", some {time:.1f} s" if time < 10 else f", some {time:.0f} s"
