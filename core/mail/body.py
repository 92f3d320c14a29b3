"""What a letter of ours carries: its text and attached files, as a MIME body (RFC 2045 to 2049).

Text is format=flowed (RFC 3676), so that it fits every window, and it goes as it is, also in letters above 127: on a
thin line bytes are money, and a server that takes only ASCII gets it otherwise (``mail.seven``). What is no plain text
goes as quoted-printable or base64, whichever is shorter. Names of attached files are RFC 2231.

Never: reading a letter (``mail.parts``), the fields for people (``mail.draft``).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from core.mail.clean import safe

PACKED = 1.37  # a file in base64, by its size
_LINE = 72  # characters of a flowed line, RFC 3676 section 4.2
_LONGEST = 998  # bytes of any line, RFC 5322 section 2.1.1
_PLAIN = re.compile(rb"[\t\n -~\x80-\xff]*")
_QUOTE = re.compile(r"((?:> ?)*)(.*)", re.DOTALL)
_KIND = re.compile(r"(?!multipart/)[\w.+-]+/[\w.+-]+", re.ASCII)
_TEXTUAL = re.compile(r"text/.*|[^/]+/(.*\+)?(json|xml|yaml|toml|sql|javascript|x-sh)")  # lines, for whoever reads it


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter: its name without folders, its MIME type, its bytes."""

    name: str
    kind: str
    content: bytes


def flow(text: str) -> str:
    """``text`` in format=flowed lines: paragraphs and quotes are cut at spaces, all else stays."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(flowing for line in lines for flowing in _flow(line))


def _flow(line: str) -> Iterator[str]:
    """One line as the lines of a paragraph; a space at the end says that the next one belongs to it."""
    if line == "-- ":
        yield line
        return
    marks, rest = _QUOTE.findall(line.rstrip(" "))[0]
    depth = ">" * marks.count(">")
    for piece in _cut(rest, _LINE - len(depth)):
        stuffed = piece.startswith((" ", ">", "From ")) or (depth and piece)
        yield f"{depth}{' ' if stuffed else ''}{piece}"


def _cut(line: str, width: int) -> Iterator[str]:
    """Pieces of a line of at most ``width`` characters, where it has spaces to be cut at."""
    piece = ""
    for word in re.findall(r"[^ ]* +|[^ ]+", line) if len(line) > width else [line]:
        # "-- " alone would be the mark of a signature.
        if len(piece) + len(word.rstrip(" ")) > width and piece.strip(" ") and piece != "-- ":
            yield piece
            piece = ""
        piece += word
    yield piece


def body(text: str, attachments: Sequence[Attachment]) -> bytes:
    """The Content fields, the empty line and the body: the text, or the text and the attached files."""
    first = text_part(text)
    return multipart("mixed", [first, *map(_attached, attachments)]) if attachments else first


def multipart(kind: str, pieces: Sequence[bytes]) -> bytes:
    """Several parts, each with its own Content fields, as one; ``kind`` may carry parameters."""
    boundary = b"=_" + hashlib.sha256(b"".join(pieces)).hexdigest()[:30].encode()
    inside = b"".join(b"--" + boundary + b"\n" + piece + b"\n" for piece in pieces)
    head = b"Content-Type: multipart/" + kind.encode() + b';\n boundary="' + boundary + b'"\n'
    label = b"" if inside.isascii() else b"Content-Transfer-Encoding: 8bit\n"  # RFC 2045 section 6.4
    return head + label + b"\n" + inside + b"--" + boundary + b"--\n"


def text_part(text: str) -> bytes:
    """The Content fields, the empty line and the lines of a text."""
    lines = flow(text).encode("utf-8", "replace") + b"\n"
    charset = b"us-ascii" if lines.isascii() else b"utf-8"
    return b"Content-Type: text/plain; charset=" + charset + b"; format=flowed\n" + _encoded(lines, text=True)


def weight(file: Attachment) -> int:
    """About how many bytes an attached file takes in a letter: text its own, all else a third more."""
    return len(file.content) if _TEXTUAL.fullmatch(file.kind.lower()) else round(len(file.content) * PACKED)


def _attached(file: Attachment) -> bytes:
    kind = file.kind if _KIND.fullmatch(file.kind) else "application/octet-stream"
    head = f"Content-Type: {kind}\nContent-Disposition: attachment;\n {_parameter('filename', file.name)}\n"
    text, letter = bool(_TEXTUAL.fullmatch(kind.lower())), kind.startswith("message/")
    return head.encode() + _encoded(file.content, text=text, letter=letter)


def _encoded(content: bytes, *, text: bool, letter: bool = False) -> bytes:
    """The transfer encoding and the content in it; an attached letter must stay as it is (RFC 2046 section 5.2.1)."""
    if letter or (text and _is_plain(content)):
        return b"Content-Transfer-Encoding: " + (b"7bit" if content.isascii() else b"8bit") + b"\n\n" + content
    packed = base64.encodebytes(content)
    readable = binascii.b2a_qp(content, istext=b"\r" not in content)
    if text and len(readable) <= len(packed):
        return b"Content-Transfer-Encoding: quoted-printable\n\n" + readable
    return b"Content-Transfer-Encoding: base64\n\n" + packed


def _is_plain(content: bytes) -> bool:
    """Whether every server that takes eight bits passes some text on unchanged."""
    return bool(_PLAIN.fullmatch(content)) and max(map(len, content.split(b"\n"))) <= _LONGEST


def _parameter(name: str, value: str) -> str:
    """A MIME parameter; RFC 2231 where it is not plain ASCII, in pieces where it is long."""
    value = safe(value) or "file"
    if value.isascii() and len(value) < _LINE:
        return f'{name}="' + re.sub(r'(["\\])', r"\\\1", value) + '"'
    pieces = [""]
    for sign in value:
        escaped = quote(sign, safe="", errors="replace")
        if len(pieces[-1]) + len(escaped) > _LINE - 20:
            pieces.append("")
        pieces[-1] += escaped
    if len(pieces) == 1:
        return f"{name}*=utf-8''{pieces[0]}"
    head = f"{name}*0*=utf-8''{pieces[0]}"
    return ";\n ".join([head, *(f"{name}*{n}*={piece}" for n, piece in enumerate(pieces[1:], 1))])
