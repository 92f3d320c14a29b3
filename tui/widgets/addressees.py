"""A field of recipients: while somebody types, those who may be meant are offered below; what is no address is told.

Never: where the contacts come from; what is wrong with an address (it is told by a function from outside).
"""

from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from core.mail.contacts import Contact, entry, matching, taken

Check = Callable[[str], Sequence[str]]


class Typed(Input):
    """The line; while offers are shown, a few keys are for these."""

    class Wanted(Message):
        """A key for the offers."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    offered = False

    async def _on_key(self, event: events.Key) -> None:
        if self.offered and event.key in ("down", "up", "tab", "enter", "escape"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Wanted(event.key))
        else:
            await super()._on_key(event)


class Addressees(Vertical):
    """A label, the line, what is wrong below it, and the offers above what follows."""

    def __init__(self, label: str, text: str, name: str, check: Check) -> None:
        super().__init__(classes="addressees")
        self._label, self._text, self._name, self._check = label, text, name, check
        self._contacts: Sequence[Contact] = ()
        self._offers: list[Contact] = []

    def compose(self) -> ComposeResult:
        """The parts."""
        with Horizontal(classes="field"):
            yield Static(self._label, classes="label", markup=False)
            yield Typed(self._text, id=self._name, compact=True, select_on_focus=False)
        yield Static("", classes="fault", markup=False)
        offers = OptionList(classes="offers", compact=True)
        offers.can_focus = False
        yield offers

    def know(self, contacts: Sequence[Contact]) -> None:
        """These may be offered from now on."""
        self._contacts = contacts

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Typed).value

    def complain(self) -> bool:
        """Show what is wrong with what is typed; whether there is anything."""
        return self._complain(self.text)

    def _complain(self, text: str) -> bool:
        faults = self._check(text)
        note = self.query_one(".fault", Static)
        note.update(Content("\n".join(faults)))
        note.display = bool(faults)
        return bool(faults)

    @on(Input.Changed)
    def _changed(self) -> None:
        """Offer who may be meant by the entry at the cursor; the others are finished, and are checked."""
        line = self.query_one(Typed)
        start, end = entry(line.value, line.cursor_position)
        found = matching(self._contacts, line.value[start : line.cursor_position]) if line.has_focus else []
        self._offer(found)
        self._complain(line.value[:start] + line.value[end:])

    def _offer(self, found: list[Contact]) -> None:
        self._offers = found
        offers = self.query_one(OptionList)
        offers.clear_options()
        offers.add_options([Content(f"{one.text}   {one.about}".rstrip()) for one in found])
        offers.highlighted = 0 if found else None
        offers.display = self.query_one(Typed).offered = bool(found)

    @on(Typed.Wanted)
    def _wanted(self, event: Typed.Wanted) -> None:
        event.stop()
        offers = self.query_one(OptionList)
        match event.key:
            case "down":
                offers.action_cursor_down()
            case "up":
                offers.action_cursor_up()
            case "escape":
                self._offer([])
            case _:
                self._take(offers.highlighted or 0)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(event.option_index)

    def _take(self, index: int) -> None:
        line = self.query_one(Typed)
        if index < len(self._offers):
            value, cursor = taken(line.value, line.cursor_position, self._offers[index])
            with line.prevent(Input.Changed):
                line.value = value
            line.cursor_position = cursor
            line.focus()
        self._offer([])

    @on(events.DescendantBlur)
    def _left(self) -> None:
        """On to another field: nothing is offered any more, and every entry is finished."""
        self._offer([])
        line = self.query_one(Typed)
        with line.prevent(Input.Changed):
            line.value = line.value.rstrip(", ")
        self.complain()
