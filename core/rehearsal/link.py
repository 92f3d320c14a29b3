"""Stands where pppd stands on the make-believe line: ``python -m core.rehearsal.link``.

It keeps the tty that it gets on its standard input, says on its standard error what ``net.ppp`` waits for, and ends
as pppd does: with status 16 when the carrier is lost, with 5 when it is told to.

Never: IP. The make-believe provider is on loopback, and lets traffic through only while the modem is connected.
"""

import contextlib
import os
import select
import signal
import sys

ADDRESSES = ("10.64.0.2", "10.64.0.1")
TOLD, LOST = 5, 16  # pppd(8), EXIT STATUS


def say(text: str) -> None:
    """One line of the log."""
    with contextlib.suppress(OSError):
        os.write(2, text.encode() + b"\n")


def wait(tty: int, told: int) -> int:
    """Keep the tty until the carrier is lost, or a signal is told on the other descriptor; the exit status."""
    heard = b""
    while True:
        ready, _, _ = select.select([tty, told], [], [])
        if told in ready:
            return TOLD
        try:
            data = os.read(tty, 4096)
        except OSError:
            data = b""
        heard = heard[-20:] + data
        if not data or b"\nNO CARRIER\r" in heard:
            return LOST


def main() -> int:
    """Bring the link up at once, and keep it."""
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    os.set_blocking(0, True)
    signal.set_wakeup_fd(tell)
    signal.signal(signal.SIGTERM, lambda *_: None)
    say("Using interface ppp0")
    say(f"local  IP address {ADDRESSES[0]}")
    say(f"remote IP address {ADDRESSES[1]}")
    status = wait(0, told)
    say("Terminating on signal 15" if status == TOLD else "Modem hangup")
    say("Connection terminated.")
    return status


if __name__ == "__main__":
    sys.exit(main())
