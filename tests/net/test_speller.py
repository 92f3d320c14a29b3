from pathlib import Path
from shutil import which

import pytest

from core.errors import InputError
from core.net import speller
from core.net.speller import dictionaries, spoken, unknown


@pytest.mark.skipif(which("hunspell") is None and which("aspell") is None, reason="no spell checker is installed")
def test_unknown_words_come_with_suggestions() -> None:
    """What the dictionary knows is not named; what looks like a command of the checker is a word."""
    found = unknown(["hello", "helo", "#save", "@me", "don't"], "en_US")

    assert "hello" in found["helo"]
    assert not {"hello", "don't"} & {*found}


@pytest.mark.parametrize("name", ["hunspell", "aspell"])
def test_every_checker_speaks_the_same_protocol(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them finds the same mistake."""
    if which(name) is None:
        pytest.skip(f"{name} is not installed")
    monkeypatch.setattr(speller, "CHECKERS", tuple(one for one in speller.CHECKERS if one[0] == name))

    assert "promised" in unknown(["promissed", "naïve"], "en_US")["promissed"]


@pytest.mark.parametrize(
    ("language", "names"),
    [("de", ("de", "de_DE")), ("de_CH", ("de_CH", "de_DE")), ("en_GB", ("en_GB", "en_US")), ("fr_FR", ("fr_FR",))],
)
def test_the_dictionary_of_another_country_will_do(language: str, names: tuple[str, ...]) -> None:
    """Where that of one's own is not installed."""
    assert dictionaries(language) == names


def test_a_missing_dictionary_is_one_sentence() -> None:
    """It says what to install."""
    with pytest.raises(InputError, match="no dictionary for xx_YY is installed; install hunspell and hunspell-xx"):
        unknown(["word"], "xx_YY")


def test_a_checker_that_hangs_or_breaks_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is as if there were none."""
    slow, broken = tmp_path / "slow", tmp_path / "broken"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    broken.write_text("#!/bin/sh\necho '@(#) I am well'\nexit 3\n")
    for program in (slow, broken):
        program.chmod(0o700)
    monkeypatch.setattr(speller, "SECONDS", 0.2)
    monkeypatch.setattr(speller, "CHECKERS", ((str(slow),), (str(broken),)))

    with pytest.raises(InputError, match="no dictionary"):
        unknown(["word"], "en_US")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "de_CH.UTF-8"}, "de_CH"),
        ({"LANG": "de_CH.UTF-8", "LC_ALL": "fr_FR@euro"}, "fr_FR"),
        ({"LANG": "C.UTF-8"}, "en_US"),
        ({}, "en_US"),
    ],
)
def test_the_language_is_that_of_the_computer(environment: dict[str, str], language: str) -> None:
    """As POSIX has it; English where there is none."""
    assert spoken(environment) == language
