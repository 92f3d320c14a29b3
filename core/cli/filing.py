"""What sorts a member's mail: rules of their own, and the program that tells junk.

Never: how they decide.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

import click

from core import filing as own
from core import junk, read
from core.cli.common import answer, mine, opened
from core.cli.mail import entry
from core.events import letters
from core.mail import filing
from core.move import move


@click.command("junk")
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option("--teach", is_flag=True, help="Once: all in junk is junk; what was read in inbox and archive is good.")
@click.option("--good", is_flag=True, help="It is none: out of junk, back into the inbox.")
@click.option("--folder", "box", metavar="FOLDER", help="Where it is; the inbox, or junk with --good.")
@mine
def junk_command(
    folder: str | None, member: str, box: str | None, ids: Sequence[str], *, teach: bool, good: bool, as_json: bool
) -> None:
    """Put letters into junk, and teach the program that tells junk."""
    if teach == bool(ids):
        raise click.UsageError("junk takes the IDs of letters, or --teach alone")
    if teach:
        bad, fine = asyncio.run(junk.teach(opened(folder), member))
        said = f"taught: {letters(bad)} {_be(bad)} junk, {letters(fine)} {_be(fine)} good"
        answer({"junk": bad, "good": fine}, [said], as_json=as_json)
        return
    house, box = opened(folder), box or (junk.FOLDER if good else "inbox")
    chosen = [read.letter(house, member, box, id_).row.id for id_ in ids]
    learned = junk.letters(house, member, box, chosen)
    moved = move(house, member, box, chosen, "inbox" if good else junk.FOLDER)
    asyncio.run(junk.train(house, learned, good=good))
    answer(asdict(moved), [f"{letters(len(moved.ids))} moved to {moved.to}"], as_json=as_json)


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


@click.command("rules")
@click.option("--test", "last", type=click.IntRange(min=1), metavar="N", help="Try them on the last N letters.")
@mine
def rules_command(folder: str | None, member: str, last: int | None, *, as_json: bool) -> None:
    """Show a member's own rules in their order, or what they would make of past letters."""
    house = opened(folder)
    rules = own.rules(house, member)
    if last is None:
        values = [{"words": filing.words(rule), **filing.entries(rule)} for rule in rules]
        lines = [f"{n}  {filing.words(rule)}" for n, rule in enumerate(rules, 1)]
        answer(values, lines or ["no rules yet; R on a letter in the screens makes one"], as_json=as_json)
        return
    fates = own.tried(house, member, rules, last)
    caught = [fate for fate in fates if fate.filed.by]
    values = [{**entry(fate.row), "folder": fate.folder, "filed": asdict(fate.filed)} for fate in caught]
    lines = own.summary(fates)
    lines += [f"{fate.row.id}  {fate.folder} -> {fate.to}  {fate.row.sender}  {fate.row.subject}" for fate in caught]
    answer(values, lines, as_json=as_json)
