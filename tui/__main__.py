"""The command ``mailrun``: without a sub-command the screens, otherwise ``core.cli``.

Never: Textual imported for a sub-command; that would cost each cron job a fifth of a second.
"""

import asyncio
import gc
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TextIO

from core.errors import MailrunError

NEEDED = (
    "mailrun: the screens need a terminal; without one use a sub-command, such as"
    " `mailrun run` or `mailrun mail list --for MEMBER` (`mailrun --help` has them all)"
)


def main() -> None:
    """Open the screens, or carry out a sub-command; ends the process with a status of sysexits.h."""
    words = sys.argv[1:]
    options = asked(words)
    if options is not None:
        sys.exit(_shown(lambda: _screens(options.get("--household"), options.get("--as", ""))))
    if words == ["demo"]:
        sys.exit(_shown(_demo))
    from core.cli import main as sub_command  # noqa: PLC0415 - the screens do without it until they are on

    sub_command(drawn=_bars if drawable(sys.stdout, os.environ) else None)


def drawable(out: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a person looks, at a terminal that can go back to a line and has the signs of a bar."""
    return out.isatty() and environ.get("TERM", "dumb") != "dumb" and out.encoding.lower().startswith("utf")


def _bars() -> AbstractContextManager[Any]:
    from tui.progress import bars  # noqa: PLC0415 - Rich, when there is a run to be drawn

    return bars()


def asked(words: Sequence[str]) -> dict[str, str] | None:
    """The options of the screens; None when there is anything else, which is for ``core.cli``."""
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name not in ("--as", "--household"):
            return None
        given = value if equals else next(rest, "")
        if not given:
            return None
        options[name] = given
    return options


def _shown(screens: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run the screens where there is a terminal for them; the exit status, after one sentence if something is wrong."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        print(NEEDED, file=sys.stderr)  # noqa: T201 - the one sentence
        return os.EX_USAGE
    gc.disable()  # what is loaded now is no garbage; ``tui.start`` has it looked for once the first screen is there
    try:
        return asyncio.run(screens())
    except MailrunError as error:
        print(f"mailrun: {error}", file=sys.stderr)  # noqa: T201 - as every command tells it
        return error.status
    except KeyboardInterrupt:
        return os.EX_TEMPFAIL


async def _screens(household: str | None, member: str) -> int:
    from core.open import folder_of  # noqa: PLC0415 - where the screens open, not for sub-commands
    from tui.ahead import early  # noqa: PLC0415 - as above

    folder = folder_of(household)
    process = early(folder, member)
    from tui.start import show  # noqa: PLC0415 - Textual

    try:
        return await show(folder, member, process)
    finally:
        if process is not None:
            process.terminate()


async def _demo() -> int:
    """The screens on a made-up house, beside a make-believe modem and provider."""
    from core.rehearsal.stage import stage  # noqa: PLC0415 - for the demo only
    from tui.start import show  # noqa: PLC0415 - Textual

    with tempfile.TemporaryDirectory(prefix="mailrun-demo-") as folder:
        async with stage(Path(folder)):
            return await show(Path(folder))


if __name__ == "__main__":
    main()
