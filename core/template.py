"""A household.toml as it is first written: every key with its meaning, those that are not set as comments.

Never: what a key means (``core.config``), a file.
"""

from collections.abc import Mapping, Sequence

from core.config import Bill, Due, Filing, House, Junk, Line, Maildrop, Member, Price, Routing, SmartHost, Tariff
from core.toml import Secret, literal, sample, text

Given = Mapping[str, object]  # the keys of a table that are not left at their defaults

SOME_DOMAIN = "home.example"  # what stands where nobody has told yet
SOME_BOX: Given = {"name": "isp", "host": "pop.isp.example", "user": "me"}
SOME_HOST: Given = {"host": "smtp.isp.example"}
SOME_PRICE: Given = {"days": ("sat", "sun"), "per_minute": "0.01"}
BOX_PORTS = {"starttls": 110, "none": 110}
HOST_PORTS = {"starttls": 587, "none": 25}


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
    smarthost: Given | None,
    line: Given | None = None,
    routing: Given | None = None,
    tariff: Given | None = None,
    prices: Sequence[Given] = (),
) -> str:
    """A household.toml in which these keys are set; of a box or a smart host that is not known yet, a sample."""
    first = next(iter(members), "anna")
    parts = [
        "# The household of mailrun. Lines that begin with # show what holds without them.\n",
        sample(House, "[household]", house),
        *(sample(Member, f"[members.{_key(name)}]", given) for name, given in members.items()),
        sample(Filing, f"# [[members.{_key(first)}.rules]]", {}),
        _aliases(aliases, first),
        *(sample(Maildrop, "[[maildrop]]", given) for given in maildrops),
        *([] if maildrops else [_later(sample(Maildrop, "[[maildrop]]", SOME_BOX))]),
        sample(SmartHost, "[smarthost]", smarthost)
        if smarthost
        else _later(sample(SmartHost, "[smarthost]", SOME_HOST)),
        sample(Line, "[line]", line or {}),
        sample(Tariff, "[line.tariff]", tariff or {}),
        *(sample(Price, "[[line.tariff.rules]]", given) for given in prices),
        *([] if prices else [_later(sample(Price, "[[line.tariff.rules]]", SOME_PRICE))]),
        sample(Bill, "[bill]", {}),
        sample(Due, "[due]", {}),
        sample(Routing, "[routing]", routing or {}),
        sample(Junk, "[junk]", {}),
        '# other keys for commands of the screens; ? shows the commands\n[keys]\n# "mail.compose" = "w"\n',
    ]
    return "\n".join(parts)


def founded(told: Mapping[tuple[str, ...], object]) -> str:
    """A household.toml of what its people have told, by the keys' paths; the first member is the postmaster."""
    tables: dict[tuple[str, ...], dict[str, object]] = {}
    for path, value in told.items():
        tables.setdefault(path[:-1], {})[path[-1]] = _plain(value)
    house = tables.get(("household",), {})
    members = {path[1]: given for path, given in tables.items() if path[0] == "members"}
    for name, given in members.items():
        given.setdefault("address", f"{name}@{house.get('domain', SOME_DOMAIN)}")
    boxes = [{"name": "isp", **_port(given, BOX_PORTS)} for path, given in tables.items() if path[0] == "maildrop"]
    return outline(
        {"postmaster": next(iter(members), "")} | house,
        members,
        {},
        boxes,
        _port(tables.get(("smarthost",), {}), HOST_PORTS),
        tables.get(("line",)),
        None,
        tables.get(("line", "tariff")),
    )


def _port(given: Given, usual: Mapping[str, int]) -> Given:
    """With the usual port of a security that is not the default."""
    port = usual.get(str(given.get("security")))
    return given if port is None else {"port": port, **given}


def _plain(value: object) -> object:
    """A value as the file has it: passwords too."""
    if isinstance(value, Secret):
        return value.reveal()
    return tuple(_plain(one) for one in value) if isinstance(value, list | tuple) else value


def _later(table: str) -> str:
    """A table that is still to come, as a comment; the meanings stay in their column."""
    lines = table.splitlines(keepends=True)
    return "".join(line if line.startswith("#") else "# " + line.replace("  #", "#", 1) for line in lines)


def _aliases(aliases: Mapping[str, tuple[str, ...]], login: str) -> str:
    known = "".join(f"{_key(name)} = {literal(targets)}\n" for name, targets in aliases.items())
    return "# as in /etc/aliases\n[aliases]\n" + (known or f'# family = ["{login}", "grandma@far.example"]\n')


def _key(name: str) -> str:
    """A name as a key: in quotes where TOML wants them."""
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else text(name)
