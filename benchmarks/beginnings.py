"""How many bytes it takes to have every letter readable: letters first, beside whole letters and fetchmail's limit.

    python benchmarks/beginnings.py [--quick] [--corpus FOLDER]

Each load lies in a box at a real Dovecot on loopback. mailrun empties it twice, with large = 0 and fetch = "whole", and
with fetch = "letters"; counted are the bytes of POP3 that come. A letter can be read when its text is there to the
last line. fetchmail fetches what is not above its limit, and nobody hears of the others; mpop and getmail6 fetch
everything, or skip in the same way. Needs root, Debian's dovecot-pop3d, and fetchmail for its rows; FOLDER holds real
letters as .eml and .mbox files.
"""

import argparse
import base64
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this starts in its own folder

from core.fetch import LONG, READABLE  # noqa: E402 (found through the line above)
from core.mail import parts, stub  # noqa: E402
from core.mail.stub import Mark  # noqa: E402
from core.wire.popd import head  # noqa: E402
from tests.peers import servers, test_corpus  # noqa: E402

LIMIT = 100_000  # bytes: of mailrun's default ``large``, and for fetchmail
LINES = (20, 40, 60, 90, 150)
HOUSE = """\
[household]
domain = "home.example"
postmaster = "paul"
[members.paul]
address = "paul@home.example"
[[maildrop]]
name = "isp"
host = "127.0.0.1"
port = {port}
security = "none"
user = "household"
password = "secret"
member = "paul"
{how}
"""
FETCHMAIL = """\
set no bouncemail
poll 127.0.0.1 service {port} protocol POP3 auth password
user household with password secret fetchall limit {limit} sslproto '' mda "/bin/cat >> {folder}/mbox"
"""
WORDS = (
    "the",
    "pears",
    "are",
    "ripe",
    "and",
    "we",
    "wait",
    "for",
    "a",
    "boat",
    "that",
    "brings",
    "post",
    "on",
    "Friday",
)


