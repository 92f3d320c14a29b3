"""The one bridge to core: it alone runs workers and calls verbs; events and answers become messages, faults notices.

A verb (``tui.verbs``) takes the desk (the household, who sits there, the time), works in a thread, and returns the
message for the widget that asked. Verbs run one after another, so an answer never overtakes an earlier change.
A trial asks the world; it goes on beside the verbs, and is ended when it takes too long.

Never: a widget, a layout, a key.
"""

import asyncio
import getpass
import os
import shlex
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec

from textual.app import App, SuspendNotSupported
from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import WorkType

from core import config
from core.config import Config
from core.deliver import INBOX
from core.errors import DeniedError, InputError, MailrunError
from core.events import Event, Finished, Progress, Reckoned
from core.forecast import Forecast, forecast
from core.household import Household, World
from core.learn import Learned
from core.mail.draft import Draft
from core.mail.parts import Part
from core.mail.text import safe
from core.open import clock, open_household
from tui import messages, viewer
from tui.learner import learn
from tui.messages import Halted, Learning, Stood, Told
from tui.news import News, Title, desktop, heard
from tui.values import Due
from tui.verbs import writing
from tui.verbs.desk import Desk
from tui.viewer import Table
from tui.widgets.call import Call, after

Asked = ParamSpec("Asked")
Clock = Callable[[], datetime]
Work = Callable[[], Coroutine[Any, Any, Message]]
LOOKED = (messages.Accepted, messages.Queue, messages.Opened, messages.Settings, messages.Founded)  # change what waits
Unkept = Callable[[], tuple[Draft, str] | None]  # what is written and not yet kept, and its id among the drafts
AT_ONCE = 3.0  # seconds in which a viewer that fails has failed
AGAIN = 5.0  # seconds between two looks at all letters of a large folder that changes
MANY = 2000  # letters of a folder, for whose words a process is worth its while
ONE = ("trials", "look")  # kinds of work of which only the newest counts
PATIENCE = 45.0  # seconds for a trial, all of it


