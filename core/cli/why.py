"""Who would get a letter, and by which evidence.

Never: a letter delivered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.cli.common import answer, common, opened
from core.cli.mail import entry
from core.mail import filing
from core.mail import split as splitting
from core.mail.filing import Filed
from core.open import parsed
from core.simulate import compare, filed, judge


@click.command()
@click.argument("files", type=click.File("rb"), nargs=-1)
@click.option("--maildrop", "name", default="", help="As if they had come from this maildrop.")
@click.option("--changed", metavar="TOML", help="Tell what these settings would change for the last 100 letters.")
@common
def why(folder: str | None, files: Sequence[Any], name: str, changed: str | None, *, as_json: bool) -> None:
    """Tell who would get the messages in FILES, and by which evidence; nothing is delivered."""
    house = opened(folder)
    if bool(files) == bool(changed):
        raise click.UsageError("why takes files of messages, or --changed and other settings")
    if changed:
        found = compare(house, parsed(Path(changed)))
        lines = [f"{c.row.subject or 'no subject'}: {_whom(c.before)} -> {_whom(c.after)}" for c in found]
        values = [{**entry(c.row), "before": asdict(c.before), "after": asdict(c.after)} for c in found]
        answer(values, lines or ["no letter would go to somebody else"], as_json=as_json)
        return
    messages = [file.read() for file in files]
    routed = [judge(message, house.config, name) for message in messages]
    by = [filed(message, one, house.config) for message, one in zip(messages, routed, strict=True)]
    told = [[_whom(one), *_rules(rules)] for one, rules in zip(routed, by, strict=True)]
    several = len(files) > 1
    lines = [
        f"{file.name}: {line}" if several else line for file, each in zip(files, told, strict=True) for line in each
    ]
    values = [{**asdict(one), "filed": rules} for one, rules in zip(routed, by, strict=True)]
    answer(values if several else values[0], lines, as_json=as_json)


def _rules(filed: Mapping[str, Filed]) -> list[str]:
    """What members' own rules make of a letter."""
    return [f"{member}: {filing.outcome(one)}, by the rule: {one.by}" for member, one in filed.items()]


def _whom(routed: splitting.Routed) -> str:
    """Who gets a letter, and why."""
    return f"{', '.join(routed.members)}: {splitting.words(routed)}"
