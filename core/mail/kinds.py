"""What an attached file is: by its first bytes, whatever the letter says, and what its name hides.

A table of our own: the libraries for this read their tables from disk, know thousands of kinds that nobody mails, and
say them in words for programs.

Never: opening a file, trusting its name.
"""

import re

from core.mail.clean import BAD

PROGRAM = "program"

# What it begins with, at which byte, and what it is, in the words of people.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG picture"),
    (0, b"\xff\xd8\xff", "JPEG picture"),
    (0, b"GIF87a", "GIF picture"),
    (0, b"GIF89a", "GIF picture"),
    (8, b"WEBP", "WebP picture"),
    (0, b"II*\0", "TIFF picture"),
    (0, b"MM\0*", "TIFF picture"),
    (0, b"BM", "BMP picture"),
    (4, b"ftypheic", "HEIC picture"),
    (4, b"ftypmif1", "HEIC picture"),
    (4, b"ftypavif", "AVIF picture"),
    (0, b"\0\0\1\0", "icon"),
    (0, b"8BPS", "Photoshop picture"),
    (0, b"%PDF-", "PDF document"),
    (0, b"%!PS", "PostScript document"),
    (0, b"{\\rtf", "RTF document"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Microsoft Office document"),
    (0, b"PK\3\4", "ZIP archive"),
    (0, b"PK\5\6", "ZIP archive"),
    (0, b"\x1f\x8b", "gzip archive"),
    (0, b"BZh", "bzip2 archive"),
    (0, b"\xfd7zXZ\0", "xz archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (0, b"Rar!\x1a\7", "RAR archive"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard archive"),
    (257, b"ustar", "tar archive"),
    (0, b"MSCF", "Windows archive"),
    (0, b"\x78\x9f\x3e\x22", "Outlook wrapper, which only Outlook opens"),
    (0, b"MZ", "Windows program"),
    (0, b"\x7fELF", "Linux program"),
    (0, b"\xca\xfe\xba\xbe", "Java or macOS program"),
    (0, b"\xcf\xfa\xed\xfe", "macOS program"),
    (0, b"L\0\0\0\1\x14\2\0", "Windows shortcut, which starts a program"),
    (0, b"#!AMR", "AMR sound"),
    (0, b"#!", "script, which is a program"),
    (0, b"ID3", "MP3 sound"),
    (0, b"\xff\xfb", "MP3 sound"),
    (0, b"OggS", "Ogg sound"),
    (0, b"fLaC", "FLAC sound"),
    (8, b"WAVE", "WAV sound"),
    (4, b"ftypM4A", "M4A sound"),
    (0, b"MThd", "MIDI sound"),
    (8, b"AVI ", "AVI film"),
    (4, b"ftypqt", "QuickTime film"),
    (4, b"ftyp", "MP4 film"),
    (0, b"\x1aE\xdf\xa3", "Matroska film"),
    (0, b"SQLite format 3\0", "SQLite database"),
    (0, b"wOFF", "font"),
    (0, b"-----BEGIN PGP ", "PGP block"),
    (0, b"BEGIN:VCALENDAR", "calendar entry"),
    (0, b"BEGIN:VCARD", "visiting card"),
)
_WORDS = (b"BM", b"MZ", b"BZh", b"ID3", b"MSCF", b"8BPS", b"fLaC", b"OggS", b"MThd", b"wOFF")  # a text may begin so
# What is in a ZIP archive, by the name of a file in it.
_PACKED = (
    (b"word/", "Word document"),
    (b"xl/", "Excel table"),
    (b"ppt/", "PowerPoint slides"),
    (b"application/vnd.oasis.opendocument.text", "OpenDocument text"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "OpenDocument table"),
    (b"application/vnd.oasis.opendocument.presentation", "OpenDocument slides"),
    (b"application/epub+zip", "EPUB book"),
    (b"META-INF/MANIFEST.MF", "Java program"),
    (b"AndroidManifest.xml", "Android program"),
)
_HTML = re.compile(rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head|body|svg)\b", re.IGNORECASE | re.DOTALL)
_SVG = re.compile(rb"\s*(?:<\?xml.{0,200}?\?>\s*)?(?:<!.{0,300}?>\s*)*<svg\b", re.IGNORECASE | re.DOTALL)
_PATCH = re.compile(rb"^(?:diff --git |--- \S.*\n\+\+\+ |Index: )", re.MULTILINE)
_BINARY = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")

