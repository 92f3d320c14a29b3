"""What comes back: reports from outside, letters that wait too long, and who hears of it."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from core import read
from core.household import Household
from core.mail import report
from core.store import queue
from core.submit import NOBODY, submit
from tests.flows.test_power import with_power_for
from tests.flows.town import NOW, Town, letter, town

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

STEPS = 36  # more durable steps than a story here has


def answer(house: Household, id_: str, failed: str, *, to: str = "luc.jackson@home.example") -> bytes:
    """What a far server writes when it could not deliver one of our letters after all."""
    (found,) = house.ledger.rows("SELECT message_id FROM letters WHERE id = ?", (id_,))
    return (
        f"Return-Path: <>\nX-Original-To: {to}\nFrom: MAILER-DAEMON@far.example\nTo: {to}\nSubject: Undelivered\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.far.example\n\n"
        f"Final-Recipient: rfc822; {failed}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {found[0]}\nSubject: hello\n\n--b--\n"
    ).encode()


def sent(here: Town, member: str = "luc") -> read.Letter:
    """The one letter in a member's sent folder."""
    house = here.open()
    (row,) = read.rows(house, member, "sent")
    return read.letter(house, member, "sent", row.id)


def newest(here: Town, member: str) -> read.Letter:
    """The last letter in a member's inbox."""
    house = here.open()
    return read.letter(house, member, "inbox", read.rows(house, member)[-1].id)


async def test_report_from_outside_marks_the_sent_letter(tmp_path: Path) -> None:
    """A recipient whom a far server reports is failed in Sent, in plain words; the others are not."""
    async with town(tmp_path) as here:
        id_ = here.write("luc", "Granma@far.example, grandma@far.example")
        await here.run()
        assert not sent(here).row.failed
        here.provider.box.add(answer(here.open(), id_, "granma@FAR.example"))

        await here.run()

        assert sent(here).row.failed
        (failed,) = sent(here).failed
        assert (failed.address, failed.reply) == ("Granma@far.example", "550 5.1.1 no such user")
        assert failed.why == "There is no such mailbox at far.example. Look at the spelling of the address."


async def test_report_tells_which_letter_it_is_about(tmp_path: Path) -> None:
    """The report's own letter names the sent letter, and begins it again for the corrected address only."""
    async with town(tmp_path) as here:
        id_ = here.write("luc", "granma@far.example, aunt@far.example", "birthday", "Come!\n")
        await here.run()
        here.provider.box.add(answer(here.open(), id_, "granma@far.example"))
        await here.run()

        about = newest(here, "luc").about
        assert about is not None
        assert (about.id, about.subject) == (id_, "birthday")
        assert [one.address for one in about.failed] == ["granma@far.example"]
        draft = read.again(here.open(), "luc", "inbox", newest(here, "luc").row.id, "grandma@far.example")
        assert (draft.sender, draft.to, draft.cc, draft.subject) == ("luc", "grandma@far.example", "", "birthday")
        assert draft.text.strip() == "Come!"


async def test_foreign_report_changes_nothing(tmp_path: Path) -> None:
    """A report about a letter that nobody here wrote is a letter like any other."""
    async with town(tmp_path) as here:
        id_ = here.write("luc", "grandma@far.example")
        await here.run()
        about_it = answer(here.open(), id_, "grandma@far.example")
        here.provider.box.add(about_it.replace(b"Message-ID: <", b"Message-ID: <other"))
        await here.run()

        assert not sent(here).row.failed
        found = newest(here, "luc").about
        assert found is not None
        assert found.id == ""


async def test_refusal_is_a_failure_in_sent_too(tmp_path: Path) -> None:
    """What the smart host refuses at once is marked in Sent, and our own report begins the letter again."""
    async with town(tmp_path) as here:
        here.provider.desk.replies["nobody@far.example"] = "550 5.1.1 no such user"
        here.write("luc", "nobody@far.example")
        await here.run()

        assert [one.address for one in sent(here).failed] == ["nobody@far.example"]
        draft = read.again(here.open(), "luc", "inbox", newest(here, "luc").row.id, "somebody@far.example")
        assert draft.to == "somebody@far.example"


async def test_report_survives_a_lost_sent_folder(tmp_path: Path) -> None:
    """The letter that a report carries can be sent again when the copy in Sent is gone."""
    async with town(tmp_path) as here:
        here.provider.desk.replies["nobody@far.example"] = "550 5.1.1 no such user"
        here.write("luc", "nobody@far.example", "birthday")
        await here.run()
        (tmp_path / "mail" / "luc" / "sent").unlink()

        draft = read.again(here.open(), "luc", "inbox", newest(here, "luc").row.id, "somebody@far.example")
        assert draft.subject == "birthday"


@pytest.mark.parametrize("cut", range(1, STEPS))
async def test_marking_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """Whenever the power fails while a report comes in, it is in the inbox once and the letter is marked."""
    async with town(tmp_path) as here:
        id_ = here.write("luc", "grandma@far.example")
        await here.run()
        here.provider.box.add(answer(here.open(), id_, "grandma@far.example"))
        await with_power_for(cut, here.run)

        await here.run()

        assert here.subjects("luc") == {"Undelivered": 1}
        assert len(sent(here).failed) == 1


