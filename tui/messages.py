"""What the bridge tells the screens: an event of a run, the state of the house, and the answers to what was asked.

All text here has been sanitised; widgets still show it as Text, never as markup.

Never: behaviour.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from textual.message import Message

from core.config import Config, Secret
from core.events import Event
from core.forecast import Forecast
from core.household import Household
from core.learn import Learned
from core.mail.blocks import Block
from core.mail.compose import Attachment, Draft
from core.mail.contacts import Contact
from core.mail.parts import Part
from core.mail.rules import Rule
from core.mail.suggest import Known
from core.move import Moved
from core.picture import Picture
from core.read import Folder, Letter, Row
from core.read import Rows as Letters
from core.rows import Sorting
from tui.values import BY_DATE, Big, Bill, Earlier, Likeness, Month, Moving, Path, Waiting


class Told(Message):
    """A run goes on: one event of it, but for how far it is; that is the bridge's ``call`` at any moment."""

    bubble = False

    def __init__(self, event: Event) -> None:
        self.event = event
        super().__init__()


class Halted(Message):
    """No run is made, for the month's budget does not allow one; why."""

    bubble = False

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__()


class Stood(Message):
    """How things stand: what the next run would be. Sent whenever it may have changed."""

    bubble = False

    def __init__(self, ahead: Forecast) -> None:
        self.ahead = ahead
        super().__init__()


class Opened(Message):
    """This member's mail is open."""

    def __init__(self, member: str) -> None:
        self.member = member
        super().__init__()


class Denied(Message):
    """The passphrase was wrong."""


class Folders(Message):
    """A member's folders."""

    def __init__(self, folders: list[Folder]) -> None:
        self.folders = folders
        super().__init__()


class Stirred(Message):
    """How the member's mailboxes are at the moment, in no words: only whether it differs tells something."""

    bubble = False

    def __init__(self, stamps: object) -> None:
        self.stamps = stamps
        super().__init__()


class Learning(Message):
    """The index is brought up to date: how far that is."""

    bubble = False

    def __init__(self, learned: Learned) -> None:
        self.learned = learned
        super().__init__()

    def can_replace(self, message: Message) -> bool:
        """Later news of the same stage stand for earlier ones."""
        return isinstance(message, Learning) and (self.learned.folder, self.learned.stage) == (
            message.learned.folder,
            message.learned.stage,
        )


class Rows(Message):
    """The letters of a folder, or of a saved search, in an order."""

    def __init__(self, folder: str, rows: Letters, order: Sorting = BY_DATE) -> None:
        self.folder = folder
        self.rows = rows
        self.order = order
        super().__init__()


