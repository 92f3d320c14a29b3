"""Writing: drafts, attachments, and the letter submitted.

Never: the line; what was submitted waits for the next run.
"""

import mimetypes
import stat
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from textual.message import Message

from core import picture, read, stub
from core.contacts import contacts as known
from core.errors import InputError, MailrunError
from core.mail import compose
from core.mail.addresses import typed
from core.mail.book import expand, expanded
from core.mail.compose import Attachment, Draft, Origin, Whom
from core.mail.departure import words as leaves
from core.mail.spelling import words
from core.mail.text import safe
from core.net.speller import unknown
from core.store import index, unfinished
from core.submit import submit
from tui import messages
from tui.verbs.desk import Desk
from tui.verbs.mail import mbox

LARGEST = 50_000_000  # bytes of an attached file; hardly a server takes more


def blank(desk: Desk, to: str = "", subject: str = "") -> Message:
    """A new letter."""
    signature = desk.house.config.members[desk.member].signature
    return messages.Drafted(Draft(desk.member, to=to, subject=subject, text=compose.signed("", signature)))


def reply(desk: Desk, folder: str, key: str, whom: Whom = "sender") -> Message:
    """A draft that answers a letter."""
    raw = read.letter(desk.house, desk.member, mbox(folder), key).raw
    draft = compose.reply(raw, desk.member, desk.house.config, whom)
    return messages.Drafted(replace(draft, origin=Origin("A", key, mbox(folder))))


def forward(desk: Desk, folder: str, key: str, *, whole: bool = False) -> Message:
    """A draft that passes a letter on: its text and files, or the whole of it as one file.

    Raises:
        InputError: the whole of it is not here.
    """
    raw = read.letter(desk.house, desk.member, mbox(folder), key).raw
    if whole:
        _all(raw)
    draft = compose.forward(raw, desk.member, desk.house.config, whole=whole)
    return messages.Drafted(replace(draft, origin=Origin("P", key, mbox(folder))))


def renew(desk: Desk, folder: str, key: str) -> Message:
    """A letter as the beginning of a new one."""
    raw = read.letter(desk.house, desk.member, mbox(folder), key).raw
    return messages.Drafted(compose.renew(raw, desk.member, desk.house.config))


def resend(desk: Desk, folder: str, key: str, to: str) -> Message:
    """Send a letter on as it is, to those whom somebody typed.

    Raises:
        InputError: nobody is named, or wrongly; or the whole of it is not here.
    """
    found = read.letter(desk.house, desk.member, mbox(folder), key)
    _all(found.raw)
    named = ", ".join(typed(expand(to, read.book(desk.house, desk.member))))
    message = compose.resend(found.raw, desk.member, desk.house.config, named, desk.now, uuid4().hex)
    receipt = submit(desk.house, message, desk.member, None, desk.now, copy=False)
    read.mark(desk.house, desk.member, mbox(folder), [found.row.id], add="P")
    return messages.Accepted(receipt.members, receipt.waiting, leaves(receipt.departure, desk.now))


def _all(raw: bytes) -> None:
    """Nobody gets half a letter as if it were a whole one."""
    if stub.partial(raw):
        raise InputError("only the beginning of this letter is here; fetch the rest first, then send it on")


def again(desk: Desk, folder: str, key: str, to: str) -> Message:
    """A draft of a letter that came back, to the address that it should have gone to."""
    return messages.Drafted(read.again(desk.house, desk.member, mbox(folder), key, to))


def draft(desk: Desk, key: str) -> Message:
    """A kept draft, opened again; it is the member's, whichever program wrote it."""
    raw = read.letter(desk.house, desk.member, "drafts", key).raw
    return messages.Drafted(replace(compose.parse_draft(raw), sender=desk.member), key)


def attach(desk: Desk, path: str) -> Message:  # noqa: ARG001 - every verb takes the desk
    """Read a file that shall go with a draft.

    Raises:
        InputError: it cannot be read, is no file, or is larger than any server takes.
    """
    source = Path(path.strip()).expanduser()
    name = safe(str(source))
    try:
        found = source.stat()
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{name} cannot be attached: it is no file")
        if found.st_size > LARGEST:
            raise InputError(f"{name} cannot be attached: it is larger than {LARGEST // 1_000_000} MB")
        content = source.read_bytes()
    except OSError as error:
        raise InputError(f"{name} cannot be attached: {error.strerror}") from None
    kind = mimetypes.guess_type(source.name)[0] or "application/octet-stream"
    return messages.Attached(Attachment(safe(source.name), kind, content))


def smaller(desk: Desk, file: Attachment, *, asked: bool = False) -> Message:  # noqa: ARG001 - every verb takes the desk
    """The sizes in which an attached picture may go; it alone where no smaller one is worth it."""
    return messages.Smaller(file, picture.smaller(file), asked=asked)


def keep(desk: Desk, draft: Draft, replaces: str = "") -> Message:
    """Keep a draft in place of its earlier state."""
    ident = read.save_draft(desk.house, desk.member, draft, desk.now, replaces)
    unfinished.note(_folder(desk), ident)
    return messages.Kept(ident)


def close(desk: Desk) -> Message:
    """Nobody writes any more."""
    unfinished.forget(_folder(desk))
    return messages.Done("")


def left(desk: Desk) -> Message:
    """The letters that were being written when the program ended, and that are still there."""
    drafts = desk.house.box(desk.member, "drafts")
    return messages.Left(len(index.places(drafts, unfinished.left(_folder(desk)))))


def _folder(desk: Desk) -> Path:
    return desk.house.box(desk.member).parent


def contacts(desk: Desk) -> Message:
    """Whom the member may want to write to."""
    return messages.Contacts(known(desk.house, desk.member, desk.now), tuple(read.book(desk.house, desk.member)))


def spell(desk: Desk, text: str) -> Message:
    """The words of a letter that stand in no dictionary.

    Raises:
        InputError: no dictionary of the member's language is installed.
    """
    asked = dict.fromkeys(word.text for word in words(text))
    return messages.Spelled(unknown(list(asked), desk.house.config.members[desk.member].language))


def drop(desk: Desk, key: str) -> Message:
    """Throw a draft away."""
    read.expunge(desk.house, desk.member, "drafts", [key])
    return messages.Changed()


def send(desk: Desk, draft: Draft, kept: str = "") -> Message:
    """Submit a draft; then it is no draft any more, and what it answers or passes on is marked so."""
    try:
        addressed = expanded(draft, read.book(desk.house, desk.member))
        message = compose.write(addressed, desk.house.config, desk.now)
        receipt = submit(desk.house, message, desk.member, None, desk.now, departure=draft.departure)
    except MailrunError as error:
        return messages.Unsent(str(error))
    # It is on its way: a draft that another program holds, or a mark, is no reason to have it sent twice.
    with suppress(MailrunError):
        if draft.origin:
            read.mark(desk.house, desk.member, draft.origin.folder, [draft.origin.id], add=draft.origin.flag)
    with suppress(MailrunError):
        if kept:
            read.expunge(desk.house, desk.member, "drafts", [kept])
    return messages.Accepted(receipt.members, receipt.waiting, leaves(receipt.departure, desk.now))
