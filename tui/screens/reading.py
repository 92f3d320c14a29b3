"""The letter: one letter at a time, and every command about what is in it.

Never: where a letter lies and how it is marked; the list has that.
"""

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar, Self

from textual import on
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from core.mail.blocks import Block, Link
from core.mail.lines import lines, plain
from core.mail.parts import Part
from core.read import Letter
from tui.bridge import Bridge
from tui.commands import bindings, bound
from tui.messages import Done, Failed, Looked, Pictured, Read, Stubs, Unpacked
from tui.screens import picture, rest
from tui.screens.dialogs import Pick, Prompt
from tui.screens.opening import follow, handle
from tui.values import Big
from tui.verbs import letter as verbs
from tui.verbs import stubs
from tui.widgets.finding import Finding
from tui.widgets.letter import Heads, file, head
from tui.widgets.reader import Line, Place, Reader
from tui.widgets.vlist import fitted
from tui.widgets.words import size

NEXT: dict[Heads, Heads] = {"few": "more", "more": "all", "all": "few"}
_BRIEF = 42  # cells of a link in a list
WRITING = ("find_again", "back")  # what can be done while the words to be found are typed


class Reading(Container):
    """The letter pane; posts ``Step`` when another letter is wanted, ``Write`` when a new one is."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("letter")]

    class Step(Message):
        """The next (1) or the previous (-1) letter is wanted; ``unread``: the next of those that nobody has read."""

        def __init__(self, way: int, *, unread: bool = False) -> None:
            self.way = way
            self.unread = unread
            super().__init__()

    class Write(Message):
        """A letter to this address, about this, is wanted."""

        def __init__(self, to: str, subject: str) -> None:
            self.to = to
            self.subject = subject
            super().__init__()

    def __init__(self, bridge: Bridge, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.bridge = bridge
        self.letter: Letter | None = None
        self._rest: Big | None = None  # of the letter that is shown, what waits at the provider
        self._gone = False  # it waits there no more
        self._place = ("", "")  # of the letter that is shown: its folder and its key
        self._wanted = ("", "")
        self._heads: Heads = "few"
        self._links: list[Link] = []
        self._left: Place = (frozenset(), 0)  # where the letter was when something else was shown
        self._beside = False  # something else than the letter is shown: its source, or what is attached

    def compose(self) -> Iterable[Widget]:
        """The text, and below it what is looked for in it."""
        yield Reader(id="text")
        yield Finding(id="finding")

    @property
    def _reader(self) -> Reader:
        return self.query_one(Reader)

    @property
    def _finding(self) -> Finding:
        return self.query_one(Finding)

    @property
    def _files(self) -> tuple[Part, ...]:
        return self.letter.attachments if self.letter else ()

    def focus(self, scroll_visible: bool = True) -> Self:
        """The text has the keys."""
        self._reader.focus(scroll_visible)
        return self

    def show(self, folder: str, key: str) -> None:
        """Ask for a letter, and show it when it comes."""
        self._wanted = folder, key
        self.bridge.ask(self, verbs.show, folder, key)

    def clear(self) -> None:
        """Show nothing."""
        self._wanted, self._place, self.letter, self._beside = ("", ""), ("", ""), None, False
        self._rest, self._gone = None, False
        self._links = []
        self._reader.load([])
        self._finding.close()

    def on_failed(self, event: Failed) -> None:
        """A letter that cannot be shown says why, and no other one stands in its place."""
        if self._place != self._wanted:
            wanted = self._wanted
            self.clear()
            self._wanted = wanted
            self._reader.load([Line(event.sentence, "warn")])

    def on_read(self, event: Read) -> None:
        """A letter; the answer to an older question is not shown any more, and one that is shown stays where it is."""
        place = event.folder, event.letter.row.id
        if place != self._wanted:
            return
        same = place == self._place and self.letter is not None and self.letter.blocks == event.letter.blocks
        same = same and (self._rest, self._gone) == (event.rest, event.gone)
        self._place, self.letter, self._rest, self._gone = place, event.letter, event.rest, event.gone
        if not same:
            self._show()
        self.screen.refresh_bindings()

    def on_looked(self, event: Looked) -> None:
        """The source of the letter, or something attached, in its place until somebody goes back."""
        if event.key != self._place[1]:
            return
        if not self._beside:
            self._left = self._reader.place
        self._beside = True
        self._finding.close()
        self._load([Line(f"{event.title}   Esc: back to the letter", "note"), Line("")], event.blocks)
        self.screen.refresh_bindings()

    def on_unpacked(self, event: Unpacked) -> None:
        """What is attached goes to a program."""
        self.bridge.view(event.part, event.content)

    def on_pictured(self, event: Pictured) -> None:
        """What is attached is shown over the letter."""
        picture.show(self.app, event)

    def on_done(self, event: Done) -> None:
        """It was done."""
        event.stop()
        self.notify(event.sentence, markup=False, timeout=3)

    def on_stubs(self, event: Stubs) -> None:
        """It was noted what is to become of the rest."""
        event.stop()
        self.notify(event.sentence, markup=False)
        self.show(*self._place)

    def _show(self) -> None:
        self._beside = False
        self._finding.close()
        if self.letter is not None:
            told = rest.told(self._rest, bound(self.screen, "letter.rest"), gone=self._gone)
            self._load(head(self.letter, self.bridge.now(), self._heads, told), self.letter.blocks)

    def _return(self) -> None:
        """From what was shown beside it to where the letter was."""
        self._show()
        self._reader.go(self._left)

    def _load(self, before: Iterable[Line], blocks: Sequence[Block]) -> None:
        numbered = [block for block in blocks if isinstance(block, Link)]
        self._reader.load([*before, *lines(blocks)], links=len(numbered))
        self._links = [*numbered, *plain(blocks)]

    @on(Reader.Ended)
    def _ended(self) -> None:
        self.post_message(self.Step(1, unread=True))

    # Commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """What needs a letter is offered only where there is one, and no key is taken from somebody who types."""
        if self._finding.typing:
            return action in WRITING
        offered = {
            "back": self._beside or self._finding.display,
            "rest": self._rest is not None and not self._beside,
            "files": bool(self._files),
            "save": bool(self._files),
            "links": bool(self._links),
            "fold": bool(self._reader.folds),
            "find_again": self._finding.display,
            "heads": self.letter is not None and not self._beside,
            "other": self.letter is not None and self.letter.forms and not self._beside,
            "step": True,
        }
        return offered.get(action, self.letter is not None)

    def action_back(self) -> None:
        """From what is found, or shown beside it, to the letter."""
        if self._finding.display:
            self._finding.close()
        else:
            self._return()
        self.focus()
        self.screen.refresh_bindings()

    def action_step(self, way: int) -> None:
        """The next or the previous letter."""
        self.post_message(self.Step(way))

    def action_heads(self) -> None:
        """More headers, all of them, or only the few."""
        self._heads = NEXT[self._heads]
        self._show()

    def action_source(self) -> None:
        """The letter as it came, or again as it reads."""
        if self._beside:
            self._return()
        else:
            self.bridge.ask(self, verbs.source, *self._place)

    def action_other(self) -> None:
        """Its other form: the page instead of the text."""
        folder, key = self._place
        self.bridge.ask(self, verbs.page, folder, key)

    def action_fold(self) -> None:
        """Show what is folded up, or fold up all that can be."""
        self._reader.fold_all()

    def action_clip(self) -> None:
        """To the clipboard of the terminal."""
        text = self._reader.text
        self.app.copy_to_clipboard(text)
        self.notify(
            f"Copied: {size(len(text.encode()))}. Some terminals take less, or nothing.", markup=False, timeout=3
        )

    def action_write(self) -> None:
        """Ask for a file, and write the letter there."""

        def answered(where: str | None) -> None:
            if where and where.strip():
                self.bridge.ask(self, verbs.write, folder, key, where.strip())

        folder, key = self._place
        subject = self.letter.row.subject if self.letter else ""
        name = re.sub(r"[^\w-]+", "-", subject).strip("-").lower()[:40] or "letter"
        self.app.push_screen(Prompt("Write the letter as text to which file?", f"~/{name}.txt"), answered)

    # What is not here

    def action_rest(self) -> None:
        """Ask what is to become of the rest of a big letter."""
        if big := self._rest:
            rest.choose(self.app, big, lambda said: self.bridge.ask(self, stubs.answer, big.maildrop, big.uid, said))

    # What is attached

    def action_save(self) -> None:
        """Ask where to, and save all that is attached."""
        self._save(None)

    def _save(self, part: Part | None) -> None:
        def answered(where: str | None) -> None:
            if where and where.strip():
                self.bridge.ask(self, verbs.save, folder, key, where.strip(), part)

        (folder, key), count = self._place, len(self._files)
        what = part.name if part else f"the {count} attached files" if count > 1 else self._files[0].name
        self.app.push_screen(Prompt(f"Save {what} in which folder?", "~"), answered)

    def action_files(self) -> None:
        """Ask which of the attached files, and what to do with it."""

        def chosen(number: str | None) -> None:
            if number:
                self._file(files[int(number)])

        files = self._files
        if len(files) == 1:
            self._file(files[0])
        else:
            titles = [f"[{number}] {file(part)}" for number, part in enumerate(files, 1)]
            self.app.push_screen(Pick("Which file?", [str(number) for number in range(len(files))], titles), chosen)

    @on(Reader.Opened)
    def _pointed(self, event: Reader.Opened) -> None:
        if event.number <= len(self._files):
            self._file(self._files[event.number - 1])

    def _file(self, part: Part) -> None:
        folder, key = self._place
        handle(
            self.app,
            part,
            look=lambda: self.bridge.ask(self, verbs.look, folder, key, part),
            show=lambda: self.bridge.ask(self, verbs.picture, folder, key, part),
            view=lambda: self.bridge.ask(self, verbs.fetch, folder, key, part),
            save=lambda: self._save(part),
        )

    # Where links lead

    def action_links(self) -> None:
        """Ask which link, then whether to follow it."""

        def chosen(number: str | None) -> None:
            if number:
                self._follow(links[int(number)])

        links = self._links
        if len(links) == 1:
            self._follow(links[0])
        else:
            titles = [_brief(link) for link in links]
            self.app.push_screen(Pick("Which link?", [str(n) for n in range(len(links))], titles), chosen)

    @on(Reader.Followed)
    def _clicked(self, event: Reader.Followed) -> None:
        numbered = {f"[{link.number}]": link for link in self._links}
        self._follow(numbered.get(event.link) or Link(0, event.link))

    def _follow(self, link: Link) -> None:
        follow(self.app, link, go=self.bridge.follow, write=lambda *about: self.post_message(self.Write(*about)))

    # Finding in the letter

    def action_find(self) -> None:
        """Ask for words."""
        self._finding.open()
        self.screen.refresh_bindings()

    def action_find_again(self, way: int) -> None:
        """The next place, or the one before."""
        self._reader.again(way)
        self._finding.tell(*self._reader.found)

    @on(Finding.Sought)
    def _sought(self, event: Finding.Sought) -> None:
        self._reader.find(event.words)
        self._finding.tell(*self._reader.found)

    @on(Finding.Ready)
    def _ready(self) -> None:
        self.focus()


def _brief(link: Link) -> str:
    """A link on one line of a list."""
    number = f"[{link.number}] " if link.number else ""
    return number + fitted(link.doubt or link.target, _BRIEF).rstrip()
