"""Passwords, from the settings or from the program that the settings name.

Never: a password in an error or a log, nor what the program printed; it may be one.
"""

import asyncio
import subprocess
from contextlib import suppress

from core import config
from core.errors import ConfigError
from core.toml import Secret

_SECONDS = 30.0  # a password program may ask a person; the line should not wait longer


class Password:
    """The password of one server; its program is run once, and before the line is up if somebody prepares for it."""

    def __init__(self, settings: config.Maildrop | config.SmartHost) -> None:
        self._settings = settings
        self._known: Secret | None = None

    async def prepare(self) -> None:
        """Have it at hand. A program that prints a token (XOAUTH2) may need the line, and is then run again on it.

        Raises:
            ConfigError: there is none.
        """
        token = isinstance(self._settings, config.Maildrop) and self._settings.auth == "xoauth2"
        with suppress(*([ConfigError] if token and self._settings.password_command else [])):
            await self.reveal()

    async def reveal(self) -> str:
        """The password itself.

        Raises:
            ConfigError: there is none.
        """
        if self._known is None:
            self._known = Secret(await asyncio.to_thread(password, self._settings))
        return self._known.reveal()


def password(settings: config.Maildrop | config.SmartHost) -> str:
    """The password, or the first line that ``password_command`` prints. May take ``_SECONDS``: call it in a thread.

    Raises:
        ConfigError: there is neither, or the program gave none.
    """
    secret = settings.password.reveal() or _printed(settings)
    if "\n" in secret or "\r" in secret:
        raise ConfigError(f"the password for {settings.host} has a line break in it; it must be one line")
    return secret


def _printed(settings: config.Maildrop | config.SmartHost) -> str:
    """What the program says.

    Raises:
        ConfigError: there is none, it cannot be started, it fails, it takes too long, or it says nothing.
    """
    command = settings.password_command
    if not command:
        raise ConfigError(f"there is no password for {settings.host}; set password or password_command")
    what = f"password_command for {settings.host} ({command[0]})"
    try:
        done = subprocess.run(  # noqa: S603 - the household's own settings name the program
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=_SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        raise ConfigError(f"{what} did not end within {_SECONDS:.0f} seconds; run it by hand") from None
    except subprocess.CalledProcessError as error:
        raise ConfigError(f"{what} failed with status {error.returncode}; run it by hand") from None
    except OSError as error:
        raise ConfigError(f"{what} cannot be started: {error.strerror}") from None
    line = done.stdout.decode("utf-8", "replace").split("\n", 1)[0].removesuffix("\r")
    if not line:
        raise ConfigError(f"{what} printed no password; run it by hand")
    return line
