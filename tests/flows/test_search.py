"""Searching without the screens."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from core import cli
from core.household import Household
from tests.tui.house import GARDEN, PAUL, Note, build, put


@pytest.fixture
def house(tmp_path: Path) -> Household:
    """A house with letters."""
    house = build(tmp_path)
    put(house, "paul", "archive", Note("Grandma <rose@far.example>", PAUL, "An old garden", 9000, GARDEN, "RO"))
    return house


def search(house: Household, *words: str) -> int:
    """Search as Paul; the exit status."""
    where = ["--household", str(house.folder), "mail", "search", "--for", "paul"]
    return cli.status(lambda: cli.cli.main([*where, *words], standalone_mode=False))


def found(house: Household, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    """What is printed for programs."""
    assert search(house, "--json", *words) == os.EX_OK
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def test_search_looks_into_the_inbox_or_everywhere(house: Household, capsys: pytest.CaptureFixture[str]) -> None:
    """The newest first, each with its folder, and only so many as were wanted."""

    def subjects(*words: str) -> list[tuple[str, str]]:
        return [(row["subject"], row["folder"]) for row in found(house, capsys, *words)]

    garden, re_, old = (
        ("The garden after the storm", "inbox"),
        ("Re: The garden after the storm", "inbox"),
        ("An old garden", "archive"),
    )
    assert subjects("garden") == [re_, garden]
    assert subjects("garden", "--everywhere") == [re_, garden, old]
    assert subjects("garden", "--everywhere", "--limit", "1") == [re_]
    assert subjects("garden", "--folder", "archive") == [old]
    assert subjects("garden", "in:arch") == [old]
    assert subjects('"wind on the radio"', "--everywhere", "-subject:old") == [garden]
    assert subjects("from:rose@far.example", "before:2026", "--everywhere") == [old]


def test_search_prints_lines_for_people(house: Household, capsys: pytest.CaptureFixture[str]) -> None:
    """With the folder where there are several; a line says that there is nothing."""
    search(house, "--everywhere", "old", "garden")
    assert "archive     Grandma  An old garden" in capsys.readouterr().out
    search(house, "nothing", "like", "it")
    assert capsys.readouterr().out == "no letters\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["before:2025-13"], "before:2025-13 means nothing; write 2025"),
        (["from:"], "from: stands alone"),
        (["in:nowhere"], "there is no folder nowhere; the folders are inbox, drafts"),
    ],
)
def test_what_means_nothing_is_an_error(
    house: Household, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    """A script is not given letters that it did not ask for."""
    assert search(house, *words) == os.EX_DATAERR
    assert told in capsys.readouterr().err


def test_help_explains_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    """Line by line, as it is written."""
    assert cli.status(lambda: cli.cli.main(["mail", "search", "--help"], standalone_mode=False)) == os.EX_OK
    assert '  "plum tree"                these words side by side\n' in capsys.readouterr().out
