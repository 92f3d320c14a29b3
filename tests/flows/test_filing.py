"""Letters that go into folders by themselves, by the rules of the member whose they are."""

import json
from pathlib import Path

import pytest

from core import filing, move, read, triage
from core.config import FILE, Filing
from core.deliver import Delivery, came, deliver
from core.errors import InputError
from core.events import Fetched, Trouble, words
from core.household import Household
from core.mail import filing as rules
from core.mail.routed import How, Routed
from core.open import open_household
from core.store import mbox
from tests.flows.test_command import mailrun
from tests.flows.town import NOW, Town, letter, town

RULES = """
[[members.paul.rules]]
list = "nelug"
folder = "nelug"
mark = "read"
[[members.paul.rules]]
from = "@shop.example"
junk = true
[[members.paul.rules]]
to = "family"
copy_to = ["luc", "ann"]
[[members.luc.rules]]
subject = "ferry"
folder = "ferry"
copy_to = "paul"
"""


HOUSE = """\
[household]
domain = "home.example"
postmaster = "ann"
[members.paul]
address = "p@home.example"
[members.luc]
address = "l@home.example"
[members.ann]
address = "a@home.example"
"""


def ruled(here: Town, rules: str = RULES) -> Household:
    """The house with these rules."""
    here.open().ledger.close()
    path = here.folder / FILE
    text = path.read_text()
    path.write_text(text + rules)
    return here.open()


def listed(to: str, subject: str, text: str = "hello\n") -> bytes:
    """A letter over the list."""
    return b"List-Id: <nelug.lists.example>\n" + letter(to, subject, text)


async def test_letters_go_where_their_members_rules_say(tmp_path: Path) -> None:
    """Over the line and in the house; with the marks of the rule, and the reason in the letter."""
    waiting = [listed("paul@home.example", "meeting"), letter("paul@home.example", "garden")]
    async with town(tmp_path, waiting) as here:
        house = ruled(here)
        await here.run()
        here.write("luc", "paul", "about nelug\nList-Id: nelug")

        assert (here.subjects("paul"), here.subjects("paul", "nelug")) == (
            {"garden": 1},
            {"meeting": 1, "about nelug": 1},
        )
        row = read.rows(house, "paul", "nelug")[0]
        assert "R" in row.flags
        assert read.letter(house, "paul", "nelug", row.id).why.endswith("Your rule (list nelug) put it into nelug.")


async def test_a_copy_in_the_house_goes_by_the_rules_of_who_gets_it(tmp_path: Path) -> None:
    """It is told as delivered to them too; and nobody's rule copies a copy."""
    async with town(tmp_path, [letter("paul@home.example", "ferry").replace(b"From:", b"To: family\nFrom:")]) as here:
        house = ruled(here)
        await here.run()

        (fetched,) = (event for event in here.events if isinstance(event, Fetched))
        assert (fetched.members, fetched.filed) == (("paul", "luc", "ann"), ("luc/ferry",))
        assert words(fetched).endswith("(into luc/ferry)")
        assert [here.subjects("paul"), here.subjects("luc", "ferry"), here.subjects("ann")] == [{"ferry": 1}] * 3
        assert here.subjects("luc") == {}
        assert (
            read.letter(house, "ann", "inbox", read.rows(house, "ann")[0].id).why
            == "A rule of paul's passed a copy on to you."
        )


async def test_a_second_copy_is_told_across_folders(tmp_path: Path) -> None:
    """A letter that came over a list and directly is there once, wherever the first went; the other is a duplicate."""
    named = b"Message-ID: <1@far.example>\n"
    waiting = [named + listed("paul@home.example", "both"), named + letter("paul@home.example", "both")]
    async with town(tmp_path, waiting) as here:
        ruled(here)
        await here.run()

        places = ("inbox", "nelug", "duplicates")
        assert sum(here.subjects("paul", place)["both"] for place in places) == 2
        assert here.subjects("paul", "duplicates") == {"both": 1}