# What each declared type may truly be; the first word of what it is by content.
_DECLARED = {
    "image/jpeg": ("JPEG",),
    "image/jpg": ("JPEG",),
    "image/pjpeg": ("JPEG",),
    "image/png": ("PNG",),
    "image/gif": ("GIF",),
    "image/webp": ("WebP",),
    "image/bmp": ("BMP",),
    "image/tiff": ("TIFF",),
    "application/pdf": ("PDF",),
    "application/zip": ("ZIP", "Word", "Excel", "PowerPoint", "OpenDocument", "EPUB"),
    "application/msword": ("old", "Word", "RTF"),
}
_PROGRAMS = frozenset(
    (
        *(
            "exe",
            "scr",
            "com",
            "pif",
            "bat",
            "cmd",
            "vbs",
            "vbe",
            "js",
            "jse",
            "wsf",
            "wsh",
            "hta",
            "msi",
            "msp",
            "lnk",
        ),
        *("jar", "ps1", "cpl", "reg", "dll", "chm", "inf", "gadget", "scf", "url", "desktop", "sh", "run"),
        *("bin", "elf", "appimage", "deb", "rpm", "apk", "app", "dmg", "command", "py", "pl", "rb"),
        *("docm", "dotm", "xlsm", "xlam", "pptm"),
    )
)
_HARMLESS = frozenset(
    (
        *("txt", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "rtf", "odt", "csv", "htm", "html", "zip"),
        *("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "mp3", "mp4", "avi", "mov"),
    )
)
_END = re.compile(r"\.([A-Za-z0-9]{1,10})\s*$")
_INNER = re.compile(r"\.([A-Za-z0-9]{1,5})[\s._-]*\.[A-Za-z0-9]{1,10}\s*$")
_TURNED = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def kind(content: bytes, declared: str = "") -> str:
    """What some bytes are, in the words of people."""
    if not content.strip():
        return "empty"
    binary = bool(_BINARY.search(content[:4000]))
    for at, mark, words in _MAGIC:
        if content.startswith(mark, at) and (binary or mark not in _WORDS):
            return _packed(content, words)
    if _SVG.match(content[:2000]):
        return "SVG picture"
    if _HTML.match(content[:2000]):
        return "web page"
    if binary or declared.startswith(("image/", "audio/", "video/")):
        return "unknown data"
    return _writing(content, declared)


def _packed(content: bytes, words: str) -> str:
    """What a ZIP archive holds is told by the names at its beginning and end."""
    if words != "ZIP archive":
        return words
    around = content[:4000] + content[-8000:]
    return next((packed for mark, packed in _PACKED if mark in around), words)


def _writing(content: bytes, declared: str) -> str:
    if _PATCH.search(content[:20_000]):
        return "patch"
    return {
        "message/rfc822": "letter",
        "message/global": "letter",
        "text/csv": "table (CSV)",
        "text/html": "web page",
        "text/calendar": "calendar entry",
        "message/delivery-status": "delivery report",
        "application/pgp-signature": "PGP signature",
        "application/pgp-keys": "PGP key",
    }.get(declared, "text")


def text(kind: str) -> bool:
    """Whether a kind can be read as text."""
    return kind in _TEXTS


_TEXTS = frozenset(
    ("text", "patch", "letter", "table (CSV)", "web page", "calendar entry", "visiting card", "delivery report")
) | {"PGP block", "PGP signature", "PGP key", "SVG picture", "script, which is a program"}


def program(kind: str, name: str) -> bool:
    """Whether opening it would start a program, by what it is or by how its name ends."""
    return PROGRAM in kind or ending(name) in _PROGRAMS


def ending(name: str) -> str:
    """The end of a file name, in lower case; empty where it has none."""
    end = _END.search(name)
    return end[1].lower() if end else ""


def doubts(name: str, declared: str, found: str) -> str:
    """What a person should know before opening a file, by the name as it was sent; empty where all is as it seems.

    Args:
        name: the sender's name of it, not made safe.
        declared: its type, as the letter says.
        found: its kind, by its content.
    """
    end, inner = ending(name), _INNER.search(name)
    said = []
    if _TURNED.search(name):
        said.append("its name is written to read as another one")
    elif BAD.search(name):
        said.append("its name holds control characters")
    if end in _PROGRAMS:
        instead = f", not in .{inner[1]}" if inner and inner[1].lower() in _HARMLESS else ""
        said.append(f"its name ends in .{end}{instead}: it is a program")
    elif PROGRAM in found:
        said.append(f"it is a {found}, though its name does not say so")
    elif _other(declared, found):
        said.append(f"the letter calls it {declared}")
    return "; ".join(said)


def _other(declared: str, found: str) -> bool:
    """Whether the letter says that it is something else."""
    if declared in _DECLARED:
        return found != "empty" and not found.startswith(_DECLARED[declared])
    return declared.startswith(("image/", "text/")) and "archive" in found