BUSY = "450 4.2.0 come back later"


async def waits(here: Town, *days: float, to: str = "busy@far.example") -> None:
    """Calls on these days, each of them in vain for one recipient."""
    here.provider.desk.replies[to] = BUSY
    for day in days:
        await here.run(now=NOW + timedelta(days=day))


async def test_waiting_counts_from_the_first_call(tmp_path: Path) -> None:
    """A letter that was written weeks before the first call is neither late nor given up by that call."""
    async with town(tmp_path) as here:
        here.write("luc", "busy@far.example")

        await waits(here, 14, 15.9)

        assert here.subjects("luc") == {}


async def test_sender_is_warned_once(tmp_path: Path) -> None:
    """After warn_after days of tries one report says that it takes long, until when it will be tried, and why."""
    async with town(tmp_path) as here:
        here.write("luc", "busy@far.example", "hello")

        await waits(here, 0, 1.9, 2, 3, 4)

        assert here.subjects("luc") == {"Not delivered yet: hello": 1}
        warning = newest(here, "luc")
        assert BUSY in warning.text
        assert "need not send it again" in warning.text
        assert "26 November 2026" in warning.text
        told = report.read(warning.raw)
        assert told is not None
        assert [(fate.address, fate.action, fate.status) for fate in told.fates] == [
            ("busy@far.example", "delayed", "4.2.0")
        ]
        assert not sent(here).row.failed


async def test_what_waits_too_long_comes_back(tmp_path: Path) -> None:
    """After give_up_after days of tries the letter bounces with the last reply, and is tried no more."""
    async with town(tmp_path) as here:
        here.write("luc", "busy@far.example, grandma@far.example", "hello")

        await waits(here, 0, 3, 5, 6)

        assert here.subjects("luc") == {"Not delivered yet: hello": 1, "Not delivered: hello": 1}
        assert f"given up after 5 days of tries; the last answer was: {BUSY}" in newest(here, "luc").text
        assert queue.pending(here.open().ledger) == []
        assert here.open().spool.ids() == set()
        assert [one.address for one in sent(here).failed] == ["busy@far.example"]


async def test_nothing_is_given_up_without_a_try(tmp_path: Path) -> None:
    """A held letter, and a call that carries it at last, tell the sender nothing, however late it is."""
    async with town(tmp_path) as here:
        id_ = here.write("luc", "busy@far.example")
        await waits(here, 0)
        queue.hold(here.open().ledger, id_)
        await waits(here, 20)
        queue.release(here.open().ledger, id_)
        here.provider.desk.replies.clear()

        account = await here.run(now=NOW + timedelta(days=21))

        assert (account.sent, here.subjects("luc")) == (1, {})


async def test_days_are_settings(tmp_path: Path) -> None:
    """warn_after and give_up_after are the household's to choose."""
    async with town(tmp_path) as here:
        here.write("luc", "busy@far.example", "hello")
        path = tmp_path / "household.toml"
        days = 'postmaster = "paul"\nwarn_after = 0.5\ngive_up_after = 1\n'
        path.write_text(path.read_text().replace('postmaster = "paul"\n', days))

        await waits(here, 0, 0.5, 1)

        assert here.subjects("luc") == {"Not delivered yet: hello": 1, "Not delivered: hello": 1}


@pytest.mark.parametrize("day", [2, 5])
@pytest.mark.parametrize("cut", range(1, STEPS))
async def test_reports_survive_a_power_cut(tmp_path: Path, cut: int, day: int) -> None:
    """Whenever the power fails while the sender is warned or gets the letter back, the report is there once."""
    async with town(tmp_path) as here:
        here.write("luc", "busy@far.example", "hello")
        await waits(here, 0)
        late: datetime = NOW + timedelta(days=day)
        await with_power_for(cut, partial(here.run, fetch=False, now=late))

        await here.run(fetch=False, now=late)

        states = [r.state for one in queue.pending(here.open().ledger) for r in one.recipients]
        title = {2: "Not delivered yet: hello", 5: "Not delivered: hello"}[day]
        told = ({title: 1}, {2: ["deferred"], 5: []}[day])
        assert (here.subjects("luc"), states) in (told, ({}, ["uncertain"]))


async def test_a_bounce_never_bounces(tmp_path: Path) -> None:
    """A letter with the null sender goes out with it, and is dropped without a report when it is refused."""
    async with town(tmp_path) as here:
        here.provider.desk.replies["nobody@far.example"] = "550 5.1.1 no such user"
        message = b"From: luc\nTo: nobody@far.example, grandma@far.example\nSubject: report\n\nhello\n"
        submit(here.open(), message, "luc", None, NOW, sender=NOBODY)

        account = await here.run()

        assert (account.bounced, account.sent) == (1, 1)
        assert here.provider.desk.taken[0].envelope.sender == "<>"
        assert [here.subjects(member) for member in ("luc", "paul", "ann")] == [{}, {}, {}]


