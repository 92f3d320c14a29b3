from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.lines import Unstuffing
from core.wire.passage import Letter
from core.wire.smtp import Asked, Client, Event, Over, Settled

# "offers" is what EHLO said (* = this server has taken a BDAT before). "+" adds a letter: its id, sender, recipients,
# and text; "?" asks about a sender; "-" says that no more will come. After the lines of "C:" the client waits.
# "=" is what it tells: a letter and each recipient's fate. "lost" ends the line.
DIALOGUES = {
    "CHUNKING: everything in one stream": """
        offers CHUNKING PIPELINING *
        + a paul grandma,club hello
        + b luc mia bye
        -
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: RCPT TO:<club>
        C: BDAT 7 LAST
        C: hello
        C: RSET
        C: MAIL FROM:<luc>
        C: RCPT TO:<mia>
        C: BDAT 5 LAST
        C: bye
        C: QUIT
        S: 250 ok
        S: 250 ok
        S: 250 ok
        S: 250 taken as 1
        = a grandma sent 250 taken as 1; club sent 250 taken as 1
        S: 250 ok
        S: 250 ok
        S: 250 ok
        S: 250-taken
        S: 250 as 2
        = b mia sent 250 taken as 2
        S: 221 bye
        """,
    "CHUNKING: one recipient in the middle is refused": """
        offers CHUNKING PIPELINING *
        + a paul one,two,three hello
        C: MAIL FROM:<paul>
        C: RCPT TO:<one>
        C: RCPT TO:<two>
        C: RCPT TO:<three>
        C: BDAT 7 LAST
        C: hello
        S: 250 ok
        S: 250 ok
        S: 550 who?
        S: 450 later
        S: 250 taken
        = a one sent 250 taken; two bounced 550 who?; three deferred 450 later
        """,
    "CHUNKING: all recipients of one letter are refused, and the next one goes": """
        offers CHUNKING PIPELINING *
        + a paul nobody hello
        + b luc mia bye
        C: MAIL FROM:<paul>
        C: RCPT TO:<nobody>
        C: BDAT 7 LAST
        C: hello
        C: RSET
        C: MAIL FROM:<luc>
        C: RCPT TO:<mia>
        C: BDAT 5 LAST
        C: bye
        S: 250 ok
        S: 550 who?
        S: 554 no valid recipients
        = a nobody bounced 550 who?
        S: 250 ok
        S: 250 ok
        S: 250 ok
        S: 250 taken
        = b mia sent 250 taken
        """,
    "CHUNKING: a sender is refused, what follows of that letter is a consequence": """
        offers CHUNKING PIPELINING *
        + a paul grandma hello
        + b luc mia bye
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: BDAT 7 LAST
        C: hello
        C: RSET
        C: MAIL FROM:<luc>
        C: RCPT TO:<mia>
        C: BDAT 5 LAST
        C: bye
        S: 553 not yours
        S: 503 need MAIL
        S: 503 need MAIL
        = a grandma bounced 553 not yours
        S: 250 ok
        S: 250 ok
        S: 250 ok
        S: 250 taken
        = b mia sent 250 taken
        """,
    "CHUNKING: a server that drags the failure on is asked one step at a time, and nothing is charged": """
        offers CHUNKING PIPELINING *
        + a paul grandma hello
        + b luc mia bye
        + c ann joe me
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: BDAT 7 LAST
        C: hello
        C: RSET
        C: MAIL FROM:<luc>
        C: RCPT TO:<mia>
        C: BDAT 5 LAST
        C: bye
        C: RSET
        C: MAIL FROM:<ann>
        C: RCPT TO:<joe>
        C: BDAT 4 LAST
        C: me
        S: 250 ok
        S: 250 ok
        S: 452 disk full
        = a grandma deferred 452 disk full
        S: 250 ok
        S: 503 sender already given
        S: 503 no
        S: 503 no
        = b
        S: 250 ok
        S: 250 ok
        S: 250 ok
        S: 250 taken
        = c joe sent 250 taken
        + d tim jim hi
        C: MAIL FROM:<tim>
        S: 250 ok
        C: RCPT TO:<jim>
        S: 250 ok
        C: BDAT 4 LAST
        C: hi
        S: 503 still confused
        = d jim deferred 503 still confused
        """,
    "CHUNKING: a letter that was refused and taken all the same is in doubt": """
        offers CHUNKING PIPELINING *
        + a paul grandma hello
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: BDAT 7 LAST
        C: hello
        S: 503 sender already given
        S: 250 ok
        S: 250 taken
        = a grandma uncertain smtp.isp refused the letter, and then said 250 taken
        """,
    "CHUNKING: the first letter goes alone, until the server has taken it": """
        offers CHUNKING PIPELINING
        + a paul grandma hello
        + b luc mia bye
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: BDAT 7 LAST
        C: hello
        S: 250 ok
        S: 250 ok
        S: 250 taken
        = a grandma sent 250 taken
        C: MAIL FROM:<luc>
        C: RCPT TO:<mia>
        C: BDAT 5 LAST
        C: bye
        """,
    "CHUNKING promised and not kept": """
        offers CHUNKING PIPELINING
        + a paul grandma hello
        + b luc mia bye
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: BDAT 7 LAST
        C: hello
        S: 250 ok
        S: 250 ok
        S: 502 what is BDAT?
        = a
        = over again CHUNKING promised CHUNKING and does not know it: 502 what is BDAT?
        S: 250 hello to you
        lost
        = b
        """,
    "CHUNKING: the line goes": """
        offers CHUNKING PIPELINING *
        + a paul grandma,nobody hello
        + b luc mia bye
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: RCPT TO:<nobody>
        C: BDAT 7 LAST
        C: hello
        C: RSET
        C: MAIL FROM:<luc>
        C: RCPT TO:<mia>
        C: BDAT 5 LAST
        C: bye
        S: 250 ok
        S: 250 ok
        S: 550 who?
        lost
        = a grandma uncertain (whole); nobody bounced 550 who?
        = b mia uncertain (whole)
        """,
    "CHUNKING: the server goes in the middle, and has taken nothing after that": """
        offers CHUNKING PIPELINING *
        + a paul grandma hello
        + b luc mia bye
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: BDAT 7 LAST
        C: hello
        C: RSET
        C: MAIL FROM:<luc>
        C: RCPT TO:<mia>
        C: BDAT 5 LAST
        C: bye
        S: 250 ok
        S: 250 ok
        S: 421 shutting down
        = a grandma deferred 421 shutting down
        = b
        = over later takes no more letters now; try again later: 421 shutting down
        """,
    "CHUNKING: garbage leaves in doubt what is on its way": """
        offers CHUNKING PIPELINING *
        + a paul grandma hello
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: BDAT 7 LAST
        C: hello
        S: 250 ok
        S: hello yourself
        = over odd does not speak SMTP: it said 'hello yourself'
        lost
        = a grandma uncertain (whole)
        """,
    "PIPELINING: the end of one letter goes with the beginning of the next": """
        offers PIPELINING
        + a paul grandma hello
        + b luc mia bye
        -
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 354 go
        C: hello
        C: .
        C: MAIL FROM:<luc>
        C: RCPT TO:<mia>
        C: DATA
        S: 250 taken as 1
        = a grandma sent 250 taken as 1
        S: 250 ok
        S: 250 ok
        S: 354 go
        C: bye
        C: .
        C: QUIT
        S: 250 taken as 2
        = b mia sent 250 taken as 2
        S: 221 bye
        """,
    "PIPELINING: nobody is accepted, and DATA is refused": """
        offers PIPELINING
        + a paul nobody hello
        + b luc mia bye
        C: MAIL FROM:<paul>
        C: RCPT TO:<nobody>
        C: DATA
        S: 250 ok
        S: 550 who?
        S: 554 no valid recipients
        = a nobody bounced 550 who?
        C: RSET
        C: MAIL FROM:<luc>
        C: RCPT TO:<mia>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 250 ok
        S: 451 not now
        = b mia deferred 451 not now
        """,
    "PIPELINING: nobody is accepted, and DATA is: a lone dot": """
        offers PIPELINING
        + a paul nobody hello
        C: MAIL FROM:<paul>
        C: RCPT TO:<nobody>
        C: DATA
        S: 250 ok
        S: 550 who?
        S: 354 go
        C: .
        S: 250 taken, if you say so
        = a nobody bounced 550 who?
        """,
    "PIPELINING: a refused sender is not charged with what follows": """
        offers PIPELINING
        + a paul grandma,club hello
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: RCPT TO:<club>
        C: DATA
        S: 451 greylisted
        S: 503 need MAIL
        S: 503 need MAIL
        S: 503 need RCPT
        = a grandma deferred 451 greylisted; club deferred 451 greylisted
        """,
    "plain: one step at a time": """
        offers
        + a paul grandma,nobody hello
        + b luc mia bye
        -
        C: MAIL FROM:<paul>
        S: 250 ok
        C: RCPT TO:<grandma>
        S: 250 ok
        C: RCPT TO:<nobody>
        S: 550 who?
        C: DATA
        S: 354 go
        C: hello
        C: .
        S: 250 taken
        = a grandma sent 250 taken; nobody bounced 550 who?
        C: MAIL FROM:<luc>
        S: 553 not yours
        = b mia bounced 553 not yours
        C: QUIT
        S: 221 bye
        """,
    "plain: what is hopeless is not said": """
        offers
        + a paul nobody hello
        + b luc mia bye
        C: MAIL FROM:<paul>
        S: 250 ok
        C: RCPT TO:<nobody>
        S: 550 who?
        = a nobody bounced 550 who?
        C: RSET
        S: 250 ok
        C: MAIL FROM:<luc>
        """,
    "CHUNKING without PIPELINING": """
        offers CHUNKING
        + a paul grandma hello
        + b luc mia bye
        C: MAIL FROM:<paul>
        S: 250 ok
        C: RCPT TO:<grandma>
        S: 250 ok
        C: BDAT 7 LAST
        C: hello
        S: 250 taken
        = a grandma sent 250 taken
        C: MAIL FROM:<luc>
        """,
    "552 for one of several recipients means another time": """
        offers PIPELINING
        + a paul one,two hello
        C: MAIL FROM:<paul>
        C: RCPT TO:<one>
        C: RCPT TO:<two>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 552 too many
        S: 354 go
        C: hello
        C: .
        S: 250 taken
        = a one sent 250 taken; two deferred 552 too many
        """,
    "a login is wanted: no letter's fault": """
        offers PIPELINING
        + a paul grandma hello
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: DATA
        S: 530 who are you?
        = a
        = over odd wants a login; set user in [smarthost]: 530 who are you?
        """,
    "whatever is said after all letters": """
        offers PIPELINING
        + a paul grandma hello
        -
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 354 go
        C: hello
        C: .
        C: QUIT
        S: 250 taken
        = a grandma sent 250 taken
        S: 421 in a hurry
        S: so long
        """,
    "an answer that nobody asked for": """
        offers PIPELINING
        S: 250 hello again
        = over odd said 250 hello again without being asked
        """,
    "an answer that cannot be one": """
        offers PIPELINING
        + a paul grandma hello
        C: MAIL FROM:<paul>
        C: RCPT TO:<grandma>
        C: DATA
        S: 354 go
        = over odd does not speak SMTP: it answered MAIL with 354 go
        lost
        = a
        """,
    "the line goes before any of the text": """
        offers
        + a paul nobody,grandma hello
        C: MAIL FROM:<paul>
        S: 250 ok
        C: RCPT TO:<nobody>
        S: 550 who?
        C: RCPT TO:<grandma>
        lost
        = a nobody bounced 550 who?
        """,
    "senders are asked about": """
        offers PIPELINING
        ? luc
        ? paul
        C: MAIL FROM:<luc>
        S: 553 not yours
        = asked luc bounced 553 not yours
        C: MAIL FROM:<paul>
        S: 250 ok
        = asked paul sent 250 ok
        C: RSET
        """,
    "what the server cannot serve is not asked": """
        offers SIZE=10 PIPELINING
        + a paul grandma twelve_bytes
        = a grandma bounced smtp.isp takes letters of at most 10 bytes, and this one has 14
        + b paul zoë,mia hello
        C: MAIL FROM:<paul> SIZE=7
        C: RCPT TO:<mia>
        C: DATA
        """,
    "what the server listens to is told": """
        offers SIZE=0 8BITMIME SMTPUTF8 PIPELINING
        + a paul zoë héllo
        C: MAIL FROM:<paul> SIZE=8 BODY=8BITMIME SMTPUTF8
        C: RCPT TO:<zoë>
        C: DATA
        """,
}


