"""A run on a terminal without the screens: its lines as they come, and below them how far both directions are.

Loaded for ``mailrun run`` on a terminal only; what is drawn is what the Connection screen shows.

Never: Textual, which takes longer to load than all of this.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from core import events
from core.events import Emit, Event, Progress, Reckoned
from tui.widgets.call import Call, after, toll, words
from tui.widgets.gauge import charts, draw

TICK = 0.1  # seconds between two drawings, at least
LOOKS = {"bar": "green", "rest": "bright_black", "chart": "cyan", "quiet": "", "plain": ""}  # any terminal has these


@contextmanager
def bars() -> Iterator[Emit]:
    """Draws the events of a run; at the end, however it comes, the lines stay and the bars are gone."""
    with Live(console=Console(highlight=False), auto_refresh=False, transient=True) as live:
        yield Drawing(live).tell


class Drawing:
    """Where the run stands, and when it was last drawn."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._call = Call()
        self._drawn, self._at = Text(), 0.0

    def tell(self, event: Event) -> None:
        """A line for what has words; anew what has moved, but no more often than an eye sees."""
        at = time.monotonic()
        self._call = after(self._call, event, at)
        if sentence := events.words(event):
            self._live.console.print(Text(sentence), soft_wrap=True)
        if isinstance(event, Progress | Reckoned) and at - self._at < TICK:
            return
        drawn = lines(self._call, at, self._live.console.width - 1)
        if drawn != self._drawn:
            self._drawn, self._at = drawn, at
            self._live.update(drawn, refresh=True)


def lines(call: Call, at: float, width: int) -> Text:
    """Both directions once the line is up, and what the call costs; nothing while it is down."""
    if not call.on:
        return Text()
    shown = zip(("out", "in"), (call.out, call.into), charts(call.out, call.into, at), strict=True)
    drawn = [
        Text.assemble(*((text, LOOKS[look]) for text, look in draw(word, way, at, chart, width).parts))
        for word, way, chart in (shown if call.since else ())
    ]
    for line in (*drawn, last := Text(_stand(call, at, width))):
        line.truncate(width)
    return Text("\n").join([*drawn, last])


def _stand(call: Call, at: float, width: int) -> str:
    """The state of the line, and what is still to come, as the width allows."""
    stand = f" {words(call, at)}"
    if call.reckoned is None:
        return stand
    full = f"{stand}  {toll(call.reckoned)}."
    return full if len(full) <= width else f"{stand}  {toll(call.reckoned, brief=True)}."