class Writer:
    """Letters as they are written today, the same every time."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)

    def text(self, lines: int) -> str:
        """So many lines of words."""
        return "".join(" ".join(self.random.choices(WORDS, k=12)) + "\n" for _ in range(lines))

    def page(self, size: int) -> str:
        """HTML of about so many bytes, with the style sheet and the tables of a mail program."""
        page = "<html><head><style>\n" + "p { font-family: Arial; color: #333333 }\n" * 40 + "</style></head><body>\n"
        while len(page) < size:
            cell = '<td style="padding:0 8px;font-size:14px;line-height:21px">'
            page += f"<table><tr>{cell}\n<p>{self.text(1).strip()}</p>\n</td></tr></table>\n"
        return page + "</body></html>\n"

    def file(self, name: str, kind: str, size: int) -> str:
        """A file that does not shrink."""
        data = base64.encodebytes(self.random.randbytes(size)).decode()
        what = f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
        return f'{what}Content-Disposition: attachment; filename="{name}"\n\n{data}'

    def both(self, lines: int, size: int) -> str:
        """The body of a letter that is text and page."""
        text = f"Content-Type: text/plain; charset=utf-8\n\n{self.text(lines)}"
        return several("alternative", text, f"Content-Type: text/html; charset=utf-8\n\n{self.page(size)}")

    def letter(self, number: int, body: str) -> bytes:
        """One letter, with the head that several hosts made longer."""
        seal = "\n\t".join(base64.encodebytes(self.random.randbytes(256)).decode().split())
        lines = (
            "Return-Path: <grandma@far.example>",
            f"Received: from mail.far.example by mx.isp.example with ESMTPS id {number:08x};",
            "\tSat, 21 Nov 2026 12:00:00 +0000",
            f"DKIM-Signature: v=1; a=rsa-sha256; d=far.example; s=k1;\n\tb={seal}",
            f"ARC-Seal: i=1; a=rsa-sha256; d=isp.example;\n\tb={seal}",
            f"From: Grandma <grandma@far.example>\nTo: paul@home.example\nSubject: Pears {number}",
            f"Date: Sat, 21 Nov 2026 11:59:57 +0000\nMessage-ID: <{number}@far.example>\nMIME-Version: 1.0",
        )
        return "\n".join((*lines, body)).encode()


def several(kind: str, *inside: str) -> str:
    """The body of a multipart."""
    mark = f"=_{kind}"
    between = "".join(f"--{mark}\n{part}\n" for part in inside)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\n\n{between}--{mark}--\n'


def modern(count: int) -> list[bytes]:
    """Half text and page of 30 kB, a quarter with photographs of 300 kB, some with a file, some of text alone."""
    write = Writer()
    kinds: tuple[Callable[[], str], ...] = (
        *[lambda: write.both(write.random.randint(5, 80), 30_000)] * 5,
        *[lambda: several("mixed", write.both(8, 2000), write.file("pier.jpg", "image/jpeg", 220_000))] * 2,
        lambda: several("mixed", write.both(12, 9000), write.file("bill.pdf", "application/pdf", 60_000)),
        *[lambda: f"Content-Type: text/plain; charset=utf-8\n\n{write.text(write.random.randint(5, 60))}"] * 2,
    )
    return [write.letter(number, kinds[number % len(kinds)]()) for number in range(count)]


@dataclass(frozen=True)
class Load:
    """Letters under a name."""

    name: str
    letters: Sequence[bytes]


def loads(corpus: Mapping[str, bytes], count: int) -> Iterator[Load]:
    """What is measured: all letters, and those of several parts alone."""
    real = [test_corpus.as_served(message) for message in corpus.values()]
    for name, letters in (("real letters", real), ("modern letters", modern(count))):
        if letters:
            yield Load(f"{name}, all", letters)
            yield Load(f"{name}, of several parts", [one for one in letters if manifold(one)])


def manifold(message: bytes) -> bool:
    """Whether a letter has several parts."""
    return bool(parts.tree(message).parts)


def mailrun(load: Load, how: str) -> tuple[int, int]:
    """Bytes that came, and how many letters are stubs."""
    with tempfile.TemporaryDirectory() as name, servers.dovecot(made(Path(name) / "isp")) as box:
        box.put(load.letters)
        house = made(Path(name) / "house")
        (house / "household.toml").write_text(HOUSE.format(port=box.port, how=how))
        (house / "household.toml").chmod(0o600)
        command = [sys.executable, "-m", "core", "--household", str(house), "run", "--fetch-only", "--json"]
        done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
        account = json.loads(done.stdout.splitlines()[-1])
        if account["fetched"] != len(load.letters):
            raise SystemExit(f"{load.name}: {account['fetched']} of {len(load.letters)} letters came")
        return account["bytes_down"], account["stubs"]


def fetchmail(load: Load) -> tuple[int, int]:
    """Bytes of the letters that came, and how many did not."""
    with tempfile.TemporaryDirectory() as name, servers.dovecot(made(Path(name) / "isp")) as box:
        box.put(load.letters)
        settings = Path(name) / "fetchmailrc"
        settings.write_text(FETCHMAIL.format(port=box.port, limit=LIMIT, folder=name))
        settings.chmod(0o600)
        command = ["fetchmail", "-f", str(settings), "--pidfile", f"{name}/pid", "-i", f"{name}/ids"]
        subprocess.run(command, capture_output=True, check=False, env=os.environ | {"HOME": name})
        left = [path.stat().st_size for path in box.waiting()]
        return sum(map(len, load.letters)) - sum(left), len(left)


def made(folder: Path) -> Path:
    """The folder, made."""
    folder.mkdir()
    return folder


def readable(message: bytes, lines: int) -> bool:
    """Whether the text of a letter is whole in its beginning of so many lines."""
    came = head(message, lines)
    shown = stub.made(Mark(len(message), len(message) - len(came), "isp", "u"), came)
    text = next((one.body for one in parts.walk(parts.tree(message)) if one.kind.startswith("text/")), b"")
    return any(text.rstrip() in one.body for one in parts.walk(parts.tree(shown)))


def by_lines(load: Load) -> Iterator[str]:
    """For so many lines: bytes against all, and how many of the letters that are cut can be read to their end."""
    whole = sum(map(len, load.letters))
    for lines in LINES:
        cut = [one for one in load.letters if len(one) > LONG]
        came = whole - sum(len(one) - len(head(one, lines)) for one in cut)
        good = sum(readable(one, lines) for one in cut)
        yield f"| {load.name} | {lines} | {came / whole:.2f} | {good} of {len(cut)} |"


def row(load: Load) -> Iterator[str]:
    """The bytes of one load, in kB, and as ratios."""
    whole, _ = mailrun(load, "large = 0")
    first, stubs = mailrun(load, 'fetch = "letters"')
    count = len(load.letters)
    yield f"| {load.name} | mailrun, whole | {whole / 1000:,.0f} kB | 1.00 | {count} of {count} |"
    yield f'| | mailrun, fetch = "letters" | {first / 1000:,.0f} kB | {first / whole:.2f} | {good(load)} of {count} |'
    if shutil.which("fetchmail"):
        came, left = fetchmail(load)
        name = f"fetchmail, limit {LIMIT}"
        yield f"| | {name} | {came / 1000:,.0f} kB | {came / whole:.2f} | {count - left} of {count} |"
    print(f"{load.name}: {stubs} stubs", file=sys.stderr)


def good(load: Load) -> int:
    """How many letters can be read to the end of their text when all above ``LONG`` are cut."""
    return sum(len(one) <= LONG or readable(one, READABLE) for one in load.letters)


def main() -> None:
    """Measure all, print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", type=Path, default=test_corpus.CORPUS, help="where real letters are")
    options.add_argument("--quick", action="store_true", help="few letters: only whether it works")
    wanted = options.parse_args()
    test_corpus.CORPUS = wanted.corpus
    corpus = test_corpus.named_corpus() if wanted.corpus.is_dir() and not wanted.quick else {}
    found = list(loads(corpus, 10 if wanted.quick else 200))
    print("| letters | program | bytes | ratio | can be read |\n|---|---|---:|---:|---:|")
    for load in found:
        print("\n".join(row(load)), flush=True)
    print("\n| letters | lines | ratio | of those cut, whole text |\n|---|---:|---:|---:|")
    for load in found:
        print("\n".join(by_lines(load)))


if __name__ == "__main__":
    main()
