"""Aliases, expanded and found wrong."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config
from core.errors import ConfigError, InputError
from core.mail.aliases import check, expand, owner

FILES = {
    "/list": "# the old list\nluc, Grandma <grandma@far.example>\n\n  zoe\n",
    "/hash": "a#b@far.example\n",
    "/round": ":include:/round\n",
    "/back": "inc\n",
    "/empty": "# nobody\n",
}


def include(path: str) -> str:
    """The made-up included files."""
    return FILES[path]


def having(config: Config, aliases: Mapping[str, Sequence[str]]) -> Config:
    """The house with these aliases."""
    return msgspec.structs.replace(config, aliases={name: tuple(targets) for name, targets in aliases.items()})


@pytest.mark.parametrize(
    ("aliases", "wanted", "final"),
    [
        ({}, ["paul"], ("paul",)),
        ({}, ["PAUL"], ("paul",)),
        ({}, ["g@far.example"], ("g@far.example",)),
        ({}, ["Paul.Dupont@home.example", "paul@linuxpc", "paul"], ("paul",)),
        ({}, ["root", "postmaster", "MAILER-DAEMON"], ("paul",)),
        ({"root": ["luc"]}, ["root"], ("luc",)),
        ({"f": ["luc", "g@far.example", "paul"]}, ["f"], ("luc", "g@far.example", "paul")),
        ({"f": ["luc, paul"]}, ["F"], ("luc", "paul")),
        ({"F": ["luc"], "f": ["paul"]}, ["f"], ("luc",)),
        ({"f": ["g"], "g": ["luc"]}, ["f"], ("luc",)),
        ({"f": ["luc", "LUC", "Luc.Jackson@home.example", "luc@localhost"]}, ["f", "luc"], ("luc",)),
        ({"f": ["G@far.example", "g@FAR.example."]}, ["f"], ("G@far.example",)),
        ({"f": ["g", "h"], "g": ["luc"], "h": ["luc", "paul"]}, ["f"], ("luc", "paul")),
        ({"f": ["luc"]}, ["f@linuxpc", "f@home.example"], ("luc",)),
        ({"f": ["f+x@home.example", "luc"]}, ["g+f@far.example"], ("g+f@far.example",)),
        ({"f": ["luc"]}, ["f+holiday"], ("luc",)),
        ({"paul": ["luc"]}, ["paul"], ("luc",)),
        ({"paul": ["luc"]}, ["Paul.Dupont@home.example"], ("luc",)),
        ({"paul": ["paul", "p@far.example"]}, ["paul"], ("paul", "p@far.example")),
        ({"paul": ["\\paul", "p@far.example"]}, ["paul"], ("paul", "p@far.example")),
        ({"f": ["\\paul"], "paul": ["luc"]}, ["f"], ("paul",)),
        ({"the whole house": ["luc"], "f": ['"the whole house"']}, ["f"], ("luc",)),
        ({"f": ['"a, b"@far.example']}, ["f"], ('"a, b"@far.example',)),
        ({"f": ["Grandma <g@far.example>"]}, ["f"], ("g@far.example",)),
        ({"inc": [":include:/list"]}, ["inc"], ("luc", "grandma@far.example", "zoe")),
        ({"inc": [":include:/hash", "luc"]}, ["inc"], ("a#b@far.example", "luc")),
        ({"f": [f"f{n}" for n in range(9)]} | {f"f{n}": ["luc"] for n in range(9)}, ["f"], ("luc",)),
    ],
)
def test_expand(
    config: Config, aliases: Mapping[str, Sequence[str]], wanted: list[str], final: tuple[str, ...]
) -> None:
    """A name stands for the people and addresses that the aliases say, each once, in their order."""
    assert expand(wanted, having(config, aliases), include) == final


@pytest.mark.parametrize(
    ("aliases", "told"),
    [
        ({"f": ["f"]}, "f -> f goes round in a circle"),
        ({"f": ["g"], "g": ["h"], "h": ["f"]}, "f -> g -> h -> f goes round in a circle"),
        ({"f": ["b"], "b": ["c"], "c": ["b"]}, "aliases: b -> c -> b goes round"),
        ({"f": ["paul"], "paul": ["f"]}, "f -> paul -> f goes round"),
        ({"f": [":include:/round"]}, ":include:/round -> :include:/round goes round"),
        ({"f": ["inc"], "inc": [":include:/back"]}, ":include:/back -> inc -> :include:/back goes round"),
        ({"f": ["a1"]} | {f"a{n}": [f"a{n + 1}"] for n in range(1, 12)}, "more than 10 aliases deep"),
        ({"f": ["pual"]}, 'f has the target "pual": there is nobody of that name here; did you mean paul?'),
        ({"f": ["g"], "g": ["x@linuxpc"]}, 'f -> g has the target "x": there is nobody'),
        ({"f": ["|/usr/bin/vacation paul"]}, "no program is ever started"),
        ({"f": ['"|/usr/bin/vacation a, b"']}, "no program is ever started"),
        ({"f": ["/var/mail/old"]}, "not appended to files"),
        ({"f": ["/dev/null"]}, "not appended to files"),
        ({"f": [":include:list"]}, "begins with /"),
        ({"f": []}, "f names nobody"),
        ({"f": [" , "]}, "f names nobody"),
        ({"f": [":include:/empty"]}, "f -> :include:/empty names nobody"),
        ({"f": ["two words"]}, "neither a name nor an address"),
        ({"f": ["\\nobody"]}, "there is nobody of that name"),
    ],
)
def test_expand_refuses(config: Config, aliases: Mapping[str, Sequence[str]], told: str) -> None:
    """An alias that leads nowhere, round in a circle, too deep, to a program or to a file is refused with its chain."""
    with pytest.raises(ConfigError) as refusal:
        expand(["f"], having(config, aliases), include)
    assert told in str(refusal.value)


def test_unknown_name_is_the_writers_fault(config: Config) -> None:
    """A recipient who is nobody is bad input, and the nearest name is told."""
    with pytest.raises(InputError, match=r'nobody called "famly" .* did you mean family'):
        expand(["famly"], config, include)


def test_control_characters_are_not_shown(config: Config) -> None:
    """What a sentence quotes cannot steer a terminal."""
    with pytest.raises(InputError) as refusal:
        expand(["\x1b[2J"], config, include)
    assert "\x1b" not in str(refusal.value)


@pytest.mark.parametrize(("name", "found"), [("Family", "owner-family"), ("parents", ""), ("owner-family", "")])
def test_owner(config: Config, name: str, found: str) -> None:
    """Bounces of a list go to its owner alias, where there is one."""
    owned = having(config, {"family": ["luc"], "parents": ["luc"], "Owner-Family": ["paul"]})
    assert owner(name, owned) == found


def test_check_finds_nothing_wrong(config: Config) -> None:
    """Good aliases give no sentence, and included files are not looked into."""
    assert check(having(config, {**config.aliases, "inc": [":include:/nowhere"]})) == []


def test_check_tells_each_fault_once(config: Config) -> None:
    """A circle is told once however many aliases are on it; so is each other fault."""
    bad = having(
        config,
        {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["|x"], "F": ["luc"], "f": ["paul"], "x@y": ["luc"], "e": ["a"]},
    )
    assert check(bad) == [
        'aliases."x@y" has an @, but an alias is a name without a domain',
        "aliases.f is the same name as aliases.F; only the first is used",
        "aliases: a -> b -> c -> a goes round in a circle; take one of these names out",
        'aliases: d has the target "|x": no program is ever started by a letter; take it out',
    ]


NAMES = st.sampled_from(["a", "b", "c", "d", "paul", "luc", "x@far.example", "\\paul", "A, b", ":include:/list", '"c"'])


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "d", "paul"]), st.lists(NAMES, max_size=4)), NAMES)
def test_expansion_ends(config: Config, aliases: dict[str, list[str]], wanted: str) -> None:
    """Whatever the aliases, an expansion ends: in members and outside addresses, each once, or in a refusal."""
    house = having(config, aliases)
    try:
        final = expand([wanted], house, include)
    except (ConfigError, InputError):
        return
    assert len(set(final)) == len(final)
    assert all(name in house.members or name.endswith("@far.example") for name in final)
