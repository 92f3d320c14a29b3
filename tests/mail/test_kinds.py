import io
import zipfile

import pytest

from core.mail.kinds import doubts, kind, program


def packed(*names: str) -> bytes:
    """A real ZIP archive of empty files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "")  # dated 1980: each test process makes the same bytes
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "declared", "found"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/jpeg", "PNG picture"),
        (b"\xff\xd8\xff\xe0", "", "JPEG picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "", "WebP picture"),
        (b"%PDF-1.7\n", "text/plain", "PDF document"),
        (b"MZ\x90\0", "image/png", "Windows program"),
        (b"MZ is how he signs", "text/plain", "text"),
        (b"BMW for sale", "text/plain", "text"),
        (b"BM\x36\0\0\0\0\0\0\0", "image/bmp", "BMP picture"),
        (b"\x7fELF\2", "application/octet-stream", "Linux program"),
        (b"#!/bin/sh\nrm x\n", "text/plain", "script, which is a program"),
        (packed("a.txt"), "application/zip", "ZIP archive"),
        (packed("[Content_Types].xml", "word/document.xml"), "", "Word document"),
        (packed("META-INF/MANIFEST.MF"), "", "Java program"),
        (b"<!DOCTYPE html><p>x", "application/pdf", "web page"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x">', "", "SVG picture"),
        (b"diff --git a/x b/x\n", "text/x-patch", "patch"),
        (b"a,b\n1,2\n", "text/csv", "table (CSV)"),
        (b"BEGIN:VCALENDAR\n", "application/octet-stream", "calendar entry"),
        (b"Subject: x\n\nHello", "message/rfc822", "letter"),
        (b"Hello", "application/octet-stream", "text"),
        (b"\0\1\2\3", "application/octet-stream", "unknown data"),
        (b"", "image/png", "empty"),
    ],
)
def test_kind(content: bytes, declared: str, found: str) -> None:
    """What a file is, its content says; the letter is asked only about text."""
    assert kind(content, declared) == found


@pytest.mark.parametrize(
    ("name", "declared", "found", "said"),
    [
        ("plum.jpg", "image/jpeg", "JPEG picture", ""),
        ("report.tar.gz", "application/gzip", "gzip archive", ""),
        ("letter.docx", "application/zip", "Word document", ""),
        (
            "invoice.pdf.exe",
            "application/pdf",
            "Windows program",
            "its name ends in .exe, not in .pdf: it is a program",
        ),
        ("photo.jpg                .scr", "", "Windows program", "its name ends in .scr, not in .jpg: it is a program"),
        ("setup.exe", "", "unknown data", "its name ends in .exe: it is a program"),
        (
            "invoice\u202efdp.exe",
            "application/pdf",
            "Windows program",
            "its name is written to read as another one; its name ends in .exe: it is a program",
        ),
        ("a\x1b[2J.txt", "text/plain", "text", "its name holds control characters"),
        ("plum.jpg", "image/jpeg", "Windows program", "it is a Windows program, though its name does not say so"),
        ("plum.jpg", "image/jpeg", "PNG picture", "the letter calls it image/jpeg"),
        ("notes.txt", "text/plain", "ZIP archive", "the letter calls it text/plain"),
    ],
)
def test_doubts(name: str, declared: str, found: str, said: str) -> None:
    """What a name hides, and where the letter and the content differ, is told."""
    assert doubts(name, declared, found) == said


@pytest.mark.parametrize(
    ("found", "name", "starts"),
    [
        ("Windows program", "plum.jpg", True),
        ("text", "run.desktop", True),
        ("unknown data", "X.JS ", True),
        ("PDF document", "report.pdf", False),
        ("text", "", False),
    ],
)
def test_programs(found: str, name: str, starts: bool) -> None:
    """What would start a program is one, by its content or by its name."""
    assert program(found, name) is starts
