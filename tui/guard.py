"""The second net against escape sequences in letters; the first is ``core.mail.text.safe`` wherever text comes in.

Never: the only net. It works after layout, so what it has to replace may stand a cell too far to the left or right.
"""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from core.mail.text import BAD


class Guard(LineFilter):
    """Whatever a widget draws, no control or direction character reaches the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """The same segments, with a sign for each bad character."""
        if not any(BAD.search(segment.text) for segment in segments if not segment.control):
            return segments
        return [
            segment if segment.control else Segment(BAD.sub("\ufffd", segment.text), segment.style)
            for segment in segments
        ]
