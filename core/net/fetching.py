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
from core.net.distance import lasting
from core.wire.offers import Found
from core.wire.pop3 import Command, Item, Listing, Odd, Reply, Want

WINDOW = 65_536  # bytes asked for ahead: above what a thin line has in flight
AHEAD = 64  # letters asked for ahead in such a window, however small their sizes claim to be
MOST = 4_194_304  # bytes asked for ahead on a line that is fast and long
TURNS = 3  # of a session that knows its server: login and lists, letters, the end


def lists_of(found: Found) -> tuple[Command, ...]:
    """What to ask for to know what waits; UIDL not of a server that never promised it and has refused it."""
    unique = "UIDL" in found.offers or "UIDL" not in found.failed
    return (Command("UIDL"), Command("LIST")) if unique else (Command("LIST"),)


def slower(found: Found, turns: int, turn: float) -> Sequence[str]:
    """Why a session of so many turns, each of so many seconds (0: unknown), takes longer than it need."""
    offers, failed, more = found.offers.keys(), found.failed, max(0, turns - TURNS)
    dear = f"it gets one command at a time: {turns} turns in place of {TURNS}{lasting(more * turn)}"
    lacks = {
        f"nothing was known of it yet, and to ask took one turn{lasting(turn)}": found.first,
        f"it does not tell what it can (no CAPA), so {dear}": not offers,
        f"it takes nothing ahead (no PIPELINING), so {dear}": offers and "PIPELINING" not in offers,
        f"it offers PIPELINING and fails at it, so {dear}": "PIPELINING" in offers & failed,
        "it gives letters no names (no UIDL), so what stays there is fetched again each time": "UIDL" in failed,
        "it sends no beginnings of letters (no TOP), so of big ones only the size is known": not found.may("TOP"),
    }
    return [why for why, so in lacks.items() if so]


def widened(window: int, came: int, seconds: float, turn: float) -> int:
    """The window after so many bytes in so many seconds: it must cover what comes in some turns (0: unknown).

    Half of it may be used up before more is asked for, and that takes a turn to come. As long as it is the window that
    keeps a line from being busy, it grows; on a thin line it stays, so that one can change one's mind.
    """
    return max(window, min(MOST, round(4 * came / seconds * turn))) if seconds else window