class Bridge:
    """One household, one member at the desk, at most one run."""

    def __init__(self, house: Household, member: str = "", now: Clock = clock) -> None:
        self.member = member
        self.now = now
        self.call = Call()
        self.forecast: Forecast | None = None
        self.warning = ""
        self.due: Due | None = None  # None: the house says nothing about when a run is due
        self.writing: Unkept | None = None
        self._house = house
        self._app: App[int] | None = None
        self._run: asyncio.Task[None] | None = None
        self._listeners: set[MessagePump] = set()
        self._turn = asyncio.Lock()
        self.learner: subprocess.Popen[bytes] | None = None  # one that has begun already
        self._learning: asyncio.Task[None] | None = None
        self._learned: dict[tuple[str, str], float] = {}
        self._table = Table()
        self._news = News()
        self._title = Title(self._write, os.environ.get("TERM", "dumb"))

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
        desk = self._desk()
        self._start("verbs", self._work, asker, lambda: verb(desk, *args, **options))

    def test(
        self,
        asker: MessagePump,
        trial: Callable[Concatenate[Desk, Asked], Coroutine[Any, Any, Message]],
        *args: Asked.args,
        **options: Asked.kwargs,
    ) -> None:
        """Try something for real, beside the verbs and for ``PATIENCE`` seconds at most; ends an earlier trial."""
        desk = self._desk()
        self._start("trials", self._try, asker, lambda: trial(desk, *args, **options))

    def beside(
        self,
        asker: MessagePump,
        work: Callable[Concatenate[Desk, Asked], Coroutine[Any, Any, Message]],
        *args: Asked.args,
        **options: Asked.kwargs,
    ) -> None:
        """Do something slow beside the verbs, for ``PATIENCE`` seconds at most; nothing else ends it."""
        desk = self._desk()
        self._start("beside", self._try, asker, lambda: work(desk, *args, **options))

    def _desk(self) -> Desk:
        return Desk(self._house, self.member, self.now(), self.call.state)

    def _start(
        self, group: str, work: Callable[Asked, Coroutine[None, None, None]], *args: Asked.args, **options: Asked.kwargs
    ) -> None:
        """Let work go on in the app's loop; of the groups in ``ONE`` the newest ends those before it.

        The function is handed over and not its coroutine, which would never be awaited where it is ended at once.
        """
        assert self._app is not None
        call: WorkType[None] = partial(work, *args, **options)
        self._app.run_worker(call, group=group, exclusive=group in ONE, exit_on_error=False)

    async def _work(self, asker: MessagePump, verb: Callable[[], Message]) -> None:
        async with self._turn:
            answer = await self._answer(lambda: asyncio.to_thread(verb))
        self._remember(answer)
        asker.post_message(answer)

    async def _try(self, asker: MessagePump, trial: Work) -> None:
        asker.post_message(await self._answer(lambda: asyncio.wait_for(trial(), PATIENCE)))

    async def _answer(self, work: Work) -> Message:
        try:
            return await work()
        except TimeoutError:
            return self._failed(f"There was no answer within {PATIENCE:.0f} s.")
        except MailrunError as error:
            return self._failed(str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end a call or lose a draft
            return self._failed(_fault(error))

    def _failed(self, sentence: str) -> Message:
        self._notice(sentence)
        return messages.Failed(sentence)

    def _remember(self, answer: Message) -> None:
        """What an answer changes for everybody."""
        match answer:
            case messages.Opened():
                self.member = answer.member
            case messages.Folders():
                self._entitle(next((folder.unread for folder in answer.folders if folder.name == INBOX), 0))
            case messages.Rows():
                self._learn(answer)
            case messages.Founded():
                self._house.ledger.close()
                self._house, self.member = answer.house, answer.house.config.household.postmaster
            case messages.Settings() | messages.Ruled():
                self._house = replace(self._house, config=answer.config)
        if isinstance(
            answer, messages.Accepted | messages.Queue | messages.Opened | messages.Settings | messages.Founded
        ):
            self.look()

    def _learn(self, shown: messages.Rows) -> None:
        """Where a list is not the whole truth, or has many letters, a process of its own sees to the index."""
        key, rows, now = (self.member, shown.folder), shown.rows, time.monotonic()
        once = rows.sure or not rows.whole  # what that process could not do it will not do the next time
        if rows.sure and (len(rows) < MANY or shown.folder.startswith("/")):
            return
        if now - self._learned.get(key, -AGAIN) >= (float("inf") if once and key in self._learned else AGAIN):
            self._learned[key] = now
            if self._learning is not None:
                self._learning.cancel()
            work = learn(self._house.box(self.member).parent, shown.folder, self._told, self.learner)
            self._learning, self.learner = asyncio.create_task(work), None

    def _told(self, learned: Learned) -> None:
        self._tell(Learning(learned))

    def look(self) -> None:
        """Reckon the next run again, and tell how things stand."""
        if self._app is not None and self._app.is_running:
            self._start("look", self._look)

    async def _look(self) -> None:
        try:
            self.forecast = await asyncio.to_thread(forecast, self._house, self.now())
            warning = await asyncio.to_thread(self._warning)
            self.due = await asyncio.to_thread(self._due)
        except MailrunError as error:
            self._notice(str(error))
            return
        if warning and warning != self.warning:
            self._notice(f"{warning}.", "warning")
        self.warning = warning
        self._tell(Stood(self.forecast))

    def _warning(self) -> str:
        """That most of the month's budget is used up; empty: it is not, or there is none."""
        if not self.config.bill.budget:
            return ""
        from core.bill import spent, warning  # noqa: PLC0415 - for houses with a budget; the start waits for nothing else

        return warning(self._house, spent(self._house, self.now()))

    def _due(self) -> Due | None:
        if self.config.due == config.Due():
            return None
        from core.due import due  # noqa: PLC0415 - for houses that say when; the start waits for nothing else

        found = due(self._house, self.now())
        return Due(found.now, found.why, found.at)

    def toggle(self) -> None:
        """Make a mail run, or end the one that is on."""
        if self.call.on:
            self._hang_up()
        else:
            self.begin()

    def begin(self, *, over_budget: bool = False) -> None:
        """Make a mail run; one that the month's budget does not allow only after a question."""
        if self.call.on:
            return
        self.call, self._news = Call("dialing"), News()
        self._run = asyncio.create_task(self._carry(over_budget=over_budget))
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

    async def rescue(self) -> None:
        """Keep what somebody is writing, for the program is about to end."""
        unkept = self.writing() if self.writing else None
        if unkept is not None:
            desk, (draft, kept) = self._desk(), unkept
            async with self._turn:
                await self._answer(lambda: asyncio.to_thread(writing.keep, desk, draft, kept))

    async def close(self) -> None:
        """Hang up, wait until the line is down, leave nothing lying about; the screens may be gone by then."""
        self._title.restore()
        if self._run is not None and not self._run.done():
            self._hang_up()
            await asyncio.wait({self._run})
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.wait({self._learning})
        self._table.clear()

    async def _carry(self, *, over_budget: bool) -> None:
        there = await asyncio.to_thread(self._world)
        from core.limit import allow  # noqa: PLC0415 - as the libraries of the line
        from core.run import run  # noqa: PLC0415

        if not over_budget:
            try:
                await asyncio.to_thread(allow, self._house, self.now())
            except DeniedError as error:
                self._tell(Halted(str(error)))
                return
        who = f"the screens of {self.member}"
        await run(self._house, there, self._emit, who=who, over_budget=over_budget)

    def _world(self) -> World:
        from core.world import world  # noqa: PLC0415 - the libraries of the line, when a call is made

        return world(self._house.config, self._house.folder)

    def _emit(self, event: Event) -> None:
        if self.call.state != "closing":
            self.call = after(self.call, event, time.monotonic())
        if isinstance(event, Progress | Reckoned):
            return  # ten times a second: who shows it looks at ``call`` as often as it is drawn
        self._news = heard(self._news, event, self.member)
        if isinstance(event, Finished) and self._news.count:
            self._ring()
        self._tell(Told(event))

    def _tell(self, message: Message) -> None:
        for listener in list(self._listeners):
            listener.post_message(message)

    @property
    def _notices(self) -> tuple[str, ...]:
        member = self.config.members.get(self.member)
        return member.notices if member else ()

    def _ring(self) -> None:
        """Letters have come to the member at the desk: told once a run."""
        assert self._app is not None
        if "bell" in self._notices:
            self._app.bell()
        if "desktop" in self._notices and not self._app.is_headless:
            self._start("notice", desktop, self._news, os.environ)

    def _entitle(self, unread: int) -> None:
        if "title" in self._notices and self._app is not None and not self._app.is_headless:
            self._title.show(unread)

    def _write(self, text: str) -> None:
        driver = self._app._driver if self._app is not None else None  # noqa: SLF001 - as App.bell() does; pinned
        if driver is not None:
            driver.write(text)

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

    def view(self, part: Part, content: bytes) -> None:
        """Let a program of this computer show what is attached; it goes on by itself."""
        self._start("viewers", self._view, part, content)

    async def _view(self, part: Part, content: bytes) -> None:
        try:
            file = await asyncio.to_thread(self._table.lay, part, content)
            await asyncio.to_thread(_started, viewer.command(), str(file))
        except InputError as error:
            self._notice(str(error))

    def follow(self, url: str) -> None:
        """Let a browser show a page; it goes on by itself."""
        self._start("viewers", self._follow, url)

    async def _follow(self, url: str) -> None:
        try:
            await asyncio.to_thread(_started, viewer.browser(), url)
        except InputError as error:
            self._notice(str(error))

    def _notice(self, sentence: str, severity: Literal["warning", "error"] = "error") -> None:
        if self._app is not None and self._app.is_running:
            self._app.notify(sentence, severity=severity, markup=False, timeout=8)


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


def _started(wanted: list[str], target: str) -> None:
    """Start a program apart from this terminal; one that ends at once with a fault is told.

    Raises:
        InputError: there is none, or it could not open what it should.
    """
    if not wanted:
        raise InputError("no program for this was found; set MAILRUN_VIEWER and BROWSER to the names of some")
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(  # noqa: S603 - after a question that named both
            [*wanted, target], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
        status = process.wait(AT_ONCE)
    except subprocess.TimeoutExpired:
        return
    except OSError as error:
        raise InputError(f"{wanted[0]} could not be started: {error.strerror}; set MAILRUN_VIEWER or BROWSER") from None
    if status:
        raise InputError(f"{wanted[0]} could not open it (status {status}); save or copy it, and open it yourself")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _fault(error: BaseException) -> str:
    """A fault of ours in one sentence, without values that may be private."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"mailrun made a mistake: {type(error).__name__} at {Path(frame.filename).name} line {frame.lineno}"
