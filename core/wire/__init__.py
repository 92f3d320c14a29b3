"""Protocols without I/O: bytes in, events out.

Never: sockets, serial ports, the clock, asyncio.
"""
