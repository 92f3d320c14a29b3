"""SMTP as the client speaks it once it is logged in, sans-I/O: letters in, bytes out; bytes in, events out.

One stream carries all letters of a call. How far it runs ahead of the answers depends on what EHLO said:

    CHUNKING and PIPELINING   RSET MAIL RCPT... BDAT and the letter, letter behind letter, QUIT (RFC 3030)
    PIPELINING                the end of one letter and MAIL RCPT... DATA of the next go together (RFC 2920)
    neither                   one command at a time; with CHUNKING at least DATA needs no answer of its own

``Client`` remembers what each answer will be about, so that it still finds its letter and its recipient when one in the
middle was refused. RSET stands before each MAIL of a stream in which a letter may yet be refused: otherwise some
servers keep that letter's sender for the next one. What a refusal drags along (503) is no verdict on a letter.

A letter with several pieces (BDAT) stops after the piece in which its refusal was heard. Until a server has taken one
piece, no more than one is on its way: a server that promised CHUNKING and does not know it takes it for commands.

Never: sockets, clocks, retries. What a server said is passed on as it came; who shows it sanitises it.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from core.errors import ProtocolError
from core.wire import fit, lines
from core.wire.offers import Offers
from core.wire.passage import Fate, Letter, Passage, fate
from core.wire.replies import Replies, Reply

PIECE = 4096  # bytes of a letter that are said at a time
CHUNK = 32_768  # bytes of a letter in one BDAT: what a refusal may cost

Kind = Literal["RSET", "MAIL", "RCPT", "DATA", "TEXT", "BDAT", "LAST", "ASK", "QUIT"]


@dataclass(frozen=True, slots=True)
class Settled:
    """All that will be known of a letter; a recipient without a fate has not been tried."""

    letter: Letter
    fates: Mapping[str, Fate]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether letters from ``sender`` would be taken."""

    sender: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class Over:
    """The connection is of no more use; ``why`` goes on where the server's name began a sentence.

    "odd": that was no SMTP, or not as it should be. "later": the server takes no letters now. "again": it ended by the
    server's own word after some letters, and another one may carry what is left. ``unkept``: what the server has
    promised at EHLO and does not know.
    """

    why: str
    kind: Literal["odd", "later", "again"] = "odd"
    unkept: str = ""


Event = Settled | Asked | Over


@dataclass(frozen=True, slots=True)
class _Due:
    """An answer that is to come, and what it is about."""

    kind: Kind
    passage: Passage | None = None
    address: str = ""