async def test_what_nobody_claimed_or_a_person_gave_stays_in_the_inbox(tmp_path: Path) -> None:
    """Triage sees every letter that is nobody's; what is given to somebody is to be seen there."""
    async with town(tmp_path, [listed("nobody@home.example", "whose?")]) as here:
        house = ruled(here, RULES + '[[members.luc.rules]]\nlist = "nelug"\nfolder = "nelug"\n')
        await here.run()
        assert [row.subject for row in triage.unclaimed(house)] == ["whose?"]

        triage.assign(house, triage.unclaimed(house)[0].id, "luc", NOW)
        assert here.subjects("luc") == {"whose?": 1}


async def test_a_rule_that_cannot_be_carried_out_leaves_its_letter_in_the_inbox(tmp_path: Path) -> None:
    """It says so, in the account and in the letter; all others go on."""
    async with town(tmp_path, [listed("paul@home.example", "meeting"), letter("ann@home.example", "ferry")]) as here:
        house = ruled(here)
        (here.folder / "mail" / "paul" / "nelug").mkdir(parents=True)
        await here.run()

        assert (here.subjects("paul"), here.subjects("ann")) == ({"meeting": 1}, {"ferry": 1})
        assert [event.why for event in here.events if isinstance(event, Trouble) and "nelug" in event.why]
        row = read.rows(house, "paul")[0]
        assert "R" not in row.flags
        assert "rule 1 of paul files letters into" in (await mailrun(tmp_path, "check")).out
        assert "could not put it into nelug" in read.letter(house, "paul", "inbox", row.id).why


def opened(folder: Path, rules: str) -> Household:
    """A house of three that needs no provider."""
    (folder / FILE).write_text(HOUSE + rules)
    (folder / FILE).chmod(0o600)
    return open_household(folder)


def put(house: Household, *messages: bytes, how: How = "envelope") -> None:
    """Deliver letters to Paul."""
    routed = Routed(("paul",), how, "", "")
    deliver(house, [Delivery(f"isp/{hash(one)}", one, routed, "") for one in messages], NOW)


def test_a_letter_comes_off_as_it_came(tmp_path: Path) -> None:
    """The note of the rule is ours; a field of that name that the sender wrote is his."""
    house = opened(tmp_path, RULES)
    routed = Routed(("paul",), "envelope", "", "")
    messages = [b"X-Mailrun-Filed: rule=x\n" + one for one in (listed("paul", "a"), letter("paul", "b"))]
    deliver(house, [Delivery(f"isp/{n}", message, routed, "") for n, message in enumerate(messages)], NOW)

    boxes = [house.box("paul", folder) for folder in ("nelug", "inbox")]
    assert [came(mbox.read(box, mbox.entries(box)[0])) for box in boxes] == [
        (f"isp/{n}", message) for n, message in enumerate(messages)
    ]


@pytest.mark.parametrize("again", [1, 2])
async def test_nothing_is_delivered_twice_when_the_rules_change(tmp_path: Path, again: int) -> None:
    """A letter that is in one folder is not put into another one by a later try."""
    async with town(tmp_path, [listed("paul@home.example", "meeting")], "keep_days = 9") as here:
        ruled(here)
        await here.run()
        path = here.folder / FILE
        path.write_text(path.read_text().replace('folder = "nelug"', 'folder = "lists"'))
        house = here.open()
        message = listed("paul@home.example", "meeting")
        uid = house.ledger.rows("SELECT source FROM deliveries")[0][0]
        for _ in range(again):
            deliver(house, [Delivery(uid, message, Routed(("paul",), "envelope", "", ""), "")], NOW)

        assert (here.subjects("paul", "nelug"), here.subjects("paul", "lists")) == ({"meeting": 1}, {})


def test_rules_are_tried_on_past_letters(tmp_path: Path) -> None:
    """Wherever they are, by what they were when they came; what nobody claimed is not theirs to file."""
    house = opened(tmp_path, "")
    assert filing.summary(filing.tried(house, "paul", ())) == ["no letters have come yet"]
    put(house, listed("paul", "one"), letter("paul", "two"), listed("paul", "three"))
    put(house, listed("nobody", "four"), how="postmaster")
    move.move(house, "paul", "inbox", [row.id for row in read.rows(house, "paul") if row.subject == "three"], "archive")
    wanted = (Filing(list=("nelug",), folder="nelug"), Filing(from_=("*",), mark=("read",)))

    fates = filing.tried(house, "paul", wanted)

    assert {(fate.row.subject, fate.folder, fate.to) for fate in fates} == {
        ("one", "inbox", "nelug"),
        ("two", "inbox", "inbox"),
        ("three", "archive", "nelug"),
    }
    assert filing.summary(fates) == [
        "of the last 3 letters 2 would go to nelug",
        "of the last 3 letters 1 would stay in the inbox",
    ]
    assert len(filing.tried(house, "paul", wanted, 2)) == 2
    assert len(read.rows(house, "paul")) == 3