class Session:
    """An open login; implements ``household.Fetching``.

    ``lists`` are the replies to ``lists_of``, already on their way; ``found`` is what is known of the server. ``tell``
    gets a sentence for whatever goes wrong with one letter while the others go on; ``window`` is how many bytes of
    letters are asked for ahead.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        lists: Sequence[Asked],
        found: Found,
        tell: Callable[[str], None],
        *,
        window: int = WINDOW,
    ) -> None:
        self._dialogue = dialogue
        self._lists: Sequence[Asked] = lists
        self._found = found
        self._tell = tell
        self._window = window
        self._due: list[Listing] = []  # to be marked as soon as a packet goes that way
        self._marked: dict[int, Asked] = {}
        self._top = False  # a beginning of a letter has come
        self._turn = 0.0

    @property
    def slower(self) -> Sequence[str]:
        """Why this session takes longer than it need: what the server lacks, as far as that has been found out."""
        return slower(self._found, self._dialogue.turns, self.turn)

    @property
    def top(self) -> bool:
        """Whether it is worth asking for beginnings of letters."""
        return self._found.may("TOP")

    @property
    def turn(self) -> float:
        """Seconds to the server and back when nothing else is on the line; 0: unknown."""
        self._turn = self._dialogue.turn or self._turn
        return self._turn

    async def listing(self) -> Sequence[Listing]:
        """What waits, in the order of the maildrop.

        Raises:
            ProtocolError: the server does not list, though it can.
            LineError: the connection ended.
        """
        lists, self._lists = self._lists or self._dialogue.ask(*lists_of(self._found)), ()
        told = {asked.command.verb: await self._items(asked) for asked in lists}
        uids, sizes = told.get("UIDL", {}), told["LIST"]
        return [Listing(number, int(sizes.get(number, 0)), uids.get(number, "")) for number in sorted(uids | sizes)]

    async def _items(self, asked: Asked) -> dict[int, str]:
        """Number to value; a server that never promised UIDL may refuse it, and one that has refused it before."""
        reply, verb = await asked.reply(), asked.command.verb
        due = verb == "LIST" or self._found.keeps(verb)
        if not reply.ok and due and asked.ahead:
            [asked] = self._dialogue.ask(Command(verb))  # it may not have liked that
            reply = await asked.reply()
            if reply.ok:
                self._found.fail("PIPELINING")
                self._dialogue.pipelining = False
        if not reply.ok:
            self._found.fail(verb)
            if due:
                raise ProtocolError(f"{self._dialogue.where}: the server refused {verb}: {safe(reply.text)}")
        for odd in (event for event in asked.told if isinstance(event, Odd)):
            shown = safe(odd.line[:60].decode("utf-8", "replace"))
            self._tell(f"{self._dialogue.where}: a line of its {verb} makes no sense: {shown}")
        return {event.number: event.value for event in asked.told if isinstance(event, Item)}

    async def retrieve(self, wanted: Iterable[Want]) -> AsyncIterator[tuple[Want, bytes]]:
        """The letters, in this order; one that the server refuses is told and left out.

        ``wanted`` is asked for each as late as the line allows, so that one can change one's mind.

        Raises:
            LineError, ProtocolError: the connection ended; every letter that came whole has been yielded before.
        """
        ahead = _Ahead(self._dialogue, self._ask, wanted, self._window)
        try:
            while (first := ahead.first()) is not None:
                want, asked = first
                reply = await asked.reply()
                ahead.taken()
                if reply.ok:
                    self._top |= want.lines is not None
                    yield want, asked.letter()
                else:
                    self._refused(want, reply)
        finally:
            ahead.stop()

    def _refused(self, want: Want, reply: Reply) -> None:
        """One letter will not come; a server that has sent no beginning yet may have no TOP."""
        if want.lines is not None and not self._top:
            self._found.fail("TOP")
        self._tell(f"{self._dialogue.where}: letter {want.item.number} was refused: {safe(reply.text)}")

    async def delete(self, gone: Sequence[Listing]) -> None:
        """Mark for deletion, in the next packet that goes that way; returns at once.

        On a lost connection it does nothing: only ``quit`` makes it true.
        """
        self._due += [item for item in gone if item.number not in self._marked and item not in self._due]

    def _ask(self, *commands: Command) -> list[Asked]:
        """Send these, and in the same packet mark what is due."""
        due, self._due = self._due, []
        asked = self._dialogue.ask(*(Command("DELE", str(item.number)) for item in due), *commands)
        self._marked.update(zip((item.number for item in due), asked, strict=False))
        return asked[len(due) :]

    async def quit(self) -> None:
        """End the session; returns when the server has confirmed the deletions.

        Raises:
            LineError: the connection ended before that; nobody knows whether they were made.
            ProtocolError: the server did not make them.
        """
        [asked] = self._ask(Command("QUIT"))
        reply = await asked.reply()
        for number, mark in self._marked.items():
            if not (marked := await mark.reply()).ok:
                self._tell(f"{self._dialogue.where}: letter {number} was not deleted: {safe(marked.text)}")
        if not reply.ok:
            raise ProtocolError(f"{self._dialogue.where}: the server did not confirm the deletions: {safe(reply.text)}")
        self._turn = self.turn
        self._dialogue.close()


class _Ahead:
    """Letters asked for and not yet taken; ``ask`` sends commands."""

    def __init__(
        self, dialogue: Dialogue, ask: Callable[..., list[Asked]], wanted: Iterable[Want], window: int
    ) -> None:
        self._dialogue = dialogue
        self._ask = ask
        self._window = window
        self._todo = iter(wanted)
        self._asked: deque[tuple[Want, Asked]] = deque()
        self._turn = dialogue.turn
        self._since = dialogue.clocked
        dialogue.watch = self._watch

    def first(self) -> tuple[Want, Asked] | None:
        """The next letter, whether it has come or not; None: that was all."""
        self._fill()
        return self._asked[0] if self._asked else None

    def taken(self) -> None:
        """The first letter has been taken; ask for more before it is looked at."""
        self._asked.popleft()
        if self._asked:
            self._fill()

    def stop(self) -> None:
        """Nobody wants more; what has not been sent will not be."""
        self._dialogue.watch = None
        self._dialogue.withdraw([asked for _, asked in self._asked])

    def _watch(self) -> None:
        """Bytes have come: look at the line's pace once a turn, and ask for more."""
        (then, before), (now, came) = self._since, self._dialogue.clocked
        if now - then > self._turn:
            self._window = widened(self._window, came - before, now - then, self._turn)
            self._since = now, came
        self._fill()

    def _fill(self) -> None:
        """Once half the window is free, ask for as many as there is room for, in one packet."""
        if self._dialogue.error is not None and self._asked:
            return  # what has come can still be taken
        more: list[Want] = []
        while self._room(more) and (want := next(self._todo, None)):
            more.append(want)
        if not more:
            return
        asked = self._ask(*(_command(want) for want in more))
        self._dialogue.hasten()
        self._asked += zip(more, asked, strict=True)

    def _room(self, more: Sequence[Want]) -> bool:
        """Of the letter that is coming in only the rest counts, of those behind it the whole.

        A server that takes nothing ahead has its next command ready here, for the moment when the last byte is in.
        """
        count = len(self._asked) + len(more)
        if not count or not self._dialogue.pipelining:
            return count < 2
        size = sum(want.size for want in more)
        size += sum(max(want.size, asked.size) for want, asked in self._asked)
        size -= self._asked[0][1].size if self._asked else 0
        share = 1 if more else 2
        many = max(AHEAD, AHEAD * self._window // WINDOW)
        return count < many // share and size < self._window // share


def _command(want: Want) -> Command:
    """RETR, or TOP for a beginning."""
    number = str(want.item.number)
    return Command("RETR", number) if want.lines is None else Command("TOP", f"{number} {want.lines}")
