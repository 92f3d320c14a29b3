"""The one bridge to core: it alone runs workers and calls verbs; events and answers become messages, faults notices.

A verb is a function below: it takes the desk (the household, who sits there, the time), works in a thread, and returns
the message for the widget that asked. Verbs run one after another, so an answer never overtakes an earlier change.

Never: a widget, a layout, a key.
"""

import asyncio
import getpass
import mimetypes
import os
import shlex
import tempfile
import time
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from textual.app import App, SuspendNotSupported
from textual.message import Message
from textual.message_pump import MessagePump

from core import config as settings
from core import passphrase, read
from core.config import Config, Secret
from core.errors import InputError, MailrunError
from core.events import Event
from core.forecast import Forecast, forecast
from core.household import Household
from core.mail import aliases, compose
from core.mail.compose import Attachment, Draft
from core.mail.text import readable, safe
from core.run import clock, open_household, run, world
from core.store import queue as spool
from core.store import runs
from core.store import settings as file
from core.store.queue import Queued
from core.submit import submit
from tui import messages
from tui.messages import Earlier, Stood, Told, Waiting
from tui.widgets.call import Call, after

Asked = ParamSpec("Asked")
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a verb works with."""

    house: Household
    member: str
    now: datetime


class Bridge:
    """One household, one member at the desk, at most one run."""

    def __init__(self, house: Household, member: str = "", now: Clock = clock) -> None:
        self.member = member
        self.now = now
        self.call = Call()
        self.forecast: Forecast | None = None
        self.writing = False
        self._house = house
        self._app: App[int] | None = None
        self._run: asyncio.Task[None] | None = None
        self._listeners: set[MessagePump] = set()
        self._turn = asyncio.Lock()

    @property
    def config(self) -> Config:
        """The settings of the house."""
        return self._house.config

    def attach(self, app: App[int]) -> None:
        """This app's event loop carries the work."""
        self._app = app

    def listen(self, who: MessagePump) -> None:
        """Tell this screen of every event, and how things stand."""
        self._listeners.add(who)

    def forget(self, who: MessagePump) -> None:
        """Tell it no more."""
        self._listeners.discard(who)

    def ask(
        self,
        asker: MessagePump,
        verb: Callable[Concatenate[Desk, Asked], Message],
        *args: Asked.args,
        **options: Asked.kwargs,
    ) -> None:
        """Carry out a verb; its message goes to the asker, a fault becomes a notice."""
        assert self._app is not None
        desk = Desk(self._house, self.member, self.now())
        work = self._work(asker, lambda: verb(desk, *args, **options))
        self._app.run_worker(work, group="verbs", exit_on_error=False)

    async def _work(self, asker: MessagePump, verb: Callable[[], Message]) -> None:
        async with self._turn:
            try:
                answer = await asyncio.to_thread(verb)
            except MailrunError as error:
                answer = self._failed(str(error))
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end a call or lose a draft
                answer = self._failed(_fault(error))
        self._remember(answer)
        asker.post_message(answer)

    def _failed(self, sentence: str) -> Message:
        self._notice(sentence)
        return messages.Failed(sentence)

    def _remember(self, answer: Message) -> None:
        """What an answer changes for everybody."""
        match answer:
            case messages.Opened():
                self.member = answer.member
            case messages.Settings():
                self._house = replace(self._house, config=answer.config)
        if isinstance(answer, messages.Accepted | messages.Queue | messages.Opened):
            self.look()

    def look(self) -> None:
        """Reckon the next run again, and tell how things stand."""
        if self._app is not None and self._app.is_running:
            self._app.run_worker(self._look(), group="look", exclusive=True, exit_on_error=False)

    async def _look(self) -> None:
        try:
            self.forecast = await asyncio.to_thread(forecast, self._house)
        except MailrunError as error:
            self._notice(str(error))
            return
        for listener in list(self._listeners):
            listener.post_message(Stood(self.forecast))

    def toggle(self) -> None:
        """Make a mail run, or end the one that is on."""
        if self.call.on:
            self._hang_up()
        else:
            self._begin()

    def _begin(self) -> None:
        self.call = Call("dialing")
        self._run = asyncio.create_task(self._carry())
        self._run.add_done_callback(self._down)
        self.look()

    def _hang_up(self) -> None:
        if self._run is not None and self.call.state != "closing":
            self.call = replace(self.call, state="closing")
            self._run.cancel()
            self.look()

    def _down(self, run: asyncio.Task[None]) -> None:
        self.call = Call()
        if not run.cancelled() and (error := run.exception()) is not None:
            self._notice(str(error) if isinstance(error, MailrunError) else _fault(error))
        self.look()

    async def close(self) -> None:
        """Hang up, and wait until the line is down; the screens may be gone by then."""
        if self._run is not None and not self._run.done():
            self._hang_up()
            await asyncio.wait({self._run})

    async def _carry(self) -> None:
        there = world(self._house.config, self._house.folder)
        await run(self._house, there, self._emit, who=f"the screens of {self.member}")

    def _emit(self, event: Event) -> None:
        if self.call.state != "closing":
            self.call = after(self.call, event, time.monotonic())
        for listener in list(self._listeners):
            listener.post_message(Told(event))

    async def edit(self, asker: MessagePump, text: str) -> None:
        """Let the member's editor have the terminal; a run goes on meanwhile."""
        assert self._app is not None
        try:
            with self._app.suspend(), self._app.batch_update():
                answer = await _edited(text)  # must not raise: Textual would not take the terminal back
        except SuspendNotSupported:
            answer = messages.Failed("This terminal cannot be handed to an editor.")
        if isinstance(answer, messages.Failed):
            self._notice(answer.sentence)
        self._app.refresh()
        asker.post_message(answer)

    def _notice(self, sentence: str) -> None:
        if self._app is not None and self._app.is_running:
            self._app.notify(sentence, severity="error", markup=False, timeout=8)


