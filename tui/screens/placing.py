"""Placing: every command about where letters lie and how they are marked, and the way back from it.

It goes for the letters that are selected, else for the one under the cursor.

Never: how letters are shown (``pile``); an mbox, for which the bridge is asked.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget

from core.mail.routed import words as evidence
from core.read import Row
from tui.bridge import Bridge
from tui.commands import bindings, bound
from tui.messages import Changed, Done, Doomed
from tui.screens.dialogs import Confirm, Pick, Prompt
from tui.screens.filing import Alike, Taken
from tui.screens.pile import OUTGOING, Pile, where
from tui.screens.triage import Always, Give
from tui.values import TRIAGE
from tui.verbs import junk, place
from tui.widgets.folders import title
from tui.widgets.words import letters

NEW = "\n"  # an answer that is no folder's name: one that is to be made


class Placing(Container):
    """The pile, and what is done with the letters in it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("place")]

    def __init__(self, bridge: Bridge, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.bridge = bridge
        self._target = "archive"
        self._moves: dict[str, list[Changed]] = {}
        self._undoing: Changed | None = None
        self._under_way = 0
        self._hasty = False

    def compose(self) -> Iterable[Widget]:
        """The pile."""
        yield Pile(self.bridge, id="both")

    @property
    def pile(self) -> Pile:
        """The letters of a folder."""
        return self.query_one(Pile)

    @property
    def _chosen(self) -> list[Row]:
        return self.pile.rows.chosen

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """What needs a letter is offered only where there is one."""
        row = self.pile.current
        match action:
            case "expunge":
                return True
            case "undo":
                return bool(self._past) or self._under_way > 0 or (row is not None and "D" in row.flags)
            case "always":
                return row is not None and self.pile.folder == TRIAGE
            case "rule":
                return row is not None and self.pile.folder not in OUTGOING
        return row is not None

    # Marks

    def action_flag(self) -> None:
        """Important, or no longer."""
        self._turn("F")

    def action_unread(self) -> None:
        """Unread, or read."""
        self._turn("R")

    def _turn(self, flag: str) -> None:
        rows = self._chosen
        if all(flag in row.flags for row in rows):
            self.pile.flag(rows, remove=flag)
        else:
            self.pile.flag(rows, add=flag)
        self.pile.rows.pick(())

    # Places

    def action_delete(self) -> None:
        """Into the trash; what is there already, for good, after a question."""
        rows = self._chosen
        if rows and all(row.folder == "trash" for row in rows):
            self._remove(where(rows))
        else:
            self._put("trash")

    def action_archive(self) -> None:
        """Into the archive."""
        self._put("archive")

    def action_junk(self) -> None:
        """It is junk; or it is none, and comes back."""
        good = all(row.folder == "junk" for row in self._chosen)
        rows = [row for row in self._chosen if good or row.folder != "junk"]
        self.pile.rows.leave({row.id for row in rows})
        self.pile.rows.pick(())
        self._under_way += 1
        self.bridge.ask(self, junk.turn, where(rows), good=good)

    def _learn(self, learned: Sequence[bytes], *, good: bool) -> None:
        """What a person has judged, the program that tells junk learns."""
        if learned:
            self.bridge.beside(self, junk.train, learned, good=good)

    def action_move(self) -> None:
        """Into a folder to be chosen."""
        self._ask_where(f"Move {self._count()} to:", copy=False)

    def action_copy(self) -> None:
        """A copy into a folder to be chosen."""
        self._ask_where(f"Copy {self._count()} to:", copy=True)

    def _count(self) -> str:
        count = len(self._chosen)
        return "the letter" if count == 1 else letters(count)

    def _ask_where(self, question: str, *, copy: bool) -> None:
        def answered(name: str | None) -> None:
            if name == NEW:
                self.app.push_screen(Prompt("The name of the new folder:"), named)
            elif name:
                self._target = name
                self._put(name, copy=copy)

        def named(name: str | None) -> None:
            if name:
                self._put(name, copy=copy, new=True)

        here = self.pile.folder
        names = [each.name for each in self.pile.folders if each.name != here and not each.name.startswith("/")]
        at = names.index(self._target) if self._target in names else 0
        titles = [*(title(name) for name in names), "New folder ..."]
        self.app.push_screen(Pick(question, [*names, NEW], titles, at), answered)

    def _put(self, to: str, *, copy: bool = False, new: bool = False) -> None:
        rows = [row for row in self._chosen if new or row.folder != to]
        if not rows:
            return
        if not copy:
            self.pile.rows.leave({row.id for row in rows})
        self.pile.rows.pick(())
        self._under_way += 1
        self.bridge.ask(self, place.copy if copy else place.put, where(rows), to, new=new)

    def action_undo(self) -> None:
        """Take the last move back; or the mark of deletion that another program made."""
        marked = [row for row in self._chosen if "D" in row.flags]
        if marked:
            self.pile.flag(marked, remove="D")
        elif self._under_way:
            self._hasty = True
        elif self._past:
            self._undoing = self._past.pop()
            self.bridge.ask(self, place.undo, self._undoing.undo)

    @property
    def _past(self) -> list[Changed]:
        """What this member has moved in this session, the last at the end."""
        return self._moves.setdefault(self.bridge.member, [])

    def on_changed(self, event: Changed) -> None:
        """Letters were moved or removed."""
        undone, self._undoing = self._undoing, None
        if undone is not None:
            self._learn(undone.learned, good=not undone.good)
        self._learn(event.learned, good=event.good)
        way = ""
        if event.undo:
            self._past.append(event)
            way = f" {bound(self.screen, 'mail.undelete')} undoes it."
        if event.sentence:
            self.notify(f"{event.sentence}{way}", markup=False, timeout=5)
        self.pile.look(event.at)
        self._settle()

    def on_failed(self) -> None:
        """What could not be taken back now can be later."""
        if self._undoing is not None:
            self._past.append(self._undoing)
            self._undoing = None
        self._settle()

    def _settle(self) -> None:
        """A move is over; who was quick has asked to take it back already."""
        self._under_way = max(0, self._under_way - 1)
        if self._hasty and not self._under_way:
            self._hasty = False
            self.action_undo()

    def on_done(self, event: Done) -> None:
        """It was done."""
        if event.sentence:
            self.notify(event.sentence, markup=False, timeout=3)

    def action_expunge(self) -> None:
        """Ask how many there are to be removed for good."""
        self.bridge.ask(self, place.doomed, self.pile.folder)

    def on_doomed(self, event: Doomed) -> None:
        """Ask, and empty the trash or remove what other programs marked."""
        if event.keys:
            self._remove({event.folder: event.keys}, everything=True)
        else:
            self.notify("The trash is empty, and nothing here is marked as deleted.", markup=False, timeout=3)

    def _remove(self, doomed: place.Where, *, everything: bool = False) -> None:
        def answered(sure: bool | None) -> None:
            if sure:
                self.pile.rows.leave({id_ for ids in doomed.values() for id_ in ids})
                self.pile.rows.pick(())
                self.bridge.ask(self, place.expunge, doomed)

        count = letters(sum(len(ids) for ids in doomed.values()))
        question = f"Remove {count} for good?"
        if everything:
            trash = "trash" in doomed
            question = f"Empty the trash: {count} for good?" if trash else f"Remove {count} marked as deleted for good?"
        self.app.push_screen(Confirm(question, "Remove", "Keep"), answered)

    def action_rule(self) -> None:
        """Letters like this one go into a folder by themselves."""

        def made(taken: Taken | None) -> None:
            if taken and taken.ids:
                self.app.push_screen(
                    Confirm(taken.question, "Move", "Leave"), lambda sure: moved(taken) if sure else None
                )

        def moved(taken: Taken) -> None:
            self.bridge.ask(self, place.put, {"inbox": taken.ids}, taken.folder)

        if (row := self.pile.current) is not None:
            self.app.push_screen(Alike(self.bridge, row.folder, row.id), made)

    # Other members

    def action_give(self) -> None:
        """It is for somebody else."""
        if rows := self._chosen:
            why = _why(rows[0]) if len(rows) == 1 else "\n".join(_who(row) for row in rows)
            self.app.push_screen(Give(self.bridge, where(rows), why))
            self.pile.rows.pick(())

    def action_always(self) -> None:
        """And so are all that are like it."""
        if (row := self.pile.current) is not None:
            self.app.push_screen(Always(self.bridge, row.id, _why(row)))


def _who(row: Row) -> str:
    return f"{row.sender or '(unknown)'}: {row.subject or '(no subject)'}"


def _why(row: Row) -> str:
    """From whom it is, and why it came here."""
    return _who(row) + (f"\n{evidence(row.routed)}" if row.routed else "")
