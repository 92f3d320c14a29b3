"""How the bytes of a MIME part become the bytes and the characters that were meant (RFC 2045 section 6, RFC 2046).

Mail lies about its encodings, so everything here takes what it gets and makes the best of it.

Never: an exception, whatever comes in.
"""

import binascii
import codecs
import quopri
import re

from core.mail import headers

# What is called X is really its superset Y, as in every browser (WHATWG Encoding, section 4.2).
_SUPERSETS = {
    "ascii": "",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
# What is guessed among: the charsets of mail in scripts other than Latin, and Latin for comparison.
_LIKELY = (
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
)
_SEARCHED = 100_000  # bytes of a text that are looked at for a guess
_SAMPLE = 4_000  # and of those, that are weighed
_ENOUGH = 6  # bytes above 127, for a guess to be worth anything
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTER = re.compile(rb"[A-Za-z]")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\n]*\n", re.MULTILINE)


def transfer(body: bytes, encoding: str) -> bytes:
    """``body`` without its content transfer encoding; an unknown one (or none) leaves it as it is."""
    match encoding.strip().lower():
        case "base64":
            return _base64(body)
        case "quoted-printable":
            return quopri.decodestring(body)
        case "x-uuencode" | "uuencode" | "uue" | "x-uue":
            return _uu(body)
        case _:
            return body


def _base64(body: bytes) -> bytes:
    """Foreign characters are skipped; several padded runs after each other are all decoded."""
    runs = re.split(rb"=+", _NOT_BASE64.sub(b"", body))
    whole = (run[: len(run) - (len(run) % 4 == 1)] for run in runs)
    return b"".join(binascii.a2b_base64(run + b"=" * (-len(run) % 4)) for run in whole)


def _uu(body: bytes) -> bytes:
    begin = _UU_BEGIN.search(body)
    lines = body[begin.end() if begin else 0 :].split(b"\n")
    return b"".join(_uu_line(line) for line in lines if line.strip() != b"end")


def _uu_line(line: bytes) -> bytes:
    """One line; what stands after its announced length is cut off, as some encoders add a checksum there."""
    length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
    try:
        return binascii.a2b_uu(line[:length])
    except binascii.Error:
        return b""


def characters(data: bytes, charset: str = "") -> str:
    """``data`` as text: by ``charset`` where that fits, else UTF-8 if it fits, else a guess, else Windows-1252."""
    name = _charset(charset)
    text = headers.characters(data, name)
    if not data.isascii() and (not _fits(data, "utf-8") if not name else _wrong(text) and not _fits(data, name)):
        text = headers.characters(data, _guess(data))
    return text.removeprefix("\N{BYTE ORDER MARK}")


def _fits(data: bytes, charset: str) -> bool:
    try:
        data.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def _wrong(text: str) -> bool:
    """Whether a text was meant in another charset: more of its foreign characters are broken than not."""
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    return broken > 0 and broken * 2 > sum(sign > "\x7f" for sign in text)


def _guess(data: bytes) -> str:
    """The charset of a text that is not in the Latin alphabet, by its letters; empty where nothing speaks for one.

    Latin text of a few lines fits many charsets nearly as well, and is nearly always Windows-1252.
    """
    sample = b"\n".join(line for line in data[:_SEARCHED].split(b"\n") if not line.isascii())[:_SAMPLE]
    foreign = len(_HIGH.findall(sample))
    if foreign < _ENOUGH or foreign <= len(_LETTER.findall(sample)):
        return ""
    from charset_normalizer import from_bytes  # noqa: PLC0415 - one letter in a thousand needs it

    best = from_bytes(sample, cp_isolation=[*_LIKELY], preemptive_behaviour=False).best()
    return best.encoding if best else ""


def _charset(name: str) -> str:
    """Python's name of the charset that is meant; nothing where it says nothing about bytes above 127."""
    try:
        found = codecs.lookup(name.strip("\"' \t")).name
    except (LookupError, ValueError):
        return ""
    return _SUPERSETS.get(found, found)
