from decimal import Decimal
from pathlib import Path

import pytest

from core import config
from core.errors import BusyError, ConfigError, InputError
from core.mail import filing
from core.store import settings
from core.store.lock import exclusive

TEXT = """\
# Our house.
[household]
domain = "home.example"       # where the world writes to
postmaster = "paul"

[members.paul]                # the eldest
name = "Paul"
address = "paul@home.example"

[aliases]
family = ["paul"]             # grows

[[maildrop]]
name = "isp"
host = "pop.isp.example"
user = "u"                    # as in the contract
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A household.toml."""
    path = tmp_path / "household.toml"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        ({("members", "paul", "name"): "Paul D."}, 'name = "Paul"', 'name = "Paul D."'),
        ({("aliases", "family"): ("paul", "x@y.example")}, '["paul"] ', '["paul", "x@y.example"] '),
        ({("maildrop", "0", "host"): "pop2.example"}, '"pop.isp.example"', '"pop2.example"'),
        (
            {("maildrop", "0", "large"): config.Size(50_000)},
            "as in the contract\n",
            "as in the contract\nlarge = 50000\n",
        ),
        ({("aliases", "family"): None}, 'family = ["paul"]             # grows\n', ""),
        ({("aliases", "nobody"): None, ("none", "such"): None, ("maildrop", "7", "x"): None}, "", ""),
    ],
)
def test_a_change_leaves_all_else(
    path: Path, changes: dict[tuple[str, ...], object | None], old: str, new: str
) -> None:
    """One key changes; comments, order and blank lines stay; the new text is returned and written."""
    text = settings.edit(path, changes, TEXT)

    assert text == TEXT.replace(old, new) == path.read_text()


def test_tables_that_are_missing_are_made(path: Path) -> None:
    """A new member, a new maildrop, the line's tariff: every type of setting can be written."""
    changes: dict[tuple[str, ...], object | None] = {
        ("members", "luc"): config.Member(address="luc@home.example", passphrase=config.Secret("hash")),
        ("maildrop", "1", "name"): "second",
        ("maildrop", "1", "host"): "pop.b.example",
        ("maildrop", "1", "user"): "v",
        ("maildrop", "1", "password"): config.Secret("p"),
        ("line", "tariff", "per_minute"): Decimal("0.02"),
        ("line", "redials"): 5,
    }
    result = config.parse(settings.edit(path, changes, TEXT))

    assert result.members["luc"].passphrase.reveal() == "hash"
    assert [(one.name, one.password.reveal()) for one in result.maildrop] == [("isp", ""), ("second", "p")]
    assert (result.line.tariff.per_minute, result.line.redials) == (Decimal("0.02"), 5)


def test_the_version_before_is_kept_beside_it(path: Path) -> None:
    """Both files are private."""
    settings.edit(path, {("members", "paul", "name"): "P"}, TEXT)

    old = path.with_name("household.toml~")
    assert old.read_text() == TEXT
    assert [one.stat().st_mode & 0o777 for one in (path, old)] == [0o600, 0o600]


def test_a_file_that_changed_meanwhile_is_left(path: Path) -> None:
    """What somebody else wrote is not overwritten by who has not seen it."""
    path.write_text(TEXT + "\n# by hand\n")

    with pytest.raises(BusyError, match="changed this file"):
        settings.edit(path, {("members", "paul", "name"): "P"}, TEXT)
    assert path.read_text().endswith("# by hand\n")


def test_one_edit_at_a_time(path: Path) -> None:
    """While another saves, we are told."""
    with exclusive(path.with_name(".household.toml.lock"), "another screen"), pytest.raises(BusyError, match="another"):
        settings.edit(path, {("members", "paul", "name"): "P"}, TEXT)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({("members", "paul", "adress"): "x"}, ConfigError),
        ({("household", "postmaster"): "nobody"}, ConfigError),
        ({("household", "domain", "x"): "y"}, InputError),
        ({("maildrop", "5", "host"): "y"}, InputError),
        ({("maildrop", "first", "host"): "y"}, InputError),
    ],
)
def test_a_change_that_would_spoil_the_file_is_refused(
    path: Path, changes: dict[tuple[str, ...], object], fault: type[Exception]
) -> None:
    """A household.toml that cannot be used is never written."""
    with pytest.raises(fault):
        settings.edit(path, changes, TEXT)
    assert path.read_text() == TEXT


def test_write_makes_a_private_file(tmp_path: Path) -> None:
    """A new household's settings, and nothing that is no TOML."""
    path = tmp_path / "new" / "household.toml"
    settings.write(path, TEXT)

    assert (path.read_text(), path.stat().st_mode & 0o777) == (TEXT, 0o600)
    assert not path.with_name("household.toml~").exists()
    with pytest.raises(ConfigError):
        settings.write(path, "[household")
    assert path.read_text() == TEXT


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    """Who keeps the settings elsewhere finds them there."""
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    settings.edit(link, {("members", "paul", "name"): "P"}, TEXT)

    assert link.is_symlink()
    assert 'name = "P"' in path.read_text()


