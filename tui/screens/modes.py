"""The modes, each with what makes its screen, loaded when it is first shown: the start waits for nothing unseen.

Never: what a screen shows.
"""

# ruff: noqa: PLC0415 - loading late is what this module is for

from collections.abc import Callable

from tui.bridge import Bridge
from tui.screens.page import Page


def _mail(bridge: Bridge) -> Page:
    from tui.screens.mail import Mail

    return Mail(bridge)


def _queue(bridge: Bridge) -> Page:
    from tui.screens.queue import Queue

    return Queue(bridge)


def _connection(bridge: Bridge) -> Page:
    from tui.screens.connection import Connection

    return Connection(bridge)


def _settings(bridge: Bridge) -> Page:
    from tui.screens.settings import Settings

    return Settings(bridge)


MODES: dict[str, Callable[[Bridge], Page]] = {
    "mail": _mail,
    "queue": _queue,
    "connection": _connection,
    "settings": _settings,
}