def open_bridge(folder: Path, member: str = "") -> Bridge:
    """A bridge to this household folder; without a name, the Unix login sits at the desk if it is a member's.

    Raises:
        ConfigError, StoreError: it cannot be opened.
        InputError: nobody of that name lives here.
    """
    house = open_household(folder)
    members = house.config.members
    if member and member not in members:
        raise InputError(f"{safe(member)} is no member of this house; the members are {', '.join(members)}")
    login = getpass.getuser()
    return Bridge(house, member or (login if login in members else ""))


async def _edited(text: str) -> Message:
    """The text after $VISUAL, $EDITOR or vi had it, in a file that is the member's alone (0600)."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        with tempfile.NamedTemporaryFile("w+", prefix="mailrun-", suffix=".txt", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            process = await asyncio.create_subprocess_exec(*shlex.split(command), file.name)
            await process.wait()
            return messages.Edited(await asyncio.to_thread(_text, Path(file.name)))
    except (OSError, ValueError) as error:
        return messages.Failed(f"{command} could not be started: {error}; set EDITOR to your editor's name")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _fault(error: BaseException) -> str:
    """A fault of ours in one sentence, without values that may be private."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"mailrun made a mistake: {type(error).__name__} at {Path(frame.filename).name} line {frame.lineno}"


# The member


def enter(desk: Desk, member: str, words: str = "") -> Message:
    """Open a member's mail; with a passphrase where there is one."""
    hashed = desk.house.config.members[member].passphrase
    if hashed and not passphrase.verify(words, hashed.reveal()):
        return messages.Denied()
    return messages.Opened(member)


# Mail


def folders(desk: Desk) -> Message:
    """The member's folders."""
    return messages.Folders(read.folders(desk.house, desk.member))


def rows(desk: Desk, folder: str) -> Message:
    """The letters of a folder, the newest last."""
    return messages.Rows(folder, _by_date(desk, read.rows(desk.house, desk.member, folder)))


def search(desk: Desk, folder: str, query: str) -> Message:
    """The letters of a folder that hold these words."""
    return messages.Rows(folder, _by_date(desk, read.search(desk.house, desk.member, query, folder)), query)


