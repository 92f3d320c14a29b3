"""One login to a maildrop: its list, its letters, and what shall be deleted.

Letters are asked for ahead, as many as keep the line busy and no more, so that one can change one's mind; what
is to be deleted goes into the same stream.

Never: connecting and logging in (``maildrop``). Never the size in a list as a letter's end: servers lie.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from core.errors import ProtocolError
from core.mail.text import safe
from core.net.dialogue import Asked, Dialogue
from core.wire.pop3 import Command, Item, Listing, Odd, Want

LISTS = (Command("UIDL"), Command("LIST"))
WINDOW = 65_536  # bytes asked for ahead: above what a thin line has in flight
HEAD = 3_000  # bytes of a usual head
LINE = 78  # bytes of a usual line
AHEAD = 64  # letters asked for ahead, however small their sizes claim to be


class Session:
    """An open login; implements ``household.Fetching``.

    ``lists`` are the replies to ``LISTS``, already on their way; ``unique`` is whether the server promised UIDL.
    ``tell`` gets a sentence for whatever goes wrong with one letter while the others go on; ``window`` is how many
    bytes of letters are asked for ahead.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        lists: Sequence[Asked],
        tell: Callable[[str], None],
        *,
        unique: bool,
        window: int = WINDOW,
    ) -> None:
        self._dialogue = dialogue
        self._lists: Sequence[Asked] = lists
        self._tell = tell
        self._unique = unique
        self._window = window
        self._marked: dict[int, Asked] = {}

    async def listing(self) -> Sequence[Listing]:
        """What waits, in the order of the maildrop.

        Raises:
            ProtocolError: the server does not list, though it can.
            LineError: the connection ended.
        """
        lists, self._lists = self._lists or self._dialogue.ask(*LISTS), ()
        uids, sizes = [await self._items(asked) for asked in lists]
        return [Listing(number, int(sizes.get(number, 0)), uids.get(number, "")) for number in sorted(uids | sizes)]

    async def _items(self, asked: Asked) -> dict[int, str]:
        """Number to value; a server that never promised UIDL may refuse it."""
        reply = await asked.reply()
        verb = asked.command.verb
        if not reply.ok and (verb == "LIST" or self._unique):
            raise ProtocolError(f"{self._dialogue.where}: the server refused {verb}: {safe(reply.text)}")
        for odd in (event for event in asked.told if isinstance(event, Odd)):
            shown = safe(odd.line[:60].decode("utf-8", "replace"))
            self._tell(f"{self._dialogue.where}: a line of its {verb} makes no sense: {shown}")
        return {event.number: event.value for event in asked.told if isinstance(event, Item)}

    async def retrieve(self, wanted: Sequence[Want]) -> AsyncIterator[tuple[Want, bytes]]:
        """The letters, in this order; one that the server refuses is told and left out.

        Raises:
            LineError, ProtocolError: the connection ended; every letter that came whole has been yielded before.
        """
        ahead = _Ahead(self._dialogue, wanted, self._window)
        try:
            while (first := ahead.first()) is not None:
                want, asked = first
                reply = await asked.reply()
                ahead.taken()
                if reply.ok:
                    yield want, asked.letter()
                else:
                    self._tell(f"{self._dialogue.where}: letter {want.item.number} was refused: {safe(reply.text)}")
        finally:
            self._dialogue.watch = None

    async def delete(self, gone: Sequence[Listing]) -> None:
        """Mark for deletion; returns at once. On a lost connection it does nothing: only ``quit`` makes it true."""
        numbers = [item.number for item in gone if item.number not in self._marked]
        if self._dialogue.error is None:
            asked = self._dialogue.ask(*(Command("DELE", str(number)) for number in numbers))
            self._marked.update(zip(numbers, asked, strict=True))

    async def quit(self) -> None:
        """End the session; returns when the server has confirmed the deletions.

        Raises:
            LineError: the connection ended before that; nobody knows whether they were made.
            ProtocolError: the server did not make them.
        """
        [asked] = self._dialogue.ask(Command("QUIT"))
        reply = await asked.reply()
        for number, mark in self._marked.items():
            if not (marked := await mark.reply()).ok:
                self._tell(f"{self._dialogue.where}: letter {number} was not deleted: {safe(marked.text)}")
        if not reply.ok:
            raise ProtocolError(f"{self._dialogue.where}: the server did not confirm the deletions: {safe(reply.text)}")
        await self._dialogue.close()


class _Ahead:
    """Letters asked for and not yet taken."""

    def __init__(self, dialogue: Dialogue, wanted: Iterable[Want], window: int) -> None:
        self._dialogue = dialogue
        self._window = window
        self._todo = deque(wanted)
        self._asked: deque[tuple[Want, Asked]] = deque()
        dialogue.watch = self._fill

    def first(self) -> tuple[Want, Asked] | None:
        """The next letter, whether it has come or not; None: that was all."""
        self._fill()
        return self._asked[0] if self._asked else None

    def taken(self) -> None:
        """The first letter has been taken; ask for more before it is looked at."""
        self._asked.popleft()
        if self._asked:
            self._fill()

    def _fill(self) -> None:
        """Once half the window is free, ask for as many as there is room for, in one packet."""
        if self._dialogue.error is not None and self._asked:
            return  # what has come can still be taken
        more: list[Want] = []
        while self._todo and self._room(more):
            more.append(self._todo.popleft())
        asked = self._dialogue.ask(*(_command(want) for want in more))
        self._asked += zip(more, asked, strict=True)

    def _room(self, more: Sequence[Want]) -> bool:
        """Of the letter that is coming in only the rest counts, of those behind it the whole."""
        count = len(self._asked) + len(more)
        if not count:
            return True
        size = sum(_size(want) for want in more)
        size += sum(max(_size(want), asked.size) for want, asked in self._asked)
        size -= self._asked[0][1].size if self._asked else 0
        share = 1 if more else 2
        return self._dialogue.pipelining and count < AHEAD // share and size < self._window // share


def _command(want: Want) -> Command:
    """RETR, or TOP for a beginning."""
    number = str(want.item.number)
    return Command("RETR", number) if want.lines is None else Command("TOP", f"{number} {want.lines}")


def _size(want: Want) -> int:
    """About how many bytes will come."""
    return want.item.size if want.lines is None else min(want.item.size, HEAD + LINE * want.lines)