WHOLE = "the whole letter was on its way, but smtp.isp did not say that it took it"


class Play:
    """One dialogue; ``step`` is how many bytes the client hears at a time."""

    def __init__(self, offers: str, step: int) -> None:
        words = dict(word.partition("=")[::2] for word in offers.split())
        proven = words.pop("*", None) is not None
        self.client = Client(
            {name: tuple(filter(None, [value])) for name, value in words.items()}, "smtp.isp", proven=proven
        )
        self.step = step
        self.said = b""
        self.told: list[str] = []

    def follow(self, line: str) -> None:
        """One line of the script."""
        who, _, text = line.partition(" ")
        match who:
            case "C:":
                self.said += self.all()
                said, _, self.said = self.said.partition(b"\r\n")
                assert said.decode() == text
            case "=":
                assert self.told.pop(0) == text
            case _:
                assert (self.said + (b"" if who in "+-?" else self.all()), self.told) == (b"", [])
                for event in self.events(who, text):
                    self.told.append(shown(event))

    def events(self, who: str, text: str) -> Iterator[Event]:
        """What something that happens leads to."""
        match who:
            case "+":
                id_, sender, to, message = text.split(" ")
                yield from self.client.add(Letter(id_, sender, tuple(to.split(",")), message.encode() + b"\n"))
            case "?":
                yield from self.client.ask(text)
            case "-":
                self.client.leave()
            case "lost":
                yield from self.client.lost()
            case _:
                data = text.encode() + b"\r\n"
                for at in range(0, len(data), self.step):
                    yield from self.client.receive(data[at : at + self.step])

    def all(self) -> bytes:
        """All that the client says before it waits."""
        return b"".join(iter(self.client.say, b""))


