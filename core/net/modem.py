"""A modem on its port: wake, prepare, dial, log in, hang up.

Every wait has an end, and every line of the dialogue is told in both directions; what we answer in the login
dialogue is a secret, so dots are told in its place, also where the other side repeats it.

Never: PPP, IP; a number dialled while somebody else has the port.
"""

import asyncio
import time
from collections import deque
from pathlib import Path

from core import config, events
from core.errors import LineError, NoLineError
from core.events import Emit
from core.mail.text import safe
from core.net import port
from core.net.port import FAULTS, Port
from core.wire import hayes

DOTS = "\N{BULLET}" * 8
ANSWER_SECONDS = 1.0  # an idle modem answers AT at once
INIT_SECONDS = 5.0  # ATZ may take seconds
CHAT_SECONDS = 45.0  # for each line of the login dialogue
GUARD_SECONDS = 1.2  # silence around +++; S12 is 1 s in every modem we know of
DTR_SECONDS = 0.3  # how long DTR must be low; S25 is 0.05 s, but some modems are slower
WATCH_SECONDS = 1.0  # how often a carrier is looked at


class Modem:
    """The modem of the settings; ``emit`` may be exchanged at any time."""

    def __init__(self, settings: config.Line, emit: Emit) -> None:
        self.settings = settings
        self.emit = emit
        self._port: Port | None = None
        self._lock: Path | None = None
        self._dialogue = hayes.Dialogue()
        self._events: deque[hayes.Event] = deque()
        self._heard = b""  # of the other computer, during the login dialogue
        self._offhook = False

    @property
    def port(self) -> Port:
        """The open port.

        Raises:
            NoLineError: it is not open.
        """
        if self._port is None:
            raise NoLineError(f"{self.settings.device}: the port is not open")
        return self._port

    async def start(self) -> None:
        """Lock and open the port, wake the modem, prepare it.

        Raises:
            NoLineError: no port, no modem that answers, or one that refuses ``line.init``.
            LineError: somebody else has the port.
        """
        self._lock = port.acquire(self.settings.device)
        self._open()
        # A modem that is silent may be online still, after a crash: hang it up.
        if not await self._wake() and not await self.hangup():
            self._offhook = False  # nobody is there
            raise NoLineError(f"{self.settings.device}: no modem answers; is it on, and is line.device the right port?")
        for command in self.settings.init:
            await self._prepare(command)

    async def _prepare(self, command: str) -> None:
        answer = await self._ask(command, INIT_SECONDS)
        if not isinstance(answer, hayes.Ok):
            said = f"answers {safe(answer.text)}" if answer else "does not answer"
            raise NoLineError(f"{self.settings.device}: the modem {said} to {command}; change line.init")

    async def dial(self) -> tuple[str, hayes.Connect]:
        """Dial the numbers in turn, and again, until one is connected; that number and the modem's words.

        Raises:
            LineError: none was.
            NoLineError: the modem went silent.
        """
        refusals: list[str] = []
        numbers = self.settings.numbers
        for attempt, number in enumerate(numbers * (1 + max(0, self.settings.redials))):
            if attempt and attempt % len(numbers) == 0:
                await asyncio.sleep(self.settings.redial_seconds)
            self.emit(events.Dialing(number, attempt + 1))
            answer = await self._call(number)
            if isinstance(answer, hayes.Connect):
                return number, answer
            refusals.append(_why(number, answer, self.settings.dial_seconds))
            self.emit(events.Refused(number, refusals[-1]))
        raise LineError("; ".join(dict.fromkeys(refusals)) + _tries(len(refusals)))

    async def _call(self, number: str) -> hayes.Connect | hayes.Refusal | None:
        """One call: the modem's last word, or None when it had none in time."""
        if not await self._wake():
            raise NoLineError(f"{self.settings.device}: the modem does not answer any more")
        self._offhook = True
        await self._send(self.settings.dial + number)
        answer = await self._outcome(self.settings.dial_seconds)
        if answer is None:
            await self.port.write(b"\r")  # any byte ends a call that is being made
            self._offhook = await self._outcome(ANSWER_SECONDS) is None
        elif not isinstance(answer, hayes.Connect):
            self._offhook = False
        return answer

    async def _outcome(self, seconds: float) -> hayes.Connect | hayes.Refusal | None:
        """How a call ended; an OK that a modem says before is none of it."""
        end = time.monotonic() + seconds
        while event := await self._next(end):
            if isinstance(event, hayes.Connect | hayes.Refusal):
                return event
        return None

    async def login(self, number: str) -> None:
        """The login dialogue: wait for each word, answer each.

        Raises:
            LineError: the other side does not ask, or has hung up.
        """
        for prompt, answer in self.settings.chat:
            await self._prompt(prompt, number)
            self.emit(events.Modem(DOTS, sent=True))
            await self.port.write(answer.reveal().encode() + b"\r")

    async def _prompt(self, prompt: str, number: str) -> None:
        word, end = prompt.encode(), time.monotonic() + CHAT_SECONDS
        while word not in self._heard:
            match await self._next(end):
                case hayes.Data(data):
                    self._heard += data
                case None:
                    said = self._repeat(self._heard)
                    raise LineError(f'{number}: no "{prompt}" came in {CHAT_SECONDS:g} s; the last was "{said}"')
                case hayes.NoCarrier():
                    said = self._repeat(self._heard)
                    raise LineError(f'{number}: hung up instead of asking "{prompt}"; the last was "{said}"')
        before, found, self._heard = self._heard.partition(word) if word else (b"", b"", self._heard)
        self._repeat(before + found)

    def _repeat(self, data: bytes) -> str:
        """Tell what the other computer said, without our secrets; the last line of it."""
        text = data.decode("utf-8", "replace")
        for secret in {answer.reveal().strip() for _, answer in self.settings.chat} - {""}:
            text = text.replace(secret, DOTS)
        lines = [safe(line) for line in text.splitlines() if line.strip()]
        for line in lines:
            self.emit(events.Modem(line))
        return lines[-1] if lines else ""

    async def lost(self) -> str:
        """Wait until the carrier is lost, by DCD where the port has it, and by the modem's words; tells how.

        Only for a port that no link program reads.
        """
        watched = self.port.carrier()
        try:
            while True:
                event = await self._next(time.monotonic() + WATCH_SECONDS)
                if isinstance(event, hayes.NoCarrier):
                    return "the carrier was lost"
                if watched and not self.port.carrier():
                    return "the carrier was lost"
        except LineError as error:
            return str(error)

    async def hangup(self) -> bool:
        """Put the phone down; true when the modem says so. Bounded in time; no fault of the port is raised.

        DTR low first. A modem that is still silent takes that for nothing: then the escape sequence, and ATH.
        """
        self._offhook = True  # until the modem says otherwise
        try:
            await self._reopen()
            if await self._wake(patient=False) or await self._escape():  # each second online costs
                self._offhook = not isinstance(await self._ask("ATH", INIT_SECONDS), hayes.Ok)
        except (LineError, *FAULTS) as error:
            self.emit(events.Modem(safe(str(error))))
        return not self._offhook

    async def down(self) -> bool:
        """Hang up where a call was made, close and unlock the port; false when the modem may still be online."""
        try:
            return await self.hangup() if self._offhook else True
        finally:
            self.close()

    async def _reopen(self) -> None:
        if self._port is not None:
            self._port.drop()
            await asyncio.sleep(DTR_SECONDS)
            self._port.close()
            await asyncio.sleep(DTR_SECONDS)  # where DTR cannot be set, a closed port is DTR low
        self._open()

    def _open(self) -> None:
        self._port = None
        self._port = Port(self.settings.device, self.settings.speed, self.settings.flow)

    def close(self) -> None:
        """Close and unlock the port, without waiting: even a hang-up that was cancelled leaves DTR low."""
        if self._port is not None:
            self._port.drop()
            self._port.close()
        port.release(self._lock)
        self._port = self._lock = None

    async def _wake(self, *, patient: bool = True) -> bool:
        """Whether the modem answers. After a failed call some swallow a byte: so a lone CR first."""
        for command in ("AT", "ATQ0"):  # Q0: it may have been told to be quiet
            await self.port.write(b"\r")
            answer = await self._ask(command, ANSWER_SECONDS)
            if isinstance(answer, hayes.Ok):
                return True
            if answer is None and not patient:
                return False
        return False

    async def _escape(self) -> bool:
        """From online to command state, with a guard time on either side."""
        await asyncio.sleep(GUARD_SECONDS)
        self.emit(events.Modem("+++", sent=True))
        await self.port.write(self._dialogue.escape())
        end = time.monotonic() + GUARD_SECONDS + ANSWER_SECONDS
        while event := await self._next(end):
            if isinstance(event, hayes.Ok):
                return True
        return False

    async def _ask(self, command: str, seconds: float) -> hayes.Result | None:
        """Send a command; the modem's result, or None when there was none in time."""
        await self._send(command)
        end = time.monotonic() + seconds
        while event := await self._next(end):
            if isinstance(event, hayes.Result):
                return event
        return None

    async def _send(self, command: str) -> None:
        """Send a command; what the modem said before it is no answer to it."""
        self._events.extend(self._dialogue.receive(await self.port.read(0)))
        while self._events:
            self._show(self._events.popleft())
        self.emit(events.Modem(safe(command), sent=True))
        await self.port.write(self._dialogue.send(command))

    async def _next(self, end: float) -> hayes.Event | None:
        """The next event; None when there is none until ``end``."""
        while not self._events:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self._events.extend(self._dialogue.receive(await self.port.read(left)))
        event = self._events.popleft()
        self._show(event)
        return event

    def _show(self, event: hayes.Event) -> None:
        if not isinstance(event, hayes.Data | hayes.Echo):
            self.emit(events.Modem(safe(event.text)))


_WHY: dict[type[hayes.Refusal], str] = {
    hayes.Busy: "{} is busy",
    hayes.NoAnswer: "{} does not answer",
    hayes.NoDialtone: "{}: no dial tone; is the telephone cable in, and nobody on the phone?",
    hayes.NoCarrier: "{}: no carrier; whatever is there, it did not answer as a modem does",
    hayes.Voice: "{}: a voice answers, no modem; is the number right?",
    hayes.Delayed: "{}: the modem makes us wait before it dials this number again",
    hayes.Blacklisted: "{}: the modem has blacklisted this number after failed calls; switch it off and on",
    hayes.Error: "{}: the modem does not know the dial command; change line.dial",
}


def _why(number: str, answer: hayes.Refusal | None, seconds: float) -> str:
    """The sentence for a call that did not connect."""
    return _WHY[type(answer)].format(number) if answer else f"{number}: no connection within {seconds:g} s"


def _tries(count: int) -> str:
    return f" ({count} tries)" if count > 1 else ""
