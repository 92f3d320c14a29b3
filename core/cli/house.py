"""A household folder: made, and looked over.

Never: anything dialled.
"""

import asyncio
import getpass
import os
from dataclasses import asdict
from pathlib import Path

import click

from core import config, junk, limit
from core.adopt import adopt
from core.check import check as check_house
from core.cli.common import answer, common, opened
from core.errors import InputError
from core.open import clock
from core.store import files, settings
from core.template import template
from core.world import world


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--from", "first", metavar="FILE...", multiple=True, help="Take over an old set-up: its files.")
@click.argument("more", metavar="", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")
def init(folder: Path, first: tuple[str, ...], more: tuple[str, ...], *, as_json: bool) -> None:
    """Write a commented household.toml into DIR.

    With --from it is made of a .fetchmailrc, /etc/aliases, a genericstable, sendmail.mc, wvdial.conf and kppp's
    rules, as many as there are, and for each of their lines is told what became of it.
    """
    if more and not first:
        raise click.UsageError("only one DIR can be given; name files of an old set-up after --from")
    path = folder / config.FILE
    if path.exists():
        raise InputError(f"{path} is there already; edit it, or name another folder")
    adopted = adopt({name: files.text(Path(name)) for name in (*first, *more)}, getpass.getuser()) if first else None
    settings.write(path, adopted.text if adopted else template(getpass.getuser()))
    notes = adopted.notes if adopted else ()
    told = [f"{note.file}:{note.line}: {note.verdict}: {note.text} -> {note.meaning}" for note in notes]
    told.append(f"wrote {path}; fill in the lines that are marked, then `mailrun --household {folder} check`")
    answer([asdict(note) for note in notes], told, as_json=as_json)


@click.command()
@common
def check(folder: str | None, *, as_json: bool) -> None:
    """Look whether all is well; nothing is dialled."""
    house = opened(folder)
    findings = asyncio.run(check_house(house, world(house.config, house.folder)))
    findings += limit.look(house, clock())
    findings += [asyncio.run(junk.look(house, house.config.junk))] if house.config.junk.kind != "none" else []
    lines = [f"{f.level:4}  {f.what}" + (f"\n      {f.remedy}" if f.remedy else "") for f in findings]
    answer([asdict(f) for f in findings], lines, as_json=as_json)
    if any(f.level == "fail" for f in findings):
        raise SystemExit(os.EX_UNAVAILABLE)