def shown(event: Event) -> str:
    """An event in a line."""
    match event:
        case Settled(letter, fates):
            each = [f"{to} {fates[to].state} {fates[to].reply}" for to in letter.recipients if to in fates]
            return " ".join(filter(None, [letter.id, "; ".join(each)])).replace(WHOLE, "(whole)")
        case Asked(sender, fate):
            return f"asked {sender} {fate.state} {fate.reply}"
        case Over(why, kind, unkept):
            return " ".join(filter(None, ["over", kind, unkept, why]))


@pytest.mark.parametrize("step", [1, 1000], ids=["byte by byte", "line by line"])
@pytest.mark.parametrize("script", DIALOGUES.values(), ids=DIALOGUES)
def test_dialogue(script: str, step: int) -> None:
    """What the client says, when it waits, and what it makes of the answers."""
    offers, *lines = [line.strip() for line in script.strip().splitlines()]
    play = Play(offers.removeprefix("offers"), step)
    for line in lines:
        play.follow(line)
    assert (play.told, play.said) == ([], b"")


class Far:
    """A server. ``refuse`` has what it says in place of 250: to a sender, a recipient, or the first line of a text.

    It insists on what the client may send ahead. ``sticky``: it keeps a letter that has failed until RSET comes.
    """

    def __init__(self, offers: frozenset[str], refuse: dict[str, str], sticky: bool) -> None:
        self.offers, self.refuse, self.sticky = offers, refuse, sticky
        self.taken: list[tuple[str, tuple[str, ...], bytes]] = []
        self.buffer = b""
        self.want: tuple[int, bool] | None = None  # bytes of a piece, and whether it is the last one
        self.reading = False  # the text after DATA
        self.reset()

    def reset(self) -> None:
        """No letter."""
        self.sender, self.to, self.text, self.failed = "", list[str](), b"", False

    def hear(self, data: bytes) -> bytes:
        """What it answers."""
        self.buffer += data
        return b"".join(answer.encode() + b"\r\n" for answer in iter(self.next, ""))

    def next(self) -> str:
        """The next answer; empty: more must come first."""
        if self.want:
            return self.piece(*self.want)
        if self.reading:
            return self.dot()
        line, end, rest = self.buffer.partition(b"\r\n")
        if not end:
            return ""
        self.buffer = rest
        verb = line[:4].decode()
        if verb == "BDAT":
            _, size, *last = line.split()
            self.want = int(size), last == [b"LAST"]
            assert "CHUNKING" in self.offers
            return self.next()
        assert not rest or (verb != "DATA" and "PIPELINING" in self.offers)
        return self.command(verb, line.partition(b"<")[2].partition(b">")[0].decode())

    def command(self, verb: str, address: str) -> str:
        """An answer to a command."""
        match verb:
            case "MAIL" if self.sender:
                return "503 sender already given"
            case "MAIL" if address not in self.refuse:
                self.sender = address
            case "RCPT" if not self.sender:
                return "503 need MAIL"
            case "RCPT" if address not in self.refuse:
                self.to.append(address)
            case "DATA" if not self.to:
                return "554 no valid recipients" if "lenient" not in self.offers else self.go()
            case "DATA":
                return self.go()
            case "RSET":
                self.reset()
            case "QUIT":
                return "221 bye"
        return self.refuse.get(address, "250 ok")

    def go(self) -> str:
        """The text may come."""
        self.reading, self.buffer = True, b"\r\n" + self.buffer
        return "354 go"

    def dot(self) -> str:
        """The answer to a text."""
        text, end, rest = self.buffer.partition(b"\r\n.\r\n")
        if not end:
            return ""
        unstuffing = Unstuffing()
        self.text, self.buffer, self.reading = unstuffing.feed(text[2:] + end)[0], rest, False
        answer = self.verdict()
        self.reset()  # RFC 5321 section 4.1.1.4, and all servers do
        return answer

    def piece(self, size: int, last: bool) -> str:
        """The answer to a piece."""
        if len(self.buffer) < size:
            return ""
        self.text += self.buffer[:size].replace(b"\r\n", b"\n")
        self.buffer, self.want = self.buffer[size:], None
        if self.failed or not self.to:
            self.failed = True
            if last and not self.sticky:
                self.reset()
            return "503 need RCPT"
        return self.verdict() if last else "250 more"

    def verdict(self) -> str:
        """The word on a letter."""
        answer = self.refuse.get(self.text.partition(b"\n")[0].decode(), "250 taken")
        if answer.startswith("250") and self.to:
            self.taken.append((self.sender, tuple(self.to), self.text))
        self.failed = not answer.startswith("250")
        if not (self.failed and self.sticky):
            self.reset()
        return answer


