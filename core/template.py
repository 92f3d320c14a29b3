"""A household.toml as it is first written: every key with its meaning, those that are not set as comments.

Never: what a key means (``core.config``), a file.
"""

from collections.abc import Mapping, Sequence

from core.config import Filing, House, Line, Maildrop, Member, Routing, SmartHost, Tariff
from core.toml import literal, sample, text

Given = Mapping[str, object]  # the keys of a table that are not left at their defaults

SOME_DOMAIN = "home.example"  # what stands where nobody has told yet
SOME_BOX: Given = {"name": "isp", "host": "pop.isp.example", "user": "me"}
SOME_HOST: Given = {"host": "smtp.isp.example"}


def template(login: str) -> str:
    """A household.toml to be filled in."""
    return outline(
        {"domain": SOME_DOMAIN, "postmaster": login},
        {login: {"address": f"{login}@{SOME_DOMAIN}"}},
        {},
        [SOME_BOX],
        SOME_HOST,
    )


def outline(
    house: Given,
    members: Mapping[str, Given],
    aliases: Mapping[str, tuple[str, ...]],
    maildrops: Sequence[Given],
    smarthost: Given,
    line: Given | None = None,
    routing: Given | None = None,
) -> str:
    """A household.toml in which these keys are set."""
    parts = [
        "# The household of mailrun. Lines that begin with # show what holds without them.\n",
        sample(House, "[household]", house),
        *(sample(Member, f"[members.{_key(name)}]", given) for name, given in members.items()),
        sample(Filing, f"# [[members.{_key(next(iter(members)))}.rules]]", {}),
        _aliases(aliases, next(iter(members))),
        *(sample(Maildrop, "[[maildrop]]", given) for given in maildrops),
        sample(SmartHost, "[smarthost]", smarthost),
        sample(Line, "[line]", line or {}),
        sample(Tariff, "[line.tariff]", {}),
        sample(Routing, "[routing]", routing or {}),
        '# other keys for commands of the screens; ? shows the commands\n[keys]\n# "mail.compose" = "w"\n',
    ]
    return "\n".join(parts)


def _aliases(aliases: Mapping[str, tuple[str, ...]], login: str) -> str:
    known = "".join(f"{_key(name)} = {literal(targets)}\n" for name, targets in aliases.items())
    return "# as in /etc/aliases\n[aliases]\n" + (known or f'# family = ["{login}", "grandma@far.example"]\n')


def _key(name: str) -> str:
    """A name as a key: in quotes where TOML wants them."""
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else text(name)