def _by_date(desk: Desk, found: list[read.Row]) -> list[read.Row]:
    """In the order of their dates; what has none, or one that is still to come, is taken for new."""
    return sorted(found, key=lambda row: min(row.date or desk.now, desk.now))


def letter(desk: Desk, folder: str, key: str) -> Message:
    """A letter to be read."""
    return messages.Read(folder, read.letter(desk.house, desk.member, folder, key))


def mark(desk: Desk, folder: str, keys: Collection[str], add: str = "", remove: str = "") -> Message:
    """Set and clear flags."""
    read.mark(desk.house, desk.member, folder, keys, add, remove)
    return messages.Done("")


def move(desk: Desk, folder: str, keys: Collection[str], to: str) -> Message:
    """Put letters into another folder."""
    read.move(desk.house, desk.member, folder, keys, to)
    return messages.Changed(f"Moved to {to}.")


def expunge(desk: Desk, folder: str, keys: Collection[str]) -> Message:
    """Remove letters for good."""
    read.expunge(desk.house, desk.member, folder, keys)
    return messages.Changed("Removed for good.")


def save(desk: Desk, folder: str, key: str, where: str) -> Message:
    """Write a letter's attachments into a folder of this computer; nothing there is overwritten."""
    parts = read.letter(desk.house, desk.member, folder, key).attachments
    target = Path(where).expanduser()
    for part in parts:
        content = read.attachment(desk.house, desk.member, folder, key, part.path)
        _write_new(target, Path(part.name).name.lstrip(".") or "attachment", content)
    return messages.Done(f"{len(parts)} saved in {safe(str(target))}.")


def _write_new(folder: Path, name: str, content: bytes) -> None:
    for number in range(1, 1000):
        stem = Path(name)
        free = folder / (name if number == 1 else f"{stem.stem}-{number}{stem.suffix}")
        try:
            with free.open("xb") as out:
                out.write(content)
        except FileExistsError:
            continue
        except OSError as error:
            raise InputError(f"{safe(str(free))} cannot be written: {error.strerror}") from None
        return


# Writing


def blank(desk: Desk) -> Message:
    """A new letter."""
    return messages.Drafted(Draft(desk.member, "", "", "", "", ""))


def reply(desk: Desk, folder: str, key: str, *, everyone: bool = False) -> Message:
    """A draft that answers a letter."""
    raw = read.letter(desk.house, desk.member, folder, key).raw
    draft = compose.reply(raw, desk.member, desk.house.config, everyone)
    return messages.Drafted(draft, answers=(folder, key))


def forward(desk: Desk, folder: str, key: str) -> Message:
    """A draft that passes a letter on."""
    raw = read.letter(desk.house, desk.member, folder, key).raw
    return messages.Drafted(compose.forward(raw, desk.member, desk.house.config))


def draft(desk: Desk, key: str) -> Message:
    """A kept draft, opened again."""
    raw = read.letter(desk.house, desk.member, "drafts", key).raw
    return messages.Drafted(compose.parse_draft(raw), key)


def attach(desk: Desk, path: str) -> Message:  # noqa: ARG001 - every verb takes the desk
    """Read a file that shall go with a draft."""
    source = Path(path.strip()).expanduser()
    try:
        content = source.read_bytes()
    except OSError as error:
        raise InputError(f"{safe(str(source))} cannot be attached: {error.strerror}") from None
    kind = mimetypes.guess_type(source.name)[0] or "application/octet-stream"
    return messages.Attached(Attachment(source.name, kind, content))


def keep(desk: Desk, draft: Draft, replaces: str = "") -> Message:
    """Keep a draft in place of its earlier state."""
    return messages.Kept(read.save_draft(desk.house, desk.member, draft, desk.now, replaces))


def drop(desk: Desk, key: str) -> Message:
    """Throw a draft away."""
    read.expunge(desk.house, desk.member, "drafts", [key])
    return messages.Changed()


