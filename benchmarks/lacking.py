"""A POP3 server that lacks something: a real one, behind a relay that hides it.

    python benchmarks/lacking.py ADDRESS PORT SERVER-PORT capa|pipelining

"capa": the server does not know CAPA; "pipelining": it does not say that commands may be sent ahead.
"""

import asyncio
import sys
from contextlib import suppress

HIDDEN = {  # what is said, by whom, and what is heard
    "capa": ("up", b"CAPA\r\n", b"XXXX\r\n"),
    "pipelining": ("down", b"\r\nPIPELINING\r\n", b"\r\nX-NOTHING\r\n"),
}


async def main(address: str, port: int, server: int, lacking: str) -> None:
    """Relay until the process is ended."""
    way, said, heard = HIDDEN[lacking]

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, change: bool) -> None:
        with suppress(ConnectionError):  # one end has cut the connection
            while data := await reader.read(65_536):
                writer.write(data.replace(said, heard) if change else data)
                await writer.drain()
            writer.write_eof()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(address, server)
        await asyncio.gather(
            carry(reader, far_writer, change=way == "up"), carry(far_reader, writer, change=way == "down")
        )
        writer.close()
        far_writer.close()

    async with await asyncio.start_server(connected, address, port) as listening:
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