def list_of(here: Town, lines: str) -> None:
    """More aliases for this house."""
    here.open()
    path = here.folder / "household.toml"
    path.write_text(path.read_text().replace("[aliases]\n", f"[aliases]\n{lines}\n"))


async def test_list_bounces_to_its_owner(tmp_path: Path) -> None:
    """What goes out through a list with an owner has the owner's address as envelope sender; he gets the bounce."""
    async with town(tmp_path) as here:
        list_of(here, 'club = ["luc", "ann", "nobody@far.example", "aunt@far.example"]\nowner-club = ["ann"]')
        here.provider.desk.replies["nobody@far.example"] = "550 5.1.1 no such user"
        here.write("paul", "club, grandma@far.example", "hello")
        assert (here.subjects("luc"), here.subjects("ann")) == ({"hello": 1}, {"hello": 1})

        await here.run()

        envelopes = {(taken.envelope.sender, taken.envelope.recipients) for taken in here.provider.desk.taken}
        assert envelopes == {
            ("Paul.Dupont@home.example", ("grandma@far.example",)),
            ("ann@home.example", ("aunt@far.example",)),
        }
        assert here.subjects("ann") == {"hello": 1, "Not delivered: hello": 1}
        assert here.subjects("paul") == {}
        assert [one.address for one in sent(here, "paul").failed] == ["nobody@far.example"]


async def test_list_of_several_owners(tmp_path: Path) -> None:
    """Of several owners the alias is the envelope sender, and each of them gets the bounce."""
    async with town(tmp_path) as here:
        list_of(here, 'club = ["nobody@far.example"]\nowner-club = ["ann", "luc"]')
        here.provider.desk.replies["nobody@far.example"] = "550 5.1.1 no such user"
        here.write("paul", "club", "hello")

        await here.run()

        assert [here.subjects(member) for member in ("ann", "luc", "paul")] == [{"Not delivered: hello": 1}] * 2 + [{}]


@pytest.mark.parametrize("cut", range(1, STEPS))
async def test_submitting_to_a_list_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """A letter with two envelopes is accepted as one: both go out, or neither."""
    async with town(tmp_path) as here:
        list_of(here, 'club = ["luc", "aunt@far.example"]\nowner-club = ["ann"]')
        await with_power_for(cut, partial(here.submit, "paul", "club, grandma@far.example", "cut"))

        await here.run()

        assert (here.subjects("luc")["cut"], here.taken()["cut"]) in ((0, 0), (1, 2))
        assert here.open().spool.ids() == set()


CLUB = 'club = ["luc", "aunt@far.example", "grandma@far.example"]\nowner-club = ["ann"]'


async def test_letter_from_outside_goes_on_to_the_list(tmp_path: Path) -> None:
    """Those of a list who live outside get what came for it by the next call, from its owner; its author does not."""
    async with town(tmp_path, [letter("club@home.example", "from Grandma")]) as here:
        list_of(here, CLUB)
        await here.run()
        assert here.subjects("luc") == {"from Grandma": 1}
        here.provider.desk.replies["aunt@far.example"] = "550 5.1.1 no such user"

        await here.run()

        assert here.subjects("ann") == {"Not delivered: from Grandma": 1}
        here.provider.desk.replies.clear()
        here.provider.box.add(letter("club@home.example", "again"))
        await here.run()
        await here.run()
        (taken,) = here.provider.desk.taken
        assert (taken.envelope.sender, taken.envelope.recipients) == ("ann@home.example", ("aunt@far.example",))
        assert taken.message.startswith(b"X-Loop: club@home.example\n")


@pytest.mark.parametrize(
    "message",
    [
        b"X-Loop: club@home.example\n" + letter("club@home.example", "hello"),
        b"Return-Path: <>\n" + letter("club@home.example", "hello"),
        letter("family@home.example", "hello"),
        b"From: stranger@far.example\nTo: club@home.example\nSubject: hello\n\nhello\n",
    ],
    ids=["loop", "null sender", "no owner", "guess"],
)
async def test_nothing_else_goes_on(tmp_path: Path, message: bytes) -> None:
    """What has been through the list, a report, what is for an alias without owner, and a guess stay in the house."""
    async with town(tmp_path, [message]) as here:
        list_of(here, CLUB)

        await here.run()

        assert here.subjects("luc") == {"hello": 1}
        assert queue.pending(here.open().ledger) == []


@pytest.mark.parametrize("cut", range(1, STEPS))
async def test_passing_on_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """Whenever the power fails while a letter to a list comes in, it goes on to the others once."""
    async with town(tmp_path, [letter("club@home.example", "hello")]) as here:
        list_of(here, CLUB)
        await with_power_for(cut, partial(here.run, send=False))

        await here.run()
        await here.run()

        assert (here.subjects("luc"), here.taken()) == ({"hello": 1}, {"hello": 1})


async def test_ordinary_letters_are_about_nothing(tmp_path: Path) -> None:
    """A letter from a person has no sent letter that it is about."""
    async with town(tmp_path, [letter("luc.jackson@home.example", "hello")]) as here:
        await here.run()

        assert (newest(here, "luc").about, newest(here, "luc").failed) == (None, ())