def send(desk: Desk, draft: Draft, kept: str = "", answers: tuple[str, str] | None = None) -> Message:
    """Submit a draft; then it is no draft any more, and what it answers is marked as answered."""
    try:
        message = compose.write(draft, desk.house.config, desk.now)
        receipt = submit(desk.house, message, desk.member, None, desk.now)
    except MailrunError as error:
        return messages.Unsent(str(error))
    if kept:
        read.expunge(desk.house, desk.member, "drafts", [kept])
    if answers is not None:
        read.mark(desk.house, desk.member, answers[0], [answers[1]], add="A")
    return messages.Accepted(receipt.members, receipt.outside)


# The queue


def queue(desk: Desk) -> Message:
    """What waits."""
    return messages.Queue([_waiting(desk, item) for item in spool.pending(desk.house.ledger)])


def hold(desk: Desk, key: str, *, held: bool) -> Message:
    """Hold a letter back, or let it go."""
    (spool.hold if held else spool.release)(desk.house.ledger, key)
    return queue(desk)


def retry(desk: Desk, key: str) -> Message:
    """Send it with the next run, whatever came of it so far."""
    spool.retry(desk.house.ledger, key)
    return queue(desk)


def cancel(desk: Desk, key: str) -> Message:
    """Do not send it."""
    spool.cancel(desk.house.ledger, key)
    return queue(desk)


def show(desk: Desk, key: str) -> Message:
    """A waiting letter as text."""
    item = _waiting(desk, spool.get(desk.house.ledger, key))
    return messages.Shown(item, readable(desk.house.spool.read(key)) if item.own else "")


def _waiting(desk: Desk, item: Queued) -> Waiting:
    outside = [recipient for recipient in item.recipients if "@" in recipient.address]
    own = desk.member in (item.member, desk.house.config.household.postmaster)
    return Waiting(
        id=item.id,
        member=item.member,
        to=", ".join(recipient.address for recipient in outside) or "the house",
        subject=item.subject if own else "(a letter of another member)",
        size=item.size,
        since=item.queued,
        state="held" if item.held else _state({recipient.state for recipient in outside}),
        why=item.why or "; ".join(f"{each.address}: {each.reply}" for each in outside if each.reply),
        held=item.held,
        own=own,
        uncertain=any(recipient.state == "uncertain" for recipient in outside),
    )


def _state(states: Collection[str]) -> str:
    words = {
        "uncertain": "uncertain",
        "sending": "on its way",
        "deferred": "will be tried again",
        "waiting": messages.NEXT,
        "bounced": "refused",
    }
    return next((words[state] for state in words if state in states), "done")


# Runs and settings


def statements(desk: Desk) -> Message:
    """Earlier runs."""
    return messages.Statements([_earlier(run) for run in runs.statements(desk.house.ledger, 50)])


def _earlier(statement: runs.Statement) -> Earlier:
    account = statement.finished
    return Earlier(
        statement.started,
        account.sent,
        account.fetched,
        account.seconds_online,
        f"{account.cost} {account.currency}",
        account.outcome,
        account.why,
        over=statement.ended is not None,
    )


def configured(desk: Desk) -> Message:
    """The settings as the file has them."""
    path = desk.house.folder / settings.FILE
    return messages.Settings(settings.load(path), Secret(path.read_text(encoding="utf-8")))


def set_alias(desk: Desk, seen: Secret, name: str, to: tuple[str, ...] | None, was: str = "") -> Message:
    """Add, change or rename an alias, or (``to`` is None) delete it; the file keeps its comments."""
    changes: dict[tuple[str, ...], Any] = {("aliases", was): None} if was and was != name else {}
    changes["aliases", name] = None if to is None else list(to)
    return _edit(desk, seen, changes)


def set_passphrase(desk: Desk, seen: Secret, words: str) -> Message:
    """Set this member's passphrase; an empty one takes it away."""
    hashed = passphrase.hash(words) if words else None
    return _edit(desk, seen, {("members", desk.member, "passphrase"): hashed})


def _edit(desk: Desk, seen: Secret, changes: dict[tuple[str, ...], Any]) -> Message:
    path = desk.house.folder / settings.FILE
    if faults := aliases.check(settings.parse(file.changed(seen.reveal(), changes), str(path))):
        raise InputError("Not saved. " + "; ".join(faults))
    file.edit(path, changes, seen.reveal())
    return configured(desk)
