"""Letters as bytes, and what can be said of them: pure functions over values.

Bytes here are as on disk: lines end in LF (``wire.lines`` turns them into CRLF and back at the wire).

Never: I/O, the clock, asyncio; values and ``now`` are passed in.
"""
