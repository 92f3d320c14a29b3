"""The beginning of a letter as a letter of its own: what came, byte for byte, and honest words about the rest."""

import base64
import re
from email import message_from_bytes

import pytest

from core.mail import parts, text
from core.mail.beginning import beginning

HEAD = b"From: grandma@far.example\nSubject: pears\nMIME-Version: 1.0\n"
WORDS = "Not all of this letter is here: 9 kB of 12 kB are still at the provider, until you ask mailrun for it."
ONLY = "Only the head of this letter is here: 9 kB of 12 kB are still at the provider, until you ask mailrun for it."


def cut(message: bytes) -> bytes:
    """What becomes of a beginning."""
    return beginning(HEAD + message, 9000, 12_000)


def shown(message: bytes) -> str:
    """What a person reads of it, on one line."""
    return " ".join(text.readable(cut(message)).split())


def part(kind: str, body: str, more: str = "", boundary: str = "b") -> bytes:
    """A part of a multipart."""
    return f"--{boundary}\nContent-Type: {kind}\n{more}\n{body}".encode()


MIXED = b'Content-Type: multipart/mixed; boundary="b"\n\n'
SEVERAL = b'Content-Type: multipart/alternative; boundary="b"\n\n'
BASE64 = "Content-Transfer-Encoding: base64\n"
QUOTED = "Content-Transfer-Encoding: quoted-printable\n"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"\n", f"[{ONLY}]"),
        (b"\nThe pears are ripe.\n", f"The pears are ripe. [{WORDS}]"),
        (b"Content-Type: text/plain\n" + QUOTED.encode() + b"\nThe p=65ars are =\n", f"The pears are [{WORDS}]"),
        (b"Content-Type: text/html\n\n<p>The pears <b>are</b>\n", f"The pears are [{WORDS}]"),
        (b'Content-Type: text/html\n\n<p>The pears are</p><a href="http\n', f"The pears are [{WORDS}]"),
        (b"Content-Type: text/html\n\n<p>The pears are</p><style>p {\n", f"The pears are [{WORDS}]"),
        (b"Content-Type: text/html\n\n<p>The pears are</p><!-- ripe\n", f"The pears are [{WORDS}]"),
        (MIXED, f"[{ONLY}]"),
        (MIXED + part("text/plain", "The pears\n"), f"The pears [{WORDS}]"),
        (MIXED + part("text/plain", "The pears\n") + b"--b\nContent-Type: text/html;\n", f"The pears [{WORDS}]"),
        (
            MIXED + part("text/plain", "The pears\n") + part('image/jpeg; name="pear.jpg"', "/9j/4AAQ\n", BASE64),
            f"The pears [{WORDS} It goes on with pear.jpg (image/jpeg).]",
        ),
        (SEVERAL + part("text/plain", "The pears\n") + part("text/html", "<p>The pe\n"), f"The pears [{WORDS}]"),
        (SEVERAL + part("text/plain", "The pears\n") + b"--b\n", f"The pears [{WORDS}]"),
        (
            MIXED
            + b"--b\nContent-Type: multipart/alternative; boundary=c\n\n"
            + part("text/plain", "The pears\n", boundary="c")
            + part("text/html", "<p>The pe\n", boundary="c"),
            f"The pears [{WORDS}] [{WORDS}]",
        ),
        (
            b'Content-Type: application/pdf; name="pears.pdf"\n' + BASE64.encode() + b"\nJVBERi0xLjQK\n",
            f"[{WORDS} It goes on with pears.pdf (application/pdf).]",
        ),
        (MIXED + part("text/plain", "The pears are ripe.\n") + b"--b--\n", "The pears are ripe."),
    ],
)
def test_a_person_reads_what_came_and_that_more_is_to_come(message: bytes, said: str) -> None:
    """Whatever a letter is made of and wherever it breaks off, its text ends with the words; no file is half there."""
    assert shown(message) == said
    assert parts.attachments(cut(message)) == []


@pytest.mark.parametrize("signs", range(60, 80))
def test_text_in_base64_goes_on_in_base64(signs: int) -> None:
    """Wherever it breaks off, what came is whole and the words follow without padding before, at which mutt stops."""
    plain = "The pears are ripe, and the plums will be. " * 3
    coded = base64.b64encode(plain.encode())[:signs]
    for body in (coded, base64.b64encode(plain.encode())):
        made = cut(b"Content-Type: text/plain\n" + BASE64.encode() + b"\n" + body + b"\n")
        raw = re.sub(rb"\s", b"", made.partition(b"\n\n")[2])

        decoded = base64.b64decode(raw, validate=True).decode()

        assert b"=" not in raw.rstrip(b"=")
        assert decoded.startswith(plain[: len(body) * 3 // 4])
        assert WORDS in " ".join(decoded.split())


def test_what_came_is_as_it_came() -> None:
    """The head and the parts that are whole keep their bytes, odd ones too; every multipart is closed."""
    first = part("text/plain; charset=x", "F\xf6r dig.\nFrom me.\n", "X-Odd : 1\n").decode().encode("latin-1")
    came = HEAD + b"no field at all\n" + MIXED + b"preamble\n" + first + part("image/png", "iVBORw0K\n", BASE64)

    made = beginning(came, 9, 12)

    assert made.startswith(came[: came.index(b"--b\nContent-Type: image")])
    assert made.endswith(b"\n--b--\n")


def test_a_picture_alone_is_not_half_shown() -> None:
    """Where the whole letter is one file, what describes it is renamed, and the words are plain text."""
    made = cut(b"Content-Type: image/png;\n name=pear.png\n" + BASE64.encode() + b"\niVBORw0K\n")

    assert b"X-Mailrun-Was-Content-Type: image/png;\n name=pear.png\nX-Mailrun-Was-Content-Transfer-Encoding:" in made
    assert message_from_bytes(made).get_content_type() == "text/plain"


def test_nesting_without_end_ends() -> None:
    """As deep as a reader goes, and no deeper."""
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(500))

    assert WORDS.split(maxsplit=1)[0] in text.readable(cut(deep))
