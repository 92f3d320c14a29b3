"""One letter on its way to the smart host, and what is known of it by now.

Never: what is said and heard (``smtp``).
"""

from dataclasses import dataclass, field
from typing import Literal

from core.wire.replies import Reply

State = Literal["sent", "deferred", "bounced", "uncertain"]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to be handed over: its envelope, and the message (lines end in LF)."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    message: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one recipient, in a word, and the server's words."""

    state: State
    reply: str


def fate(reply: Reply) -> Fate:
    """What an answer means for a letter. 503 tells of the order of commands, and never of a letter."""
    refused: State = "bounced" if reply.code // 100 == 5 and reply.code != 503 else "deferred"
    return Fate("sent" if reply.good else refused, str(reply))


@dataclass(slots=True)
class Passage:
    """One letter on its way, and what is known of it by now.

    ``taken`` are the recipients that the server has accepted. ``spared``: it failed by the fault of another letter, or
    of no letter at all. ``begun``: some of the text was said; ``end``: where in the stream its last byte is.
    """

    letter: Letter
    fates: dict[str, Fate]
    taken: list[str] = field(default_factory=list)
    spared: bool = False
    begun: bool = False
    end: int | None = None
    go: bool = False  # the server waits for the text
    due: int = 0  # answers that have not come
    settled: bool = False

    @property
    def open(self) -> list[str]:
        """The recipients of whom nothing is known yet."""
        return [address for address in self.letter.recipients if address not in self.fates]

    @property
    def hopeless(self) -> bool:
        """Nothing that is still to be said of it could change anything."""
        return self.spared or not self.open

    def decide(self, fate: Fate) -> None:
        """The same for everybody who is left."""
        self.fates |= dict.fromkeys(self.open, fate)

    def left(self, gone: int, where: str) -> dict[str, Fate]:
        """What is to be thought of it when the line has gone, and so many bytes of the stream may have left."""
        if self.end is not None and self.end <= gone:
            doubt = f"the whole letter was on its way, but {where} did not say that it took it"
            return dict.fromkeys(self.open, Fate("uncertain", doubt)) | self.fates
        if self.begun:
            early = f"the line went before the whole letter had left for {where}"
            return dict.fromkeys(self.open, Fate("deferred", early)) | self.fates
        return self.fates
