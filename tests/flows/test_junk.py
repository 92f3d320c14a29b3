"""Junk is told by a program once the line is down; a program that hangs or fails costs nothing but a sentence."""

from pathlib import Path

import pytest

from core import junk, read, stub
from core.config import FILE, Junk
from core.errors import ConfigError
from core.events import Event, HungUp, Junked, Trouble
from core.household import Household
from tests.flows.test_command import mailrun
from tests.flows.test_filing import RULES
from tests.flows.town import Town, letter, town
from tests.tui.house import Note, put

GREP = 'kind = "bogofilter"\ncheck = ["grep", "-q", "casino"]\n'
WAITING = [
    letter("paul@home.example", "good"),
    letter("paul@home.example", "bad", "casino\n"),
    letter("luc@home.example", "worse", "casino casino\n"),
]


def with_junk(here: Town, table: str, more: str = "") -> Household:
    """The house with such a [junk] table."""
    here.open().ledger.close()
    path = here.folder / FILE
    path.write_text(f"{path.read_text()}{more}\n[junk]\n{table}")
    return here.open()


def inboxes(here: Town) -> list[dict[str, int]]:
    """What Paul and Luc have in inbox and junk."""
    return [dict(here.subjects(who, where)) for who in ("paul", "luc") for where in ("inbox", "junk")]


async def test_junk_goes_where_it_belongs_once_the_line_is_down(tmp_path: Path) -> None:
    """Each member is told how many; the letters are unread there."""
    async with town(tmp_path, WAITING) as here:
        house = with_junk(here, GREP)
        await here.run()

        assert inboxes(here) == [{"good": 1}, {"bad": 1}, {}, {"worse": 1}]
        assert read.rows(house, "paul", "junk")[0].flags == ""
        kinds: list[type[Event]] = [type(event) for event in here.events]
        assert kinds.index(HungUp) < kinds.index(Junked)
        assert [event for event in here.events if isinstance(event, Junked)] == [Junked("paul", 1), Junked("luc", 1)]


async def test_without_configuration_nothing_changes(tmp_path: Path) -> None:
    """No program is asked, and none is taught."""
    async with town(tmp_path, WAITING) as here:
        house = here.open()
        await here.run()

        assert inboxes(here) == [{"good": 1, "bad": 1}, {}, {"worse": 1}, {}]
        assert junk.letters(house, "paul", "inbox", [row.id for row in read.rows(house, "paul")]) == ()
        await junk.train(house, [b"x"], good=False)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (GREP.replace("grep", "/no/such/program"), "/no/such/program cannot be run: No such file or directory"),
        ('kind = "bogofilter"\ncheck = ["sleep", "60"]\nseconds = 0.2\n', "sleep did not answer within 0.2 s"),
        ('kind = "bogofilter"\ncheck = ["sh", "-c", "exit 3"]\n', "failed with status 3; it knows no letters yet"),
        ('kind = "spamc"\ncheck = ["sh", "-c", "kill -9 $$"]\n', "sh failed with status -9"),
    ],
)
async def test_a_program_that_fails_costs_a_sentence(tmp_path: Path, table: str, why: str) -> None:
    """Every letter is in its inbox, the run is complete, and the fault is told once."""
    async with town(tmp_path, WAITING) as here:
        with_junk(here, table)
        account = await here.run()

        assert (account.outcome, inboxes(here)) == ("complete", [{"good": 1, "bad": 1}, {}, {"worse": 1}, {}])
        told = [event.why for event in here.events if isinstance(event, Trouble)]
        assert len(told) == 1
        assert why in told[0]
        assert "not asked about are in the inbox" in told[0]


async def test_what_is_known_to_be_junk_goes_before_a_fault(tmp_path: Path) -> None:
    """Only the rest stays in the inbox."""
    once = "read from; test -e asked && exit 3; : > asked"
    async with town(tmp_path, [letter("paul@home.example", name, "casino\n") for name in ("a", "bb")]) as here:
        with_junk(here, f'kind = "bogofilter"\ncheck = ["sh", "-c", "{once}"]\n')
        await here.run()

        assert (here.subjects("paul"), here.subjects("paul", "junk")) == ({"a": 1}, {"bb": 1})