class Client:
    """The client's end of one connection.

    ``where`` begins each sentence about the server. ``piece`` and ``chunk`` are bytes: of what is said at a time, and
    of a letter in one BDAT. ``proven``: this server has taken a BDAT before.
    """

    def __init__(self, offers: Offers, where: str, *, proven: bool = False) -> None:
        self.piece, self.chunk = PIECE, CHUNK
        self.over = False
        self.wants = False  # the next letter, or to be told that there is none
        self.said = 0  # bytes in all
        self.turns = 0  # how often the server had to be waited for before more could be said
        self.proven = proven
        self._offers = offers
        self._where = where
        self._chunking, self._ahead = "CHUNKING" in offers, "PIPELINING" in offers
        self._clean = True  # the server will have no letter half said when it hears what comes next
        self._replies = Replies()
        self._due: deque[_Due] = deque()
        self._next: deque[Passage | str] = deque()  # letters, or senders to be asked about
        self._open: list[Passage] = []
        self._leaving = False
        self._some = False  # letters were taken over this connection
        self._kept = False  # and by BDAT
        self._script = self._talk()

    @property
    def wide(self) -> bool:
        """Whether it takes letters in eight bits."""
        return "8BITMIME" in self._offers

    @property
    def busy(self) -> bool:
        """Whether something is still to be said or heard of a letter."""
        return bool(self._open) or bool(self._next)

    @property
    def silent(self) -> bool:
        """Whether nothing was asked that has not been answered."""
        return not self._due

    @property
    def judging(self) -> bool:
        """Whether the answer that comes next is the one about a letter, for which servers take their time."""
        return bool(self._due) and self._due[0].kind in {"TEXT", "BDAT", "LAST"}

    def add(self, letter: Letter) -> list[Event]:
        """One more letter; it is settled at once where this server cannot serve any of its recipients."""
        passage = Passage(letter, fit.unfit(self._offers, letter, self._where))
        if passage.hopeless:
            return [Settled(letter, passage.fates)]
        self._open.append(passage)
        self._next.append(passage)
        self.wants = False
        return []

    def ask(self, sender: str) -> list[Event]:
        """Ask whether letters from this address would be taken."""
        if not fit.sendable(self._offers, sender):
            return [Asked(sender, Fate("bounced", f"{self._where} cannot take the sender's address {sender}"))]
        self._next.append(sender)
        self.wants = False
        return []

    def leave(self) -> None:
        """No more letters will come: QUIT goes behind the last one."""
        self._leaving, self.wants = True, False

    def say(self) -> bytes:
        """What is to be sent now, some ``piece`` bytes at most; empty: an answer must come first, or a letter."""
        said = bytearray()
        while not self.over and len(said) < self.piece and (more := next(self._script, b"")):
            said += more
            self.said += len(more)
        return bytes(said)

    def receive(self, data: bytes) -> list[Event]:
        """What these bytes tell; nothing that comes after ``Over``."""
        self._replies.feed(data)
        events: list[Event] = []
        try:
            while not self.over and (reply := self._replies.next()):
                events += self._heard(reply)
        except ProtocolError as error:
            events += [] if self._parted() else self._end(str(error))
        return events

    def lost(self, unsent: int = 0) -> list[Event]:
        """The connection is gone, and the last ``unsent`` bytes that were said have certainly not left this house."""
        self.over = True
        return [
            event
            for passage in tuple(self._open)
            for event in self._settle(passage, passage.left(self.said - unsent, self._where))
        ]

    # What is said.

    def _talk(self) -> Iterator[bytes]:
        """Everything, letter after letter; an empty piece is said while there is nothing to say."""
        while True:
            while not self._next and not self._leaving:
                self.wants = True
                yield b""
            if not self._next:
                yield from self._command("QUIT", b"QUIT")
                return
            what = self._next.popleft()
            yield from self._question(what) if isinstance(what, str) else self._letter(what)

    def _question(self, sender: str) -> Iterator[bytes]:
        yield from self._reset()
        options = () if sender.isascii() else (b"SMTPUTF8",)
        yield from self._command("ASK", b"MAIL FROM:", sender, *options)
        yield from self._turn()
        yield from self._reset()

    def _letter(self, passage: Passage) -> Iterator[bytes]:
        if self._chunking and not self.proven:
            yield from self._turn()
        yield from self._reset()
        self._clean = False
        text = lines.to_wire(passage.letter.message)
        options = fit.options(self._offers, passage.letter, len(text))
        yield from self._command("MAIL", b"MAIL FROM:", passage.letter.sender, *options, passage=passage)
        for address in passage.open:
            if not passage.hopeless:
                yield from self._command("RCPT", b"RCPT TO:", address, passage=passage)
        if not passage.hopeless:
            yield from self._chunks(passage, text) if self._chunking else self._text(passage)

    def _reset(self) -> Iterator[bytes]:
        if not self._clean:
            self._clean = True
            yield from self._command("RSET", b"RSET")

    def _chunks(self, passage: Passage, text: bytes) -> Iterator[bytes]:
        """The letter by BDAT; as soon as it is refused, what is left of it stays here."""
        text += b"" if text.endswith(b"\n") or not text else b"\r\n"
        size = self.chunk
        for at in range(0, max(1, len(text)), size):
            if at and not self.proven:
                yield from self._turn()
            if passage.hopeless:
                return
            chunk, last = text[at : at + size], at + size >= len(text)
            self._expect(_Due("LAST" if last else "BDAT", passage))
            yield from self._pour(b"BDAT %d%s\r\n" % (len(chunk), b" LAST" if last else b""), chunk, passage, last)
            yield from () if self._ahead else self._turn()

    def _text(self, passage: Passage) -> Iterator[bytes]:
        """The letter by DATA. Where the server wants it after all recipients were refused, it gets a lone dot."""
        yield from self._command("DATA", b"DATA", passage=passage)
        yield from self._turn()
        if not passage.go:
            return
        self._expect(_Due("TEXT", passage))
        text = lines.stuff(passage.letter.message) if not passage.hopeless else b".\r\n"
        yield from self._pour(b"", text, passage, last=True)
        self._clean = True
        yield from () if self._ahead else self._turn()

    def _pour(self, command: bytes, text: bytes, passage: Passage, last: bool) -> Iterator[bytes]:
        """A part of a letter, piece by piece."""
        passage.begun = True
        size = self.piece
        for at in range(0, max(1, len(text)), size):
            piece = (b"" if at else command) + text[at : at + size]
            if last and at + size >= len(text):
                passage.end = self.said + len(piece)
            yield piece

    def _command(
        self, kind: Kind, verb: bytes, address: str | None = None, *options: bytes, passage: Passage | None = None
    ) -> Iterator[bytes]:
        self._expect(_Due(kind, passage, address or ""))
        path = b"" if address is None else b"<" + address.encode() + b">"
        yield b" ".join((verb + path, *options)) + b"\r\n"
        yield from () if self._ahead else self._turn()

    def _expect(self, due: _Due) -> None:
        self._due.append(due)
        if due.passage:
            due.passage.due += 1

    def _turn(self) -> Iterator[bytes]:
        """Until everything is answered."""
        self.turns += bool(self._due)
        while self._due:
            yield b""

    # What is heard.

    def _heard(self, reply: Reply) -> list[Event]:
        """A whole answer."""
        if self._parted():
            return []
        if reply.code == 421:
            return self._parting(reply)
        if not self._due:
            return self._end(f"said {reply} without being asked")
        due = self._due.popleft()
        if due.passage is None:
            return self._aside(due, reply)
        due.passage.due -= 1
        return self._of(due.passage, due, reply)

    def _parted(self) -> bool:
        """Whether all letters are settled and we have taken leave: whatever is said then, nothing more is to come."""
        if self.busy or not self._leaving:
            return False
        self._due.clear()
        return True

    def _aside(self, due: _Due, reply: Reply) -> list[Event]:
        """An answer that is not about a letter."""
        if due.kind == "RSET" and not reply.good:
            return self._end(f"does not take RSET: {reply}")
        if due.kind != "ASK":
            return []
        if reply.code == 530:
            return self._end(_login(reply))
        self._clean = not reply.good
        return [Asked(due.address, fate(reply))]

    def _of(self, passage: Passage, due: _Due, reply: Reply) -> list[Event]:
        """An answer about a letter."""
        if due.kind == "DATA" and reply.code == 354:
            passage.go = True
            return []
        if reply.odd or (due.kind == "DATA" and reply.good):
            return self._end(f"does not speak SMTP: it answered {due.kind} with {reply}")
        if due.kind in {"TEXT", "LAST"} and passage.end is None and reply.good:
            return self._end(f"does not speak SMTP: it said {reply} before the letter had left")
        if reply.good:
            self._yes(passage, due, reply)
        elif not passage.hopeless and (over := self._no(passage, due, reply)):
            return over
        # Of a letter that has failed no more is said but what is on its way already.
        return self._settle(passage, passage.fates) if self._known(passage, due) else []

    def _known(self, passage: Passage, due: _Due) -> bool:
        """Whether this was the last answer about a letter."""
        return not passage.due and (passage.hopeless or due.kind in {"TEXT", "LAST"})

    def _yes(self, passage: Passage, due: _Due, reply: Reply) -> None:
        if due.kind == "RCPT":
            passage.taken.append(due.address)
        if due.kind in {"BDAT", "LAST"}:
            self.proven = self._kept = True
        if due.kind not in {"TEXT", "LAST"}:
            return
        self._clean, self._some = self._clean or not self._due, True
        if not passage.hopeless:
            passage.decide(fate(reply))
        elif due.kind == "LAST":  # refused, and taken all the same
            doubt = f"{self._where} refused the letter, and then said {reply}"
            passage.fates |= dict.fromkeys(passage.taken, Fate("uncertain", doubt))

    def _no(self, passage: Passage, due: _Due, reply: Reply) -> list[Event]:
        """A refusal of a letter, or of one recipient, that is not the consequence of another one."""
        if reply.code == 530:
            return self._spare(passage, Over(_login(reply)))
        if due.kind in {"BDAT", "LAST"} and self._strange(reply):
            why = f"promised CHUNKING and does not know it: {reply}"
            return self._spare(passage, Over(why, "again", "CHUNKING"))
        if reply.code == 503 and self._ahead:
            passage.spared, self._ahead = True, False  # from here on one step at a time
        elif due.kind == "RCPT":
            # 552 behind others means "too many recipients" (RFC 5321 section 4.5.3.1.10): the rest goes another time.
            many = reply.code == 552 and passage.taken
            passage.fates[due.address] = Fate("deferred", str(reply)) if many else fate(reply)
        else:
            passage.decide(fate(reply))
            self._clean = self._clean or (due.kind == "MAIL" and not self._due)
        if due.kind == "TEXT" and passage.end is None:
            return [*self._settle(passage, passage.fates), *self._end(f"refused a letter on its way: {reply}", "again")]
        return []

    def _strange(self, reply: Reply) -> bool:
        """Whether an answer to BDAT tells that the server does not know it; 503 may have other reasons."""
        return not self._kept and reply.code // 10 == 50 and not (self.proven and reply.code == 503)

    def _parting(self, reply: Reply) -> list[Event]:
        """The server goes: so it has not taken the letter that it speaks of, nor any after it."""
        about = self._due[0].passage if self._due else None
        if about and not about.hopeless:
            about.decide(fate(reply))
        settled = [event for each in tuple(self._open) for event in self._settle(each, each.fates)]
        why = f"takes no more letters now; try again later: {reply}"
        return [*settled, *self._end(why, "again" if self._some else "later")]

    def _spare(self, passage: Passage, over: Over) -> list[Event]:
        """The connection ends, and it is not the fault of this letter."""
        self.over = passage.spared = True
        return [*self._settle(passage, passage.fates), over]

    def _end(self, why: str, kind: Literal["odd", "later", "again"] = "odd") -> list[Event]:
        self.over = True
        return [Over(why, kind)]

    def _settle(self, passage: Passage, fates: Mapping[str, Fate]) -> list[Event]:
        """Once for each letter."""
        if passage.settled:
            return []
        passage.settled = True
        self._open.remove(passage)
        return [Settled(passage.letter, dict(fates))]


def _login(reply: Reply) -> str:
    return f"wants a login; set user in [smarthost]: {reply}"
