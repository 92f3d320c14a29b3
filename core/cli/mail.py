"""Read without the screens.

Never: a letter moved.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core import read
from core.cli.common import answer, in_folder, mine, opened
from core.errors import InputError
from core.events import letters
from core.folder import place
from core.learn import Learned, learn
from core.mail import query
from core.mail.book import text as text_of
from core.mail.text import safe
from core.open import clock
from core.store import files


@click.command("folders")
@mine
def folders(folder: str | None, member: str, *, as_json: bool) -> None:
    """List the folders and how many letters are in them."""
    found = read.folders(opened(folder), member)
    answer(
        [asdict(f) for f in found],
        [f"{f.name}  {f.fault or f'{f.unread} unread of {f.total}'}" for f in found],
        as_json=as_json,
    )


@click.command("book")
@click.option("--import", "mailrc", metavar="FILE", help="Take over the alias lines of a .mailrc.")
@mine
def book(folder: str | None, member: str, mailrc: str | None, *, as_json: bool) -> None:
    """Show a member's own nicknames and groups; they expand when that member writes."""
    house = opened(folder)
    book = read.add_to_book(house, member, files.text(Path(mailrc))) if mailrc else read.book(house, member)
    answer(book, text_of(book).splitlines() or ["no nicknames yet; --import takes over a .mailrc"], as_json=as_json)


@click.command("index")
@in_folder
@mine
def index(folder: str | None, member: str, box: str, *, as_json: bool) -> None:
    """Take in what the index of a member's mail lacks, one folder first; the screens do it by themselves."""
    house = opened(folder)

    def emit(one: Learned) -> None:
        if as_json:
            click.echo(json.dumps(asdict(one)))
        elif one.stage == "known":
            click.echo(f"{one.folder}: {letters(one.total)}")
        elif one.done == one.total and one.stage == "words":
            click.echo(f"{one.folder}: the words of {letters(one.total)}")

    learn(place(house, member, box).parent, box, emit)


@click.command("list")
@in_folder
@mine
def list_command(folder: str | None, member: str, box: str, *, as_json: bool) -> None:
    """List the letters of a folder."""
    rows(read.rows(opened(folder), member, box, "file"), as_json=as_json)


@click.command("show")
@click.argument("id_", metavar="ID")
@in_folder
@mine
def show(folder: str | None, member: str, box: str, id_: str, *, as_json: bool) -> None:
    """Show one letter as text."""
    letter = read.letter(opened(folder), member, box, id_)
    value = {
        **entry(letter.row),
        "headers": letter.head,
        "text": letter.text,
        "attachments": [asdict(part) for part in letter.attachments],
        "why": letter.why,
        "failed": letter.failed,
        "about": letter.about,
    }
    shown = [f"{name}: {text}" for name, text in letter.head if name.lower() in ("from", "to", "cc", "date", "subject")]
    lost = [f"[{one.address} did not get it: {one.why}]" for one in letter.failed]
    answer(value, [*shown, *filter(None, [letter.why]), *lost, "", letter.text], as_json=as_json)


def _language() -> str:
    """The language of searches, as a block of help that is not wrapped."""
    return "\b\n" + "\n".join(f"{what:27}{meaning}" for what, meaning in query.LANGUAGE)


@click.command(
    "search",
    help=f"List the letters that are looked for, the newest first.\n\n{_language()}",
    # A word after a minus is no option here.
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
@click.argument("words", metavar="QUERY...", nargs=-1, required=True)
@click.option("--everywhere", is_flag=True, help="In all folders, and not in one.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many, the newest.")
@in_folder
@mine
def search(
    folder: str | None,
    member: str,
    box: str,
    words: tuple[str, ...],
    limit: int | None,
    *,
    everywhere: bool,
    as_json: bool,
) -> None:
    """List the letters that are looked for."""
    house, wanted = opened(folder), query.parse(" ".join(words), clock())
    there = read.all_folders(house, member)
    if faults := [*wanted.faults, *(_no(name, there) for name in wanted.folders if not query.places(name, there))]:
        raise InputError(faults[0])
    found = read.search(house, member, wanted, None if everywhere else box)
    newest = found[-limit if limit else 0 :][::-1]
    rows(newest, as_json=as_json, where=everywhere or bool(wanted.folders))
    if found.left:
        told = f"{letters(found.left)} could not be read, and only their heads were searched; try again later"
        click.echo(f"mailrun: {told}", err=True)


def _no(folder: str, there: Sequence[str]) -> str:
    return f"there is no folder {safe(folder)}; the folders are {', '.join(map(safe, there))}"


def rows(found: Sequence[read.Row], *, as_json: bool, where: bool = False) -> None:
    """Letters, one a line; with their folders where they are of several."""
    when = [f"{row.date:%Y-%m-%d %H:%M}" if row.date else "no date" for row in found]
    place = [f"{safe(row.folder):10}  " if where else "" for row in found]
    lines = [
        f"{row.id}  {date:16}  {folder}{row.sender}  {row.subject}"
        for row, date, folder in zip(found, when, place, strict=True)
    ]
    answer([entry(row) for row in found], lines or ["no letters"], as_json=as_json)


def entry(row: read.Row) -> dict[str, Any]:
    """A letter of a folder, with the names of the contract."""
    routed = row.routed and {
        "how": row.routed.how,
        "header": row.routed.header,
        "address": row.routed.address,
    }
    return {
        "id": row.id,
        "from": row.sender,
        "to": row.to,
        "subject": row.subject,
        "date": row.date,
        "size": row.size,
        "flags": row.flags,
        "stub": row.stub,
        "routed": routed,
        "failed": row.failed,
        "folder": row.folder,
    }
