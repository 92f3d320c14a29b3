"""How far away the other end of a connection is, as the system has measured it.

Never: a byte on the line.
"""

import asyncio
import contextlib
import socket
import struct

_TURNS = struct.Struct("=68xI76xI")  # tcpi_rtt and tcpi_min_rtt of Linux's struct tcp_info, in microseconds


def turn(transport: asyncio.BaseTransport) -> float:
    """Seconds from here to the other end and back, the least of the last minutes; 0: the system does not tell."""
    connection = transport.get_extra_info("socket")
    if connection is None or not hasattr(socket, "TCP_INFO"):
        return 0.0
    with contextlib.suppress(OSError, struct.error):
        usual, least = _TURNS.unpack(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TURNS.size))
        return float(least or usual) / 1e6
    return 0.0
