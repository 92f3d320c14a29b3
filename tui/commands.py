"""Every command once: its id, keys, action, the word on the hint line, and its sentence for help and palette.

The id stays the same for ever: household members remap keys by it.
Commands know actions by name, not the classes that carry them out.

Never: what a command does.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen

from tui.keys import display


@dataclass(frozen=True, slots=True)
class Command:
    """One command; ``where`` is the place that binds it, ``word`` (if any) puts it on the hint line there."""

    id: str
    keys: str
    action: str
    help: str
    where: str
    word: str = ""
    shown: str = ""
    first: bool = False  # before whatever has the focus gets the key

    @property
    def key(self) -> str:
        """The key as it is shown to people."""
        return self.shown or self.keys.split(",")[0]


COMMANDS: tuple[Command, ...] = (
    Command("app.mail", "1", "mode('mail')", "Mail: folders, list and letter", "app"),
    Command("app.queue", "2", "mode('queue')", "Queue: what waits to be sent", "app"),
    Command("app.connection", "3", "mode('connection')", "Connection: run, progress, earlier runs", "app"),
    Command("app.settings", "4", "mode('settings')", "Settings: members, aliases, provider, line", "app"),
    Command("app.run", "f9", "run", "Make a mail run now, or hang up", "app", "Run", "F9", first=True),
    Command("app.help", "question_mark,f1", "help", "Help for this screen", "app", "Help", "?"),
    Command("app.palette", "ctrl+p", "command_palette", "All commands", "app", shown="^P"),
    Command("app.theme", "f8", "change_theme", "Change the colours: light, dark, 16 colours", "app", shown="F8"),
    Command("app.member", "at", "who", "Change to another member", "app", shown="@"),
    Command("app.quit", "q", "leave", "Quit", "app", "Quit"),
    Command("app.end", "ctrl+q", "leave", "Quit, from wherever you type", "app", shown="^Q"),
    Command("mail.back", "escape,q", "back", "Back", "mail", "Back", "Esc"),
    Command("letter.down", "j,down", "line(1)", "A line down", "text"),
    Command("letter.up", "k,up", "line(-1)", "A line up", "text"),
    Command("letter.more", "space,pagedown", "page(1)", "A page down", "text", "More", "Space"),
    Command("letter.less", "b,pageup", "page(-1)", "A page up", "text"),
    Command("letter.top", "home", "end(False)", "To the beginning", "text", shown="Home"),
    Command("letter.end", "end,G", "end(True)", "To the end", "text", shown="End"),
    Command("letter.heads", "h", "heads", "More headers, all of them, or only the few", "letter", "Headers"),
    Command("letter.back", "escape,q", "back", "Back to the letter", "letter", "Back", "Esc"),
    Command("letter.files", "v", "files", "Open, read or save what is attached", "letter", "Attached"),
    Command("letter.links", "l", "links", "Show where a link leads, and follow it", "letter", "Links"),
    Command("letter.rest", "t", "rest", "Big letter: fetch the rest, leave it, or delete it", "letter", "The rest"),
    Command("letter.fold", "x", "fold", "Show what is folded up, or fold up all quotes", "letter", "Folds"),
    Command("letter.unfold", "enter", "unfold", "Show the first fold in sight, or fold it up", "text", shown="Enter"),
    Command("letter.newer", "n,right", "step(1)", "Next letter", "letter", "Next"),
    Command("letter.older", "p,left", "step(-1)", "Previous letter", "letter"),
    Command("mail.save", "S", "save", "Save all that is attached", "letter", "Save all"),
    Command("letter.find", "ctrl+f", "find", "Find words in the letter", "letter", "Find", "^F"),
    Command("letter.again", "f3", "find_again(1)", "The next place where they are", "letter", "Next", "F3"),
    Command("letter.before", "shift+f3", "find_again(-1)", "The place before", "letter", shown="Shift+F3"),
    Command("letter.source", "backslash", "source", "The letter as it came, byte for byte", "letter", shown="\\"),
    Command("letter.other", "H", "other", "The page of a letter that is text and page", "letter"),
    Command("letter.clip", "Y", "clip", "Copy the text to the clipboard", "letter"),
    Command("letter.print", "P", "write", "Write the letter as text to a file", "letter"),
    Command("list.open", "enter", "open", "Open what the cursor stands on", "list", "Open", "Enter"),
    Command("mail.always", "T", "always", "Letters like this are always for a member", "place", "Always for ..."),
    Command("mail.again", "A", "again", "Fix the address and send again", "mail", "Send again"),
    Command("mail.compose", "c,m", "compose", "Compose a new letter", "mail", "Compose"),
    Command("mail.reply", "r", "reply", "Reply to the sender", "mail", "Reply"),
    Command("mail.delete", "d", "delete", "Delete: to the trash, and from there for good", "place", "Delete"),
    Command("mail.undelete", "u", "undo", "Undo the last move or deletion", "place", "Undo"),
    Command("mail.folders", "y", "folders", "Choose a folder", "mail", "Folders"),
    Command("mail.search", "slash", "search", "Search in this folder, or everywhere", "mail", "Search", "/"),
    Command("mail.group", "g", "reply('everyone')", "Reply to everyone", "mail", "Reply all"),
    Command("mail.forward", "f", "forward", "Forward the letter: its text and its files", "mail", "Forward"),
    Command("mail.answer", "L", "reply('list')", "Reply to the mailing list", "mail"),
    Command("mail.pass", "W", "forward(True)", "Forward the whole letter as a file", "mail"),
    Command("mail.resend", "B", "resend", "Send the letter on as it is: answers go to its author", "mail"),
    Command("mail.renew", "E", "renew", "Edit as new: begin another letter with this one", "mail"),
    Command("mail.archive", "a", "archive", "Move to the archive", "place", "Archive"),
    Command("mail.move", "s", "move", "Move to another folder, or a new one", "place", "Move"),
    Command("mail.copy", "C", "copy", "Copy to another folder", "place"),
    Command("mail.junk", "exclamation_mark", "junk", "Move to junk, or back from there", "place", shown="!"),
    Command("mail.rule", "R", "rule", "File letters like this by themselves: make a rule", "place", "Rule ..."),
    Command("mail.flag", "F", "flag", "Flag as important, or no longer", "place"),
    Command("mail.unread", "N", "unread", "Mark as unread, or as read", "place"),
    Command("mail.onward", "tab,n", "onward", "Next unread letter; then other folders", "pile", "Unread", "Tab"),
    Command("mail.order", "o", "order", "Sort by threads, date, sender, subject, size", "pile", "Sort"),
    Command("mail.turn", "O", "turn", "Turn the order round: the newest first, or last", "pile"),
    Command("mail.give", "t", "give", "Give the letter to the member it is for", "place", "For ..."),
    Command("mail.next", "J", "folder(1)", "Next folder", "mail"),
    Command("mail.previous", "K", "folder(-1)", "Previous folder", "mail"),
    Command("mail.expunge", "dollar_sign", "expunge", "Empty the trash, or remove the D-marked", "place", shown="$"),
    Command("mail.check", "ctrl+r", "look", "Look again for new letters in the house", "mail", shown="^R"),
    Command("letters.pick", "v", "pick", "Select the letter, or no longer", "letters", "Select"),
    Command("letters.thread", "V", "pick_thread", "Select the whole thread", "letters"),
    Command("letters.all", "ctrl+a", "pick_all", "Select every letter, or none", "letters", shown="^A"),
    Command("letters.fold", "z", "fold", "Fold the replies of this thread, or show them", "letters"),
    Command("letters.foldall", "Z", "fold(True)", "Fold the replies of every thread, or show them", "letters"),
    Command("letters.read", "space", "open", "Open the letter", "letters", shown="Space"),
    Command("search.list", "enter", "ask('list')", "To what was found", "search", "To the list", "Enter"),
    Command(
        "search.scope", "tab", "ask('scope')", "In this folder, or everywhere of mine", "search", "Everywhere", "Tab"
    ),
    Command("search.leave", "escape", "ask('leave')", "Back to the folder", "search", "Back", "Esc"),
    Command("search.save", "ctrl+s", "ask('save')", "Save this search as a folder", "search", "Save", "^S"),
    Command("search.earlier", "up", "ask('earlier')", "The suggestion above, or an earlier search", "search"),
    Command("search.later", "down", "ask('later')", "The suggestion below, or a later search", "search"),
    Command("search.help", "f1", "ask('help')", "Help: what can be looked for", "search", "How", "F1"),
    Command("folders.make", "n", "ask('make')", "Make a folder", "folders", "New folder"),
    Command("folders.rename", "R", "ask('rename')", "Rename a folder of your own", "folders", "Rename"),
    Command("folders.remove", "d", "ask('remove')", "Remove an empty folder of your own", "folders", "Remove"),
    Command("list.down", "j,down", "down", "Next", "list"),
    Command("list.up", "k,up", "up", "Previous", "list"),
    Command("list.pagedown", "pagedown,ctrl+d", "page(1)", "A page down", "list", shown="PgDn"),
    Command("list.pageup", "pageup,ctrl+u", "page(-1)", "A page up", "list", shown="PgUp"),
    Command("list.first", "home", "go(0)", "To the first", "list", shown="Home"),
    Command("list.last", "end,G", "go(-1)", "To the last", "list", shown="End"),
    Command("compose.send", "ctrl+s", "send", "Send: goes out with the next run", "compose", "Send", "^S", True),
    Command("compose.leave", "ctrl+o", "leave", "Hold, urgent, not before a time", "compose", "Hold", "^O", True),
    Command("compose.attach", "ctrl+t", "attach", "Attach a file", "compose", "Attach", "^T", True),
    Command("compose.detach", "ctrl+r", "detach", "Take an attachment off", "compose", shown="^R", first=True),
    Command("compose.keep", "escape", "keep", "Keep as a draft and close", "compose", "To drafts", "Esc"),
    Command("compose.editor", "ctrl+e", "editor", "Write in your editor", "compose", "Editor", "^E", True),
    Command("compose.next", "enter,tab", "next", "On to the next field", "compose", shown="Enter", first=True),
    Command("compose.spell", "ctrl+l", "spell", "Look for unknown words", "compose", "Spelling", "^L", True),
    Command("compose.sender", "ctrl+f", "sender", "Write from another address", "compose", shown="^F", first=True),
    Command("compose.smaller", "ctrl+g", "smaller", "Send a picture smaller", "compose", shown="^G", first=True),
    Command("files.smaller", "s", "smaller", "Send this picture smaller", "files", "Smaller"),
    Command("files.remove", "d,delete,backspace", "remove", "Take this file off", "files", "Take off"),
    Command("compose.drop", "ctrl+x", "drop", "Throw the draft away", "compose", shown="^X", first=True),
    Command("queue.back", "escape", "back", "Back to the list", "queue", "Back", "Esc"),
    Command("queue.hold", "h", "hold", "Hold back, or let go", "queue", "Hold / release"),
    Command(
        "queue.urgent", "exclamation_mark", "urgent", "Urgent: before all others, or no longer", "queue", "Urgent", "!"
    ),
    Command("queue.when", "w", "later", "Choose when it leaves: not before a time, held ...", "queue", "When ..."),
    Command("queue.cancel", "d,x", "cancel", "Do not send it", "queue", "Cancel"),
    Command("queue.retry", "r", "retry", "Try again with the next run", "queue", "Retry"),
    Command("connection.bill", "b", "bill", "The bill: by member, call and month", "connection", "Bill"),
    Command("stubs.take", "t", "answer('take')", "Big letter: fetch it, now if a line is up", "stubs", "Take"),
    Command("stubs.next", "n", "answer('next')", "Big letter: fetch it with the next run", "stubs", "Next run"),
    Command("stubs.leave", "l", "answer('leave')", "Big letter: leave it at the provider", "stubs", "Leave"),
    Command("stubs.delete", "d", "answer('delete')", "Big letter: delete it at the provider", "stubs", "Delete"),
    Command("settings.edit", "e", "edit", "Change what the cursor stands on", "settings"),
    Command("settings.add", "a", "add", "Add a member, an alias, a list, a maildrop ...", "settings", "Add"),
    Command("settings.delete", "d", "delete", "Delete what the cursor stands on", "settings", "Delete"),
    Command(
        "settings.up", "K,ctrl+up", "shift(-1)", "Put this rule or price above the one before it", "settings", "Up"
    ),
    Command(
        "settings.down", "J,ctrl+down", "shift(1)", "Put this rule or price below the one after it", "settings", "Down"
    ),
    Command("settings.try", "t", "try", "Try your rules on past letters", "settings", "Try"),
    Command("settings.passphrase", "p", "passphrase", "Set your passphrase", "settings", "Passphrase"),
    Command("settings.why", "w", "why", "Who would get the message in a file, and why", "settings", "Who gets it?"),
    Command(
        "guide.next", "ctrl+n", "next", "The next step; after the last, write it and open", "guide", "Next", "^N", True
    ),
    Command("guide.back", "escape", "back", "The step before", "guide", "Back", "Esc"),
    Command("guide.test", "ctrl+t", "test", "Try it for real", "guide", "Test", "^T", True),
    Command("guide.person", "ctrl+o", "person", "One more who lives here", "guide", "One more person", "^O", True),
    Command("guide.old", "ctrl+f", "old", "Take over an old set-up", "guide", "Old set-up", "^F", True),
    Command("guide.leave", "ctrl+x", "leave", "Leave; nothing is kept", "guide", "Leave", "^X", True),
    Command("form.save", "ctrl+s", "save", "Save", "form", shown="^S", first=True),
    Command("form.test", "ctrl+t", "test", "Try it for real", "form", shown="^T", first=True),
    Command("form.leave", "escape", "leave", "Leave without saving", "form", shown="Esc"),
)


def bindings(*where: str) -> list[Binding]:
    """Textual's bindings for these places; each has the command's id, so that a keymap can change its keys."""
    return [
        Binding(
            command.keys, command.action, command.help, id=command.id, key_display=command.key, priority=command.first
        )
        for command in COMMANDS
        if command.where in where
    ]


@dataclass(frozen=True, slots=True)
class Here:
    """A command that can be carried out now: its key as it is bound at present, and the node that acts."""

    command: Command
    key: str
    action: str
    node: DOMNode


def here(screen: Screen[Any]) -> list[Here]:
    """What a screen offers at the moment, in the order above, each with a key that works; remapped ones as remapped."""
    active: dict[str, list[tuple[DOMNode, Binding]]] = {}
    for node, binding, on, _ in screen.active_bindings.values():
        if on and binding.id:
            active.setdefault(binding.id, []).append((node, binding))
    return [
        Here(command, _key(command, [binding.key for _, binding in active[command.id]]), binding.action, node)
        for command in COMMANDS
        if command.id in active
        for node, binding in active[command.id][:1]
    ]


def _key(command: Command, keys: list[str]) -> str:
    """The key that stands for a command, of those that are not taken by what has the focus."""
    return command.key if command.keys.split(",")[0] in keys else display(keys[0])


def bound(screen: Screen[Any], id_: str) -> str:
    """The key of a command as people are to press it, for a sentence that names it."""
    keys = screen.app._keymap.get(id_)  # noqa: SLF001 - a private attribute; Textual is pinned
    return display(keys.split(",")[0]) if keys else next(command.key for command in COMMANDS if command.id == id_)


class Palette(Provider):
    """The command palette: what can be done here, each with its key."""

    async def discover(self) -> Hits:
        """Everything, before anything is typed; what belongs to this screen first."""
        for it in sorted(here(self.screen), key=lambda it: it.command.where == "app"):
            yield DiscoveryHit(_entry(it, Content(it.command.help)), self._doing(it), it.command.help)

    async def search(self, query: str) -> Hits:
        """What matches the typed words."""
        matcher = self.matcher(query)
        for it in here(self.screen):
            if (score := matcher.match(it.command.help)) > 0:
                yield Hit(score, _entry(it, matcher.highlight(it.command.help)), self._doing(it), it.command.help)

    def _doing(self, it: Here) -> Callable[[], Awaitable[bool]]:
        return partial(self.app.run_action, it.action, it.node)


def _entry(it: Here, words: Content) -> Content:
    """A line of the palette: the key, and what it does."""
    return Content.styled(f"{it.key:>7}", "$primary") + Content("  ") + words
