from collections.abc import Iterator

import pytest

from core.wire.smtp import Asked, Client, Event, Letter, Over, Settled

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
