"""Writing: drafts, attachments, and the letter submitted.

Never: the line; what was submitted waits for the next run.
"""

import mimetypes
from pathlib import Path

from textual.message import Message

from core import read
from core.errors import InputError, MailrunError
from core.mail import compose
from core.mail.book import expanded
from core.mail.compose import Attachment, Draft
from core.mail.departure import words as leaves
from core.mail.text import safe
from core.submit import submit
from tui import messages
from tui.verbs.desk import Desk
from tui.verbs.mail import mbox


def blank(desk: Desk) -> Message:
    """A new letter."""
    return messages.Drafted(Draft(desk.member, "", "", "", "", ""))


def reply(desk: Desk, folder: str, key: str, *, everyone: bool = False) -> Message:
    """A draft that answers a letter."""
    raw = read.letter(desk.house, desk.member, mbox(folder), key).raw
    draft = compose.reply(raw, desk.member, desk.house.config, everyone)
    return messages.Drafted(draft, answers=(folder, key))


def forward(desk: Desk, folder: str, key: str) -> Message:
    """A draft that passes a letter on."""
    raw = read.letter(desk.house, desk.member, mbox(folder), key).raw
    return messages.Drafted(compose.forward(raw, desk.member, desk.house.config))


def again(desk: Desk, folder: str, key: str, to: str) -> Message:
    """A draft of a letter that came back, to the address that it should have gone to."""
    return messages.Drafted(read.again(desk.house, desk.member, mbox(folder), key, to))


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
        addressed = expanded(draft, read.book(desk.house, desk.member))
        message = compose.write(addressed, desk.house.config, desk.now)
        receipt = submit(desk.house, message, desk.member, None, desk.now)
    except MailrunError as error:
        return messages.Unsent(str(error))
    if kept:
        read.expunge(desk.house, desk.member, "drafts", [kept])
    if answers is not None:
        read.mark(desk.house, desk.member, mbox(answers[0]), [answers[1]], add="A")
    return messages.Accepted(receipt.members, receipt.waiting, leaves(receipt.departure, desk.now))