def test_a_letter_makes_a_rule(tmp_path: Path) -> None:
    """What is proposed tells what it catches of the inbox; the one that is taken holds for the next letter."""
    house = opened(tmp_path, "\n# the end\n")
    put(house, listed("paul", "one"), letter("paul", "two"), listed("paul", "three"))
    id_ = next(row.id for row in read.rows(house, "paul") if row.subject == "one")

    found = filing.propose(house, "paul", "inbox", id_)
    assert [(one.words, len(one.caught)) for one in found] == [
        ("list nelug.lists.example", 2),
        ("from grandma@far.example", 3),
        ("from anybody at far.example", 3),
        ("subject one", 1),
    ]
    ruled = filing.always(house, "paul", found[0].rule, "inbox", id_)

    assert "# the end" in (tmp_path / FILE).read_text()
    put(ruled, listed("paul", "four"))
    assert [row.subject for row in read.rows(ruled, "paul", "nelug")] == ["four"]
    assert len(read.rows(ruled, "paul")) == 3


def test_a_new_rule_stands_before_those_that_would_keep_its_letter(tmp_path: Path) -> None:
    """Else it would never be asked."""
    house = opened(
        tmp_path,
        '[[members.paul.rules]]\nsubject = "x"\njunk = true\n# all\n[[members.paul.rules]]\nfrom = "*"\nmark="read"\n',
    )
    put(house, listed("paul", "one"))
    id_ = read.rows(house, "paul")[0].id

    house = filing.always(house, "paul", Filing(list=("nelug",), folder="nelug"), "inbox", id_)

    assert [rules.condition(one) for one in filing.rules(house, "paul")] == ["subject x", "list nelug", "from *"]
    with pytest.raises(InputError, match="pual is no member"):
        filing.rules(house, "pual")


def test_a_rule_for_the_same_letters_gets_the_new_folder(tmp_path: Path) -> None:
    """A second one would never be asked."""
    house = opened(tmp_path, '[[members.paul.rules]]\nlist = "nelug"   # the club\njunk = true\n')
    put(house, listed("paul", "one"))
    id_ = read.rows(house, "paul", "junk")[0].id

    house = filing.always(house, "paul", Filing(list=("nelug",), folder="club"), "junk", id_)

    assert [rules.words(one) for one in filing.rules(house, "paul")] == ["list nelug -> folder club"]
    assert "# the club" in (tmp_path / FILE).read_text()


async def test_the_command_line_shows_and_tries_rules(tmp_path: Path) -> None:
    """In words for a person, as JSON for a program; `why` tells the folder of a letter that has not come."""
    house = opened(tmp_path, RULES)
    put(house, letter("paul", "garden"))
    (tmp_path / "one").write_bytes(listed("p@home.example", "meeting").replace(b"From:", b"To: p@home.example\nFrom:"))

    shown = await mailrun(tmp_path, "mail", "rules", "--for", "paul")
    assert shown.out.splitlines()[0] == "1  list nelug -> folder nelug, marked read"
    one = json.loads((await mailrun(tmp_path, "mail", "rules", "--for", "paul", "--json")).out)[0]
    assert one == {
        "words": "list nelug -> folder nelug, marked read",
        "list": "nelug",
        "folder": "nelug",
        "mark": "read",
    }
    tried = await mailrun(tmp_path, "mail", "rules", "--for", "paul", "--test", "5")
    assert tried.out.splitlines() == ["of the last 1 letter 1 would stay in the inbox"]
    why = await mailrun(tmp_path, "why", str(tmp_path / "one"))
    assert why.out.splitlines()[1:] == ["paul: folder nelug, marked read, by the rule: list nelug"]
    as_json = json.loads((await mailrun(tmp_path, "why", str(tmp_path / "one"), "--json")).out)
    assert as_json["filed"]["paul"]["folder"] == "nelug"
