"""One letter: read, looked at part by part, saved, written to a file.

Never: another member's mail; starting a program.
"""

from pathlib import Path

from textual.message import Message

from core import picture as pictures
from core import read, stub
from core.errors import InputError
from core.mail import text
from core.mail.parts import Part
from core.mail.text import safe
from tui import messages
from tui.verbs import stubs
from tui.verbs.desk import Desk
from tui.verbs.mail import mbox

_LARGEST = (1600, 1600)
_HEADS = ("from", "to", "cc", "date", "subject")


def show(desk: Desk, folder: str, key: str) -> Message:
    """A letter to be read."""
    letter = _letter(desk, folder, key)
    return messages.Read(folder, letter, stubs.about(desk, letter.raw), gone=stub.gone(desk.house, letter.raw))


def source(desk: Desk, folder: str, key: str) -> Message:
    """The same as it came."""
    return messages.Looked(key, "The letter as it came", text.source(_letter(desk, folder, key).raw))


def page(desk: Desk, folder: str, key: str) -> Message:
    """The page of a letter that is both text and page."""
    return messages.Looked(key, "The same as a page", text.blocks(_letter(desk, folder, key).raw, page=True))


def look(desk: Desk, folder: str, key: str, part: Part) -> Message:
    """What is attached, to be read."""
    return messages.Looked(key, part.name, text.enclosed(_letter(desk, folder, key).raw, part.path))


def fetch(desk: Desk, folder: str, key: str, part: Part) -> Message:
    """What is attached, to be given to a program."""
    return messages.Unpacked(part, _content(desk, folder, key, part))


def picture(desk: Desk, folder: str, key: str, part: Part) -> Message:
    """A picture that is attached, decoded for the terminal; needs the extra ``pictures``."""
    with pictures.opened(_content(desk, folder, key, part), part.name, "save it") as image:
        image.thumbnail(_LARGEST)
        return messages.Pictured(part.name, image.convert("RGB"))


def save(desk: Desk, folder: str, key: str, where: str, only: Part | None = None) -> Message:
    """Write what is attached into a folder of this computer, all or one; nothing there is overwritten."""
    parts = (only,) if only else _letter(desk, folder, key).attachments
    target = Path(where).expanduser()
    if not target.is_dir():
        raise InputError(f"{safe(where)} is no folder; name one that there is")
    names = [_new(target, part.name, _content(desk, folder, key, part)) for part in parts]
    what = safe(names[0]) if len(names) == 1 else f"{len(names)} files"
    return messages.Done(f"{what} saved in {safe(str(target))}.")


def write(desk: Desk, folder: str, key: str, where: str) -> Message:
    """Write a letter as text into a file that is not there yet."""
    letter, target = _letter(desk, folder, key), Path(where).expanduser()
    heads = [f"{name}: {value}" for name, value in letter.head if name.lower() in _HEADS]
    try:
        with target.open("x", encoding="utf-8") as out:
            out.write("\n".join([*heads, "", letter.text, ""]))
    except FileExistsError:
        raise InputError(f"{safe(where)} is there already, and was left alone; name a new file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{safe(where)} cannot be written: {_why(error)}") from None
    return messages.Done(f"Written to {safe(str(target))}.")


def _letter(desk: Desk, folder: str, key: str) -> read.Letter:
    return read.letter(desk.house, desk.member, mbox(folder), key)


def _content(desk: Desk, folder: str, key: str, part: Part) -> bytes:
    return read.attachment(desk.house, desk.member, mbox(folder), key, part.path)


def _new(folder: Path, name: str, content: bytes) -> str:
    """A new file in a folder, under another name where there is one of that name; the name."""
    wanted = Path(Path(name).name.lstrip(".") or "attachment")
    for number in range(1, 1000):
        free = folder / (wanted.name if number == 1 else f"{wanted.stem}-{number}{wanted.suffix}")
        try:
            with free.open("xb") as out:
                out.write(content)
        except FileExistsError:
            continue
        except (OSError, ValueError) as error:
            raise InputError(f"{safe(str(free))} cannot be written: {_why(error)}") from None
        return free.name
    raise InputError(f"{safe(str(folder))} has a thousand files called {safe(wanted.name)}; name another folder")


def _why(error: OSError | ValueError) -> str:
    return str(error.strerror if isinstance(error, OSError) else error)
