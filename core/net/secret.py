"""Passwords, from the settings or from the program that the settings name.

Never: a password in an error or a log, nor what the program printed; it may be one.
"""

import subprocess

from core import config
from core.errors import ConfigError

_SECONDS = 30.0  # a password program may ask a person; the line should not wait longer


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
