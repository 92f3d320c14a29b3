"""Every sub-command, without the terminal UI: for cron and scripts.

Exit status follows sysexits.h; faults go to stderr as one plain sentence. Each sub-command lives in a module of this
package and is loaded when it is called, so that none waits for the libraries of another.

Never: Textual; a decision about mail.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pkgutil import resolve_name
from typing import Any, NoReturn

import click

from core.errors import MailrunError
from core.events import Emit

Drawn = Callable[[], AbstractContextManager[Emit]]  # hears of a run from its beginning to its end

COMMANDS = {  # name -> module of this package, and what it calls it
    "check": "house:check",
    "demo": "run:demo",
    "forecast": "runs:forecast",
    "init": "house:init",
    "queue": "queue:queue",
    "run": "run:run_command",
    "send": "send:send",
    "statements": "runs:statements",
    "stubs": "stubs:stubs",
    "why": "why:why",
}
MAIL = {
    "book": "mail:book",
    "folders": "mail:folders",
    "index": "mail:index",
    "junk": "filing:junk_command",
    "list": "mail:list_command",
    "rules": "filing:rules_command",
    "search": "mail:search",
    "show": "mail:show",
}


class Commands(click.Group):
    """A group whose sub-commands are loaded when they are called; ``where`` tells where they are."""

    def __init__(self, *given: Any, where: Mapping[str, str], **more: Any) -> None:
        super().__init__(*given, **more)
        self._where = where

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, for the help."""
        return sorted({*super().list_commands(ctx), *self._where})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The sub-command of this name."""
        if place := self._where.get(cmd_name):
            found: click.Command = resolve_name(f"core.cli.{place}")
            return found
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, where=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--household", "folder", metavar="DIR", help="The household folder.")
@click.option("--as", "member", metavar="MEMBER", help="Open the screens as this member.")
@click.version_option(package_name="mailrun")
def cli(folder: str | None, member: str | None) -> None:
    """One house, one thin line: write offline, one short call sends and fetches everybody's letters.

    Without a sub-command the screens open.
    """
    del folder, member  # read from the context by those who need them


@cli.group(cls=Commands, where=MAIL)
def mail() -> None:
    """Read without the screens."""


def main(arguments: Sequence[str] | None = None, drawn: Drawn | None = None) -> NoReturn:
    """The command line; ends the process with a status of sysexits.h. ``drawn`` shows a run to a person."""
    sys.exit(status(lambda: cli.main(arguments, prog_name="mailrun", standalone_mode=False, obj=drawn)))


def status(command: Callable[[], object]) -> int:
    """Run a command; its exit status, after one sentence on stderr when something is wrong."""
    try:
        result = command()
    except click.UsageError as error:
        click.echo(f"mailrun: {error.format_message()}", err=True)
        return os.EX_USAGE
    except click.ClickException as error:
        click.echo(f"mailrun: {error.format_message()}", err=True)
        return os.EX_DATAERR
    except MailrunError as error:
        click.echo(f"mailrun: {error}", err=True)
        return error.status
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return os.EX_OK
    except (click.Abort, KeyboardInterrupt):
        return os.EX_TEMPFAIL
    return result if isinstance(result, int) else os.EX_OK