async def test_a_slow_program_does_not_hold_up_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For all letters together there is a limit as well."""
    monkeypatch.setattr(junk, "MOST", 0.2)
    async with town(tmp_path, WAITING) as here:
        with_junk(here, 'kind = "bogofilter"\ncheck = ["sleep", "60"]\n')
        await here.run()

        assert [event.what for event in here.events if isinstance(event, Trouble)] == ["junk"]
        assert inboxes(here) == [{"good": 1, "bad": 1}, {}, {"worse": 1}, {}]


async def test_a_program_that_does_not_read_is_no_fault(tmp_path: Path) -> None:
    """Its answer counts, however long the letter is."""
    long = letter("paul@home.example", "long", "a line of text\n" * 100_000)
    async with town(tmp_path, [long], "large = 0") as here:
        with_junk(here, 'kind = "spamc"\ncheck = ["false"]\n')
        await here.run()

        assert (here.subjects("paul"), here.subjects("paul", "junk")) == ({}, {"long": 1})


async def test_what_somebody_has_judged_is_not_asked_about(tmp_path: Path) -> None:
    """Letters that a rule has caught, that nobody claimed, or that were written in the house."""
    flagged = RULES + '[[members.paul.rules]]\nfrom = "grandma"\nsubject = "hers"\nmark = "flagged"\n'
    waiting = [letter("paul@home.example", "hers", "casino\n"), letter("nobody@home.example", "whose?", "casino\n")]
    async with town(tmp_path, waiting) as here:
        with_junk(here, GREP, flagged)
        here.write("ann", "paul", "ours", "casino\n")
        await here.run()

        assert (here.subjects("paul"), here.subjects("paul", "junk")) == ({"hers": 1, "whose?": 1, "ours": 1}, {})


async def test_letters_of_earlier_runs_are_left_alone(tmp_path: Path) -> None:
    """What a person has left in the inbox stays there."""
    async with town(tmp_path, WAITING) as here:
        await here.run()
        with_junk(here, GREP)
        await here.run()

        assert inboxes(here) == [{"good": 1, "bad": 1}, {}, {"worse": 1}, {}]


async def test_the_program_is_taught_with_letters_as_they_came(tmp_path: Path) -> None:
    """Without what delivery put in front; a fault is a sentence without a word of the letter."""
    async with town(tmp_path, WAITING) as here:
        teach = 'train_junk = ["tee", "-a", "taught"]\ntrain_good = ["sh", "-c", "cat; exit 9"]\n'
        house = with_junk(here, 'kind = "bogofilter"\ncheck = ["false"]\n' + teach)
        await here.run()
        ids = [row.id for row in read.rows(house, "paul", order="file")]

        messages = junk.letters(house, "paul", "inbox", ids)
        await junk.train(house, messages, good=False)
        assert (tmp_path / "taught").read_bytes() == b"".join(WAITING[:2])
        with pytest.raises(ConfigError) as fault:
            await junk.train(house, messages, good=True)
        assert str(fault.value) == "junk.train_good: sh failed with status 9"


async def test_the_command_line_moves_and_teaches(tmp_path: Path) -> None:
    """As the junk key does: for scripts, and for macros of other mail programs."""
    async with town(tmp_path, WAITING) as here:
        house = with_junk(
            here, 'kind = "bogofilter"\ncheck = ["false"]\ntrain_junk = ["tee", "taught"]\ntrain_good = ["false"]\n'
        )
        await here.run()
        id_ = next(row.id for row in read.rows(house, "paul") if row.subject == "bad")

        there = await mailrun(tmp_path, "mail", "junk", "--for", "paul", id_[:8])
        assert (there.out, (tmp_path / "taught").read_bytes()) == ("1 letter moved to junk\n", WAITING[1])
        back = await mailrun(tmp_path, "mail", "junk", "--for", "paul", "--good", id_)
        assert (back.status, back.err) == (78, "mailrun: junk.train_good: false failed with status 1\n")
        assert here.subjects("paul") == {"good": 1, "bad": 1}


async def test_all_that_is_here_can_be_taught(tmp_path: Path) -> None:
    """Junk as junk, what was read in inbox and archive as good; what nobody has read is neither."""
    async with town(tmp_path, WAITING) as here:
        teach = 'train_junk = ["tee", "-a", "junked"]\ntrain_good = ["tee", "-a", "cleared"]\n'
        house = with_junk(here, f'kind = "spamc"\ncheck = ["grep", "-qv", "casino"]\n{teach}')
        put(house, "paul", "junk", Note("x@far.example", "paul", "old junk", 1, "pills"))
        put(house, "paul", "archive", Note("x@far.example", "paul", "old", 1, "plums", "R"))
        put(house, "paul", "inbox", Note("x@far.example", "paul", "new", 1, "news"))

        said = await mailrun(tmp_path, "mail", "junk", "--for", "paul", "--teach")
        assert said.out == "taught: 1 letter is junk, 1 letter is good\n"
        assert ("pills" in (tmp_path / "junked").read_text(), "plums" in (tmp_path / "cleared").read_text()) == (
            True,
            True,
        )
        assert "news" not in (tmp_path / "cleared").read_text()
        none = await mailrun(tmp_path, "mail", "junk", "--for", "paul")
        assert (none.status, "--teach" in none.err) == (64, True)


async def test_check_tells_whether_the_program_answers(tmp_path: Path) -> None:
    """In the form and by `mailrun check`, where there is one to ask."""
    async with town(tmp_path) as here:
        house = with_junk(here, GREP)
        assert (await junk.look(house, house.config.junk)).what == "grep tells junk"
        assert (await junk.look(house, Junk())).level == "ok"
        missing = await junk.look(house, Junk(kind="spamc", check=("/no/such",)))
        assert (missing.level, missing.what.startswith("/no/such cannot be run")) == ("warn", True)
        assert "grep tells junk" in (await mailrun(tmp_path, "check")).out


async def test_a_stub_is_asked_about_when_it_is_whole(tmp_path: Path) -> None:
    """Before, what makes it junk may not be there yet; and so it may turn out when it has turned whole in its place."""
    async with town(tmp_path, [letter("luc@home.example", "big", "sea\n" * 900 + "casino\n")], "large = 2000") as here:
        house = with_junk(here, GREP)
        await here.run()
        assert inboxes(here)[2:] == [{"big": 1}, {}]
        stub.answer(house, "isp", stub.waiting(house)[0].uid, "take")

        await here.run()

        assert inboxes(here)[2:] == [{}, {"big": 1}]