ANSWERS = st.sampled_from(["550 no", "451 later", "554 never"])
NAMES = [f"{kind}{n}" for n in range(4) for kind in ("from", "text", "x", "y", "z")]


@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    ways=st.frozensets(st.sampled_from(["CHUNKING", "PIPELINING", "lenient"])),
    refuse=st.dictionaries(st.sampled_from(NAMES), ANSWERS, max_size=4),
    sticky=st.booleans(),
    proven=st.booleans(),
    cut=st.one_of(st.none(), st.tuples(st.integers(0, 1500), st.integers(0, 400))),
    step=st.integers(1, 200),
)
def test_nothing_is_believed_that_is_not_so(
    sizes: list[int],
    ways: frozenset[str],
    refuse: dict[str, str],
    sticky: bool,
    proven: bool,
    cut: tuple[int, int] | None,
    step: int,
) -> None:
    """Whatever is refused, wherever the line is cut: sent is what was taken, and what was taken is sent or in doubt."""
    letters = [
        Letter(str(n), f"from{n}", (f"x{n}", f"y{n}", f"z{n}")[: 1 + n % 3], f"text{n}\n".encode() + b".dots\n" * size)
        for n, size in enumerate(sizes)
    ]
    far = Far(ways, refuse, sticky)
    client = Client(dict.fromkeys(ways, ()), "far", proven=proven)
    client.piece, client.chunk = 50, 110
    fates = talk(client, far, letters, cut, step)

    assert sorted(fates) == [letter.id for letter in letters]
    taken = {text.partition(b"\n")[0].decode(): (sender, to, text) for sender, to, text in far.taken}
    assert len(taken) == len(far.taken)
    for letter in letters:
        sender, to, text = taken.get(f"text{letter.id}", (letter.sender, (), letter.message))
        assert (sender, text) == (letter.sender, letter.message)
        for address in letter.recipients:
            state = fates[letter.id].get(address, "")
            assert state in ({"sent", "uncertain"} if address in to else {"bounced", "deferred", "uncertain", ""})
            if cut is None:
                keys = (letter.sender, address, f"text{letter.id}")
                answer = next((refuse[key] for key in keys if key in refuse), "250")
                assert state == {"2": "sent", "4": "deferred", "5": "bounced"}[answer[0]]


def talk(
    client: Client, far: Far, letters: list[Letter], cut: tuple[int, int] | None, step: int
) -> dict[str, dict[str, str]]:
    """Hand these over, until all is said or the line is cut after so many bytes one way or the other."""
    waiting, fates = list(letters), dict[str, dict[str, str]]()
    up, down = cut or (1 << 30, 1 << 30)

    def note(events: list[Event]) -> None:
        for event in events:
            assert isinstance(event, Settled)
            assert event.letter.id not in fates
            fates[event.letter.id] = {address: fate.state for address, fate in event.fates.items()}

    note([event for letter in waiting for event in client.add(letter)])
    client.leave()
    while client.busy and (data := client.say()):
        answer = far.hear(data[:up])
        up = max(0, up - len(data))
        answer, down = answer[:down], max(0, down - len(answer))
        for at in range(0, len(answer), step):
            note(client.receive(answer[at : at + step]))
        if not (up and down):
            break
    note(client.lost())
    return fates