def test_a_maildrop_is_added_and_taken_out() -> None:
    """The next free place makes a table of its own, with room around it; without it the text is as it was."""
    more = settings.changed(TEXT, {("maildrop", "1", "name"): "old", ("maildrop", "1", "host"): "pop.old.example"})
    assert more == TEXT + '\n[[maildrop]]\nname = "old"\nhost = "pop.old.example"\n'

    assert settings.changed(more, {("maildrop", "1"): None}).strip() == TEXT.strip()
    assert "old" in settings.changed(more, {("maildrop", "0"): None})


def test_the_last_maildrop_leaves_no_trace() -> None:
    """Without any box there is no table, and the first one can be made again."""
    none = settings.changed(TEXT, {("maildrop", "0"): None})
    assert "maildrop" not in none

    again = settings.changed(none, {("maildrop", "0", "name"): "isp"})
    assert again.endswith('\n\n[[maildrop]]\nname = "isp"\n')


def test_a_new_table_keeps_its_distance() -> None:
    """A member is added after the others, with an empty line on both sides."""
    text = settings.changed(TEXT, {("members", "luc", "address"): "luc@home.example"})

    assert '"paul@home.example"\n\n[members.luc]\naddress = "luc@home.example"\n\n[aliases]\n' in text


RULED = """\
# Our house.
[household]
domain = "home.example"
postmaster = "paul"

[members.paul]
address = "paul@home.example"

# what the garden writes
[[members.paul.rules]]
list = "garden"               # since the spring
folder = "garden"

[[members.paul.rules]]
from = "@shop.example"
junk = true
[members.paul.rules.header]
X-Ad = "*"

# the ferry: three times a day
# in summer
[[members.paul.rules]]
subject = "ferry"
mark = "read"

[aliases]
family = ["paul"]             # grows
"""
RULES = ("members", "paul", "rules")


def conditions(text: str) -> list[str]:
    """The rules of a household.toml in words."""
    return [filing.condition(rule) for rule in config.parse(text).members["paul"].rules]


def test_a_rule_moves_with_its_comments() -> None:
    """What stands right above a table is about it; all else stays where it is."""
    text = settings.changed(RULED, {(*RULES, "2"): settings.Place(0)})

    assert conditions(text) == ["subject ferry", "list garden", "from anybody at shop.example and X-Ad: *"]
    assert text.index("# the ferry") < text.index('"ferry"') < text.index("# what the garden") < text.index("spring")
    assert text.index("junk = true") < text.index("[members.paul.rules.header]") < text.index("[aliases]")
    assert settings.changed(text, {(*RULES, "0"): settings.Place(2)}) == RULED


@pytest.mark.parametrize("place", range(3))
def test_a_rule_goes_with_its_comments(place: int) -> None:
    """The comments of the others stay."""
    text = settings.changed(RULED, {(*RULES, str(place)): None})

    assert conditions(text) == [one for n, one in enumerate(conditions(RULED)) if n != place]
    assert [mark in text for mark in ("# what the", "X-Ad", "# the ferry")] == [n != place for n in range(3)]
    assert "# grows" in text


@pytest.mark.parametrize("text", [RULED, TEXT, TEXT.replace("[aliases]", '[smarthost]\nhost = "h"\n\n[aliases]')])
def test_a_new_rule_is_the_last(text: str) -> None:
    """It stands behind the others, or right behind the member; a header is one line."""
    before = conditions(text)
    keys = (*RULES, str(len(before)))

    new = settings.changed(text, {(*keys, "list"): "new", (*keys, "header"): {"X-A": "1"}, (*keys, "folder"): "new"})

    assert conditions(new) == [*before, "list new and X-A: 1"]
    assert '\n[[members.paul.rules]]\nlist = "new"\nheader = {X-A = "1"}\nfolder = "new"\n\n[' in new
    assert "\n\n\n" not in new
    assert [line for line in text.splitlines() if line not in new.splitlines()] == []


def test_a_key_of_a_rule_changes_alone() -> None:
    """Also where a table stands below it."""
    text = settings.changed(RULED, {(*RULES, "1", "mark"): ("read",), (*RULES, "0", "folder"): "plants"})

    rules = config.parse(text).members["paul"].rules
    assert (rules[1].mark, rules[1].header, rules[0].folder) == (("read",), {"X-Ad": "*"}, "plants")
    assert "# since the spring" in text


def test_rules_on_one_line_are_changed_by_hand(path: Path) -> None:
    """What cannot be changed without losing something is left alone."""
    one = '[members.paul]\nrules = [{list = "a", folder = "b"}]\naddress = "p@home.example"\n'

    with pytest.raises(InputError, match="rules"):
        settings.changed(one, {(*RULES, "0"): None})
    with pytest.raises(InputError, match="rules"):
        settings.changed(one, {(*RULES, "0", "folder"): "c"})
    with pytest.raises(InputError, match="number 3"):
        settings.changed(RULED, {(*RULES, "0"): settings.Place(3)})
