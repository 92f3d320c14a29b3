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

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.wire import lines
from core.wire.offers import Offers

PIECE = 4096  # bytes of a letter that are said at a time
CHUNK = 32_768  # bytes of a letter in one BDAT: what a refusal may cost
_LONGEST = 65_536  # bytes of one answer, all its lines together

State = Literal["sent", "deferred", "bounced", "uncertain"]
Kind = Literal["RSET", "MAIL", "RCPT", "DATA", "TEXT", "BDAT", "LAST", "ASK", "QUIT"]


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
class _Reply:
    """An answer of the server's; its lines are joined."""

    code: int
    text: str

    @property
    def good(self) -> bool:
        return self.code // 100 == 2

    @property
    def odd(self) -> bool:
        """Neither a yes nor a no."""
        return self.code // 100 == 3

    @property
    def fate(self) -> Fate:
        """What it means for a letter. 503 tells of the order of commands, and never of a letter."""
        state: State = "sent" if self.good else "bounced" if self.code // 100 == 5 and self.code != 503 else "deferred"
        return Fate(state, str(self))

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


@dataclass(slots=True)
class _Passage:
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


@dataclass(frozen=True, slots=True)
class _Due:
    """An answer that is to come, and what it is about."""

    kind: Kind
    passage: _Passage | None = None
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
        self._lines = lines.Lines()
        self._begun: list[bytes] = []  # the lines of an answer of which more are to come
        self._due: deque[_Due] = deque()
        self._next: deque[_Passage | str] = deque()  # letters, or senders to be asked about
        self._open: list[_Passage] = []
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
        passage = _Passage(letter, self._unfit(letter))
        if passage.hopeless:
            return [Settled(letter, passage.fates)]
        self._open.append(passage)
        self._next.append(passage)
        self.wants = False
        return []

    def ask(self, sender: str) -> list[Event]:
        """Ask whether letters from this address would be taken."""
        if not _sendable(sender, utf8="SMTPUTF8" in self._offers):
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
        self._lines.feed(data)
        events: list[Event] = []
        while not self.over and (line := self._lines.line()) is not None:
            events += self._line(line)
        if not self.over and self._lines.held > _LONGEST:
            events += self._end("does not speak SMTP: its answer has no end")
        return events

    def lost(self, unsent: int = 0) -> list[Event]:
        """The connection is gone, and the last ``unsent`` bytes that were said have certainly not left this house."""
        self.over = True
        return [event for passage in tuple(self._open) for event in self._settle(passage, self._gone(passage, unsent))]

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

    def _letter(self, passage: _Passage) -> Iterator[bytes]:
        if self._chunking and not self.proven:
            yield from self._turn()
        yield from self._reset()
        self._clean = False
        text = lines.to_wire(passage.letter.message)
        options = self._options(passage.letter, len(text))
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

    def _chunks(self, passage: _Passage, text: bytes) -> Iterator[bytes]:
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

    def _text(self, passage: _Passage) -> Iterator[bytes]:
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

    def _pour(self, command: bytes, text: bytes, passage: _Passage, last: bool) -> Iterator[bytes]:
        """A part of a letter, piece by piece."""
        passage.begun = True
        size = self.piece
        for at in range(0, max(1, len(text)), size):
            piece = (b"" if at else command) + text[at : at + size]
            if last and at + size >= len(text):
                passage.end = self.said + len(piece)
            yield piece

    def _command(
        self, kind: Kind, verb: bytes, address: str | None = None, *options: bytes, passage: _Passage | None = None
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

    def _options(self, letter: Letter, size: int) -> list[bytes]:
        """What MAIL tells of the letter, as far as the server has said that it listens."""
        plain = all(address.isascii() for address in (letter.sender, *letter.recipients))
        options = {
            b"SIZE=%d" % size: "SIZE" in self._offers,
            b"BODY=8BITMIME": self.wide and not letter.message.isascii(),
            b"SMTPUTF8": "SMTPUTF8" in self._offers and not plain,
        }
        return [option for option, wanted in options.items() if wanted]

    def _unfit(self, letter: Letter) -> dict[str, Fate]:
        """The recipients that this server cannot serve, by what it said at EHLO (RFC 1870, RFC 6531)."""
        size, limit = len(lines.to_wire(letter.message)), "".join(self._offers.get("SIZE", ()))
        utf8, why = "SMTPUTF8" in self._offers, ""
        if limit.isdecimal() and 0 < int(limit) < size:
            why = f"{self._where} takes letters of at most {int(limit):,} bytes, and this one has {size:,}"
        elif not _sendable(letter.sender, utf8=utf8):
            why = f"{self._where} cannot take the sender's address {letter.sender}"
        return {
            address: Fate("bounced", why or f"{self._where} cannot take the address {address}")
            for address in letter.recipients
            if why or not _sendable(address, utf8=utf8)
        }

    # What is heard.

    def _line(self, line: bytes) -> list[Event]:
        """The next line of an answer; the last one has no hyphen behind its code."""
        found = re.fullmatch(rb"([2-5][0-9]{2})(?:([ -])(.*))?", line, re.DOTALL)
        if not found:
            return self._end(f"does not speak SMTP: it said {line[:60].decode('latin-1')!a}")
        self._begun.append((found[3] or b"").strip())
        if found[2] == b"-":
            long = sum(map(len, self._begun)) > _LONGEST
            return self._end("does not speak SMTP: its answer has no end") if long else []
        text, self._begun = b" ".join(self._begun).decode("utf-8", "replace").strip(), []
        return self._heard(_Reply(int(found[1]), text))

    def _heard(self, reply: _Reply) -> list[Event]:
        """A whole answer."""
        if reply.code == 421:
            return self._parting(reply)
        if not self._due:
            return self._end(f"said {reply} without being asked")
        due = self._due.popleft()
        if due.passage is None:
            return self._aside(due, reply)
        due.passage.due -= 1
        return self._of(due.passage, due, reply)

    def _aside(self, due: _Due, reply: _Reply) -> list[Event]:
        """An answer that is not about a letter."""
        if due.kind == "RSET" and not reply.good:
            return self._end(f"does not take RSET: {reply}")
        if due.kind != "ASK":
            return []
        if reply.code == 530:
            return self._end(_login(reply))
        self._clean = not reply.good
        return [Asked(due.address, reply.fate)]

    def _of(self, passage: _Passage, due: _Due, reply: _Reply) -> list[Event]:
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

    def _known(self, passage: _Passage, due: _Due) -> bool:
        """Whether this was the last answer about a letter."""
        return not passage.due and (passage.hopeless or due.kind in {"TEXT", "LAST"})

    def _yes(self, passage: _Passage, due: _Due, reply: _Reply) -> None:
        if due.kind == "RCPT":
            passage.taken.append(due.address)
        if due.kind in {"BDAT", "LAST"}:
            self.proven = self._kept = True
        if due.kind not in {"TEXT", "LAST"}:
            return
        self._clean, self._some = self._clean or not self._due, True
        if not passage.hopeless:
            passage.decide(reply.fate)
        elif due.kind == "LAST":  # refused, and taken all the same
            doubt = f"{self._where} refused the letter, and then said {reply}"
            passage.fates |= dict.fromkeys(passage.taken, Fate("uncertain", doubt))

    def _no(self, passage: _Passage, due: _Due, reply: _Reply) -> list[Event]:
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
            passage.fates[due.address] = Fate("deferred", str(reply)) if many else reply.fate
        else:
            passage.decide(reply.fate)
            self._clean = self._clean or (due.kind == "MAIL" and not self._due)
        if due.kind == "TEXT" and passage.end is None:
            return [*self._settle(passage, passage.fates), *self._end(f"refused a letter on its way: {reply}", "again")]
        return []

    def _strange(self, reply: _Reply) -> bool:
        """Whether an answer to BDAT tells that the server does not know it; 503 may have other reasons."""
        return not self._kept and reply.code // 10 == 50 and not (self.proven and reply.code == 503)

    def _parting(self, reply: _Reply) -> list[Event]:
        """The server goes: so it has not taken the letter that it speaks of, nor any after it."""
        about = self._due[0].passage if self._due else None
        if about and not about.hopeless:
            about.decide(reply.fate)
        settled = [event for each in tuple(self._open) for event in self._settle(each, each.fates)]
        why = f"takes no more letters now; try again later: {reply}"
        return [*settled, *self._end(why, "again" if self._some else "later")]

    def _spare(self, passage: _Passage, over: Over) -> list[Event]:
        """The connection ends, and it is not the fault of this letter."""
        self.over = passage.spared = True
        return [*self._settle(passage, passage.fates), over]

    def _end(self, why: str, kind: Literal["odd", "later", "again"] = "odd") -> list[Event]:
        self.over = True
        return [Over(why, kind)]

    def _gone(self, passage: _Passage, unsent: int) -> dict[str, Fate]:
        """What is to be thought of a letter when the line has gone."""
        if passage.end is not None and passage.end <= self.said - unsent:
            doubt = f"the whole letter was on its way, but {self._where} did not say that it took it"
            return dict.fromkeys(passage.open, Fate("uncertain", doubt)) | passage.fates
        if passage.begun:
            early = f"the line went before the whole letter had left for {self._where}"
            return dict.fromkeys(passage.open, Fate("deferred", early)) | passage.fates
        return passage.fates

    def _settle(self, passage: _Passage, fates: Mapping[str, Fate]) -> list[Event]:
        """Once for each letter."""
        if passage.settled:
            return []
        passage.settled = True
        self._open.remove(passage)
        return [Settled(passage.letter, dict(fates))]


def _login(reply: _Reply) -> str:
    return f"wants a login; set user in [smarthost]: {reply}"


def _sendable(address: str, *, utf8: bool) -> bool:
    """Whether it can stand in a command: no control characters, and ASCII but for servers with SMTPUTF8."""
    return (utf8 or address.isascii()) and not re.search(r"[\x00-\x1f\x7f]", address)