class Found(Message):
    """What was found in a folder (empty: everywhere); ``faults``: what of the search means nothing."""

    def __init__(self, folder: str, text: str, rows: Letters, faults: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.text = text
        self.rows = rows
        self.faults = faults
        super().__init__()


class Choices(Message):
    """Whom and what a search could name."""

    def __init__(self, known: Known) -> None:
        self.known = known
        super().__init__()


class Read(Message):
    """A letter, to be shown; of a stub, what is to become of the ``rest``, or that this is ``gone``."""

    def __init__(self, folder: str, letter: Letter, rest: Big | None = None, *, gone: bool = False) -> None:
        self.folder = folder
        self.letter = letter
        self.rest = rest
        self.gone = gone
        super().__init__()


class Looked(Message):
    """Something of a letter (``key``) to be read by itself: its source, or what is attached."""

    def __init__(self, key: str, title: str, blocks: tuple[Block, ...]) -> None:
        self.key = key
        self.title = title
        self.blocks = blocks
        super().__init__()


class Unpacked(Message):
    """What is attached, decoded, for a program."""

    def __init__(self, part: Part, content: bytes) -> None:
        self.part = part
        self.content = content
        super().__init__()


class Pictured(Message):
    """A picture that is attached, decoded (by Pillow) and no larger than a screen."""

    def __init__(self, title: str, image: Any) -> None:
        self.title = title
        self.image = image
        super().__init__()


class Failed(Message):
    """It could not be done; the house has been told why already."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__()


class Done(Message):
    """It was done; the sentence (if any) says what. The list is as shown."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__()


class Changed(Message):
    """Letters were moved or removed; the folders and the list are no longer as shown.

    ``undo``: what takes it back, if that can be; ``at``: the letter to look at now. ``learned``: letters as they came,
    for the program that tells junk to learn that they are ``good``, or junk.
    """

    def __init__(
        self,
        sentence: str = "",
        undo: tuple[Moved, ...] = (),
        at: str = "",
        *,
        learned: tuple[bytes, ...] = (),
        good: bool = False,
    ) -> None:
        self.sentence = sentence
        self.undo = undo
        self.at = at
        self.learned = learned
        self.good = good
        super().__init__()


class Doomed(Message):
    """These letters of a folder can be removed for good, after a question."""

    def __init__(self, folder: str, keys: list[str]) -> None:
        self.folder = folder
        self.keys = keys
        super().__init__()


class Drafted(Message):
    """A draft to write on: a reply, a forward, or one that was kept (``id`` in the drafts folder)."""

    def __init__(self, draft: Draft, id: str = "") -> None:  # noqa: A002 - the rows' word
        self.draft = draft
        self.id = id
        super().__init__()


class Attached(Message):
    """A file was read, to go with the draft."""

    def __init__(self, attachment: Attachment) -> None:
        self.attachment = attachment
        super().__init__()


class Smaller(Message):
    """The sizes in which a picture may go, the one that it has first; ``asked``: somebody wanted to know."""

    def __init__(self, file: Attachment, sizes: Sequence[Picture], *, asked: bool) -> None:
        self.file = file
        self.sizes = sizes
        self.asked = asked
        super().__init__()


class Edited(Message):
    """The text as the editor left it."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class Contacts(Message):
    """Whom the member may want to write to, and the nicknames in the address book."""

    def __init__(self, contacts: Sequence[Contact], nicknames: Sequence[str]) -> None:
        self.contacts = contacts
        self.nicknames = nicknames
        super().__init__()


class Spelled(Message):
    """The words that stand in no dictionary, with suggestions."""

    def __init__(self, unknown: Mapping[str, Sequence[str]]) -> None:
        self.unknown = unknown
        super().__init__()


class Left(Message):
    """So many letters were being written when the program ended; they are in Drafts."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__()


class Kept(Message):
    """The draft is on disk."""

    def __init__(self, id: str) -> None:  # noqa: A002 - the rows' word
        self.id = id
        super().__init__()


class Accepted(Message):
    """The letter was accepted: who in the house has it by now, for whom it waits, and when it leaves."""

    def __init__(self, members: tuple[str, ...], waiting: tuple[str, ...], leaves: str) -> None:
        self.members = members
        self.waiting = waiting
        self.leaves = leaves
        super().__init__()


class Unsent(Message):
    """The letter was not accepted; ``why`` is the sentence. The draft is to be kept."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__()


class Queue(Message):
    """What waits."""

    def __init__(self, items: list[Waiting]) -> None:
        self.items = items
        super().__init__()


class Shown(Message):
    """A waiting letter, and what it says."""

    def __init__(self, item: Waiting, blocks: tuple[Block, ...]) -> None:
        self.item = item
        self.blocks = blocks
        super().__init__()


class Stubs(Message):
    """Big letters at the provider, the member's own first; the sentence (if any) says what was done about one."""

    def __init__(self, items: list[Big], sentence: str = "") -> None:
        self.items = items
        self.sentence = sentence
        super().__init__()


class Statements(Message):
    """Earlier runs, newest first, all of this month together, and the bill."""

    def __init__(self, runs: list[Earlier], month: Month, bill: Bill) -> None:
        self.runs = runs
        self.month = month
        self.bill = bill
        super().__init__()


class Settings(Message):
    """The settings as they are now; ``seen`` is the file's text, so that nobody's later edit is overwritten."""

    def __init__(self, config: Config, seen: Secret) -> None:
        self.config = config
        self.seen = seen
        super().__init__()


class Weighed(Message):
    """What a change of the settings would mean: faults, each with its key's path, or else the letters that move."""

    def __init__(self, faults: tuple[tuple[Path, str], ...], moving: tuple[Moving, ...]) -> None:
        self.faults = faults
        self.moving = moving
        super().__init__()


class Tried(Message):
    """What a rule, or all of a member's, would do with past letters: sentences, and the letters that it would take."""

    def __init__(self, sentences: tuple[str, ...], taken: tuple[Moving, ...]) -> None:
        self.sentences = sentences
        self.taken = taken
        super().__init__()


class Tested(Message):
    """What a trial found, a sentence each; False: something is wrong there."""

    def __init__(self, findings: tuple[tuple[bool, str], ...]) -> None:
        self.findings = findings
        super().__init__()


class Proposed(Message):
    """Rules that would have caught a letter, each with its sentence, the closest first."""

    def __init__(self, rules: tuple[tuple[Rule, str], ...]) -> None:
        self.rules = rules
        super().__init__()


class Likenesses(Message):
    """The rules of one's own that a letter would make, the closest first, and the folders that there are.

    ``inbox`` says in words how much of it was looked at.
    """

    def __init__(self, likes: tuple[Likeness, ...], folders: tuple[str, ...], inbox: str) -> None:
        self.likes = likes
        self.inbox = inbox
        self.folders = folders
        super().__init__()


class Caught(Message):
    """The letters that nobody claimed and a rule would give to somebody."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        super().__init__()


class Ruled(Message):
    """A rule was written, and letters were perhaps given out by it; the settings as they are now."""

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__()


class Seated(Message):
    """What the guide begins with: the login and name of who sits there, and the serial ports with what they are."""

    def __init__(self, login: str, name: str, ports: tuple[tuple[str, str], ...]) -> None:
        self.login = login
        self.name = name
        self.ports = ports
        super().__init__()


class Adopted(Message):
    """An old set-up as settings, the text of their file, and what was not understood of the old one."""

    def __init__(self, config: Config, text: Secret, remarks: tuple[str, ...]) -> None:
        self.config = config
        self.text = text
        self.remarks = remarks
        super().__init__()


class Founded(Message):
    """The household is on disk and open; what its first run would be."""

    def __init__(self, house: Household, ahead: Forecast) -> None:
        self.house = house
        self.ahead = ahead
        super().__init__()
