"""Letters for a server without 8BITMIME: the same letters, in seven bits."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail import parts
from core.mail.body import Attachment, multipart, text_part
from core.mail.body import body as composed
from core.mail.seven import seven

HEAD = "From: a@b.example\nSubject: Grüße\nMIME-Version: 1.0\n".encode()
TEXT = (
    b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\xc3\xbc\xc3\x9fe = \n.\nFrom x\n"
)
SIGNED = multipart(
    'signed; protocol="application/pgp-signature"', [TEXT, b"Content-Type: application/pgp-signature\n\nx"]
)


def contents(message: bytes) -> list[tuple[str, str, bytes]]:
    """Every part: its place, its kind, and what it holds when it is not made of parts."""
    walked = parts.walk(parts.tree(message))
    return [(one.path, one.kind, b"" if one.parts else one.content()) for one in walked]


def test_text() -> None:
    """A text becomes quoted-printable; of the head nothing changes but the field that says so."""
    plain = HEAD + TEXT

    narrowed = seven(plain)

    assert narrowed == HEAD + (
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"Gr=C3=BC=C3=9Fe =3D=20\n=2E\nFrom x\n"
    )
    assert contents(narrowed) == contents(plain)


def test_other_readers() -> None:
    """The standard library reads the same text out of it."""
    letter = message_from_bytes(seven(HEAD + TEXT), policy=policy.default)

    assert isinstance(letter, EmailMessage)
    assert letter.get_content() == "Grüße = \n.\nFrom x\n"


@pytest.mark.parametrize(
    "message",
    [
        b"Subject: x\n\nascii only\n",
        HEAD + SIGNED,
        HEAD + multipart("mixed", [SIGNED, b"Content-Type: text/plain\n\nascii"]),
        b"DKIM-Signature: v=1\n" + HEAD + TEXT,
        HEAD + b"Content-Type: image/png\nContent-Transfer-Encoding: binary\n\n\x89PNG",
        HEAD + b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nR3LDvM\xc3\n",
        HEAD + b"Content-Type: multipart/mixed; boundary=x\n\nno part: \xc3\xbc\n",
        HEAD + b"Content-Type: text/plain\n\nascii\n",
        b"\xc3\xbc\n",
        b"",
    ],
)
def test_untouched(message: bytes) -> None:
    """What is signed, what is no text, and what has nothing to change goes as it is."""
    assert seven(message) == message


def test_signed_stays_beside_others() -> None:
    """In a letter that holds a signed part, only the other parts change."""
    narrowed = seven(HEAD + multipart("mixed", [SIGNED, TEXT]))

    assert SIGNED in narrowed
    assert b"Gr=C3=BC=C3=9Fe =3D=20\n" in narrowed


def test_containers_are_labelled_again() -> None:
    """Multiparts and attached letters that said 8bit say 7bit when nothing in them needs eight any more."""
    inner = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: in\nMIME-Version: 1.0\n" + TEXT
    outer = multipart("mixed", [inner]).replace(b"\n\n", b"\ncontent-transfer-encoding: 8BIT\n\n", 1)

    narrowed = seven(b"From: a@b.example\nMIME-Version: 1.0\n" + outer)

    assert narrowed.isascii()
    assert narrowed.count(b"Content-Transfer-Encoding: 7bit\n") == 2
    assert contents(narrowed) == contents(b"From: a@b.example\nMIME-Version: 1.0\n" + outer)


@pytest.mark.parametrize(
    ("message", "narrowed"),
    [
        (
            b"Subject: x\n\n\xc3\xbc\n",
            b"MIME-Version: 1.0\nSubject: x\nContent-Transfer-Encoding: quoted-printable\n\n=C3=BC\n",
        ),
        (
            HEAD + b"Content-Transfer-Encoding: 8bit\nContent-Transfer-Encoding: binary\n\n\xc3\xbc\n",
            HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n=C3=BC\n",
        ),
        (
            HEAD + b"Content-Type: text/plain\r\n\r\n\xc3\xbc\r\nx\ry \r\n",
            HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\n\r\n"
            b"=C3=BC\r\nx=0Dy=20\r\n",
        ),
        (
            HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n\xc3\xbc\n--x--\n\xc3\xbc\n",
            HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n"
            b"--x\nContent-Transfer-Encoding: quoted-printable\n\n=C3=BC\n--x--\n\xc3\xbc\n",
        ),
    ],
)
def test_heads(message: bytes, narrowed: bytes) -> None:
    """The field is added where it is missing, and told once; what no program reads stays."""
    assert seven(message) == narrowed


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
leaves = st.one_of(
    texts.map(text_part),
    st.binary(max_size=200).map(lambda raw: b"Content-Type: text/plain; charset=iso-8859-1\n\n" + raw),
    st.binary(max_size=90).map(lambda raw: composed("", [Attachment("a", "image/png", raw)])),
    st.just(SIGNED),
)
bodies = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda pieces: multipart("mixed", pieces)),
        inner.map(lambda piece: b"Content-Type: message/rfc822\n\nSubject: in\nMIME-Version: 1.0\n" + piece),
    ),
    max_leaves=5,
)


@given(bodies)
def test_means_the_same(made: bytes) -> None:
    """Whatever the letter is made of, each part holds what it held; and once done there is nothing more to do."""
    message = HEAD + made

    narrowed = seven(message)

    assert contents(narrowed) == contents(message)
    assert seven(narrowed) == narrowed


@given(st.binary(max_size=300))
def test_rubbish(raw: bytes) -> None:
    """Nothing that claims to be a letter makes it stumble, and ASCII goes as it is."""
    narrowed = seven(raw)

    assert not raw.isascii() or narrowed == raw
