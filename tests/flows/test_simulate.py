"""What would happen: to messages in files, and to the last letters if the settings were others."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from core import read, triage
from core.cli import cli
from core.config import Config
from core.errors import ConfigError, InputError
from core.open import parsed
from core.simulate import compare, judge
from tests.flows.town import NOW, Town, letter, town


def dated(to: str, subject: str, day: int) -> bytes:
    """A letter from a day in November."""
    return f"Date: {day} Nov 2026 10:00:00 +0000\n".encode() + letter(to, subject)


WAITING = [
    dated("info@home.example", "old", 1),
    dated("family@home.example", "to all", 3),
    dated("info@home.example", "new", 4),
    letter("luc@home.example", "to Luc"),
]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    """A house after a run."""
    async with town(tmp_path, WAITING) as here:
        await here.run()
        yield here


def with_alias(config: Config, **aliases: tuple[str, ...]) -> Config:
    """The settings with other aliases."""
    return replace(config, aliases={**config.aliases, **aliases})


async def test_same_settings_change_nothing(here: Town) -> None:
    """Letters are judged without what delivery put in front of them, so nothing seems to change."""
    house = here.open()

    assert compare(house, house.config) == []


async def test_changes_are_told_newest_first(here: Town) -> None:
    """An alias more would have given two letters to Ann; each is told with both decisions."""
    house = here.open()

    changes = compare(house, with_alias(house.config, info=("ann",)))

    assert [change.row.subject for change in changes] == ["new", "old"]
    assert {(change.before.members, change.before.how) for change in changes} == {(("paul",), "postmaster")}
    assert {(change.after.members, change.after.address) for change in changes} == {(("ann",), "info@home.example")}
    assert [change.row.subject for change in compare(house, with_alias(house.config, info=("ann",)), 1)] == ["new"]


async def test_letter_for_several_is_one_letter(here: Town) -> None:
    """A letter in three inboxes is compared once."""
    house = here.open()

    (change,) = compare(house, with_alias(house.config, family=("luc",)))

    assert (change.before.members, change.after.members) == (("paul", "luc", "ann"), ("luc",))


async def test_letters_of_the_house_are_left_out(here: Town) -> None:
    """What was written in the house was never split; what was given away was, and is judged as it came."""
    here.write("paul", "luc, ann", "supper")
    house = here.open()
    triage.assign(house, triage.unclaimed(house)[0].id, "luc", NOW)

    changes = compare(house, with_alias(house.config, info=("ann",)))

    assert sorted(change.row.subject for change in changes) == ["new", "old"]
    assert read.rows(house, "luc", order="file")[-1].subject in ("new", "old")


async def test_letter_that_breaks_the_splitter_is_the_postmasters(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """As at a run: no message can stop the others from being judged."""

    def broken(*rest: object) -> None:
        raise LookupError

    house = here.open()
    monkeypatch.setattr("core.receive.split", broken)

    assert judge(WAITING[3], house.config).members == ("paul",)
    assert compare(house, with_alias(house.config, info=("ann",))) == []


async def test_unknown_maildrop_is_refused(here: Town) -> None:
    """The sentence names those that there are."""
    with pytest.raises(InputError, match="there is no maildrop ips; there are: isp"):
        judge(WAITING[0], here.open().config, "ips")


def why(here: Town, *words: str) -> Result:
    """`mailrun why`, in this process."""
    return CliRunner().invoke(cli, ["--household", str(here.folder), "why", *words])


async def test_why_judges_files(here: Town, tmp_path: Path) -> None:
    """One file gives one object, several give a list; CRLF is as good as LF; nothing is delivered."""
    files = []
    for name, message in zip("ab", WAITING, strict=False):
        (tmp_path / name).write_bytes(message.replace(b"\n", b"\r\n"))
        files.append(str(tmp_path / name))

    one, several = (json.loads(why(here, "--json", *some).output) for some in (files[:1], files))

    found = {"members": ["paul"], "how": "postmaster", "header": "X-Original-To", "address": "info@home.example"}
    assert one == {**found, "filed": {}}
    assert [each["members"] for each in several] == [["paul"], ["paul", "luc", "ann"]]
    assert why(here, *files).output.splitlines()[1].startswith(f"{files[1]}: paul, luc, ann: The provider wrote")
    assert here.subjects("ann") == {"to all": 1}


async def test_why_tells_what_changed_settings_would_change(here: Town, tmp_path: Path) -> None:
    """The other file may be readable by all; the letters are told with both decisions."""
    path = tmp_path / "household.toml.new"
    path.write_text((here.folder / "household.toml").read_text().replace("[aliases]", '[aliases]\ninfo = ["ann"]'))
    path.chmod(0o644)

    told = json.loads(why(here, "--json", "--changed", str(path)).output)

    assert [(one["subject"], one["before"]["members"], one["after"]["members"]) for one in told] == [
        ("new", ["paul"], ["ann"]),
        ("old", ["paul"], ["ann"]),
    ]
    assert why(here, "--changed", str(path)).output.startswith("new: paul: X-Original-To names info@home.example")
    same = why(here, "--changed", str(here.folder / "household.toml"))
    assert same.output == "no letter would go to somebody else\n"


@pytest.mark.parametrize("words", [(), ("--changed", "household.toml", "pyproject.toml")])
async def test_why_needs_one_of_the_two(here: Town, words: tuple[str, ...]) -> None:
    """Neither files nor settings, or both, is a wrong usage."""
    assert "why takes files of messages, or --changed" in why(here, *words).output


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ('\n[routing.lists]\ndev = ["luk"]\n', 'routing.lists."dev" -> luk: there is nobody called "luk"'),
        ("\n[routing]\nlists = 3\n", "routing.lists is 3"),
    ],
)
async def test_settings_that_lead_nowhere_are_refused(here: Town, tmp_path: Path, more: str, sentence: str) -> None:
    """Settings that are tried are checked like those of the house, and the house itself is not opened with them."""
    here.open()
    path = tmp_path / "other.toml"
    path.write_text((here.folder / "household.toml").read_text() + more)
    with pytest.raises(ConfigError, match=sentence):
        parsed(path)

    (here.folder / "household.toml").write_text(path.read_text())
    with pytest.raises(ConfigError, match=sentence):
        here.open()
