"""What a house does with its mail, as short stories."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import BusyError, DeniedError, InputError
from core.events import Fetched, Finished, HungUp, Outgone
from core.forecast import forecast
from core.mail.departure import Departure
from core.store import lock, queue, runs
from tests.flows.town import NOW, letter, town


async def test_one_call_carries_both_ways(tmp_path: Path) -> None:
    """A run sends what waits, brings home what came, and empties the box."""
    async with town(tmp_path, [letter("luc.jackson@home.example", "to Luc")]) as here:
        here.write("paul", "grandma@far.example", "to Grandma")

        account = await here.run()

        assert (account.outcome, account.sent, account.fetched, account.delivered) == ("complete", 1, 1, 1)
        assert (here.subjects("luc"), here.taken()) == ({"to Luc": 1}, {"to Grandma": 1})
        assert not here.provider.box.letters()


async def test_second_run_does_nothing(tmp_path: Path) -> None:
    """After a complete run the next one moves no letter."""
    async with town(tmp_path, [letter("luc.jackson@home.example", "to Luc")]) as here:
        here.write("paul", "grandma@far.example")
        await here.run()

        account = await here.run()

        assert (account.outcome, account.sent, account.fetched) == ("complete", 0, 0)
        assert here.subjects("luc") == {"to Luc": 1}


async def test_house_mail_needs_no_call(tmp_path: Path) -> None:
    """A letter to a member is in the inbox before any run, and leaves nothing in the queue."""
    async with town(tmp_path) as here:
        here.write("paul", "luc", "supper")

        assert here.subjects("luc") == {"supper": 1}
        assert here.subjects("paul", "sent") == {"supper": 1}
        assert queue.pending(here.open().ledger) == []


async def test_alias_reaches_house_and_world(tmp_path: Path) -> None:
    """A letter to the family is in the house at once, and goes out to Grandma with the next run."""
    async with town(tmp_path) as here:
        here.write("paul", "family", "birthday")
        assert [here.subjects(member) for member in ("paul", "luc", "ann")] == [{"birthday": 1}] * 3

        await here.run()

        assert [taken.envelope.recipients for taken in here.provider.desk.taken] == [("grandma@far.example",)]


async def test_world_sees_public_names_only(tmp_path: Path) -> None:
    """What leaves has the public address in envelope and headers, no Bcc, and no name of the house."""
    async with town(tmp_path) as here:
        here.write("paul", "grandma@far.example\nBcc: aunt@far.example\nCc: luc@linuxpc.localdomain")
        await here.run()
        (taken,) = here.provider.desk.taken

        assert taken.envelope.sender == "Paul.Dupont@home.example"
        assert sorted(taken.envelope.recipients) == ["aunt@far.example", "grandma@far.example"]
        assert b"Cc: Luc.Jackson@home.example" in taken.message
        assert not [word for word in (b"linuxpc", b"Bcc", b"aunt", b"localhost") if word in taken.message]


async def test_refused_recipient_bounces_to_the_writer(tmp_path: Path) -> None:
    """A 5xx for one recipient of two is told in the writer's inbox; the other one gets the letter."""
    async with town(tmp_path) as here:
        here.provider.desk.replies["nobody@far.example"] = "550 5.1.1 no such user"
        here.write("luc", "nobody@far.example, grandma@far.example")

        account = await here.run()

        assert (account.sent, account.bounced) == (1, 1)
        assert sum(here.subjects("luc").values()) == 1
        assert queue.pending(here.open().ledger) == []
        assert here.open().spool.ids() == set()


async def test_deferred_recipient_goes_with_the_next_run(tmp_path: Path) -> None:
    """A 4xx keeps the letter in the queue for that recipient only."""
    async with town(tmp_path) as here:
        here.provider.desk.replies["busy@far.example"] = "450 4.2.0 later"
        here.write("luc", "busy@far.example, grandma@far.example")
        assert (await here.run()).deferred == 1
        here.provider.desk.replies.clear()

        account = await here.run()

        assert (account.sent, account.deferred) == (1, 0)
        recipients = [taken.envelope.recipients for taken in here.provider.desk.taken]
        assert recipients == [("grandma@far.example",), ("busy@far.example",)]


async def test_held_letter_stays(tmp_path: Path) -> None:
    """A letter on hold is not carried until it is released."""
    async with town(tmp_path) as here:
        id_ = here.write("luc", "grandma@far.example")
        queue.hold(here.open().ledger, id_)
        assert (await here.run()).sent == 0
        queue.release(here.open().ledger, id_)

        assert (await here.run()).sent == 1


async def test_urgent_letters_leave_first_and_others_small_before_big(tmp_path: Path) -> None:
    """The order of a call: urgent, then by size."""
    async with town(tmp_path) as here:
        here.write("paul", "grandma@far.example", "big", "x" * 900)
        here.write("paul", "grandma@far.example", "small")
        here.write("paul", "grandma@far.example", "urgent", "x" * 5000, Departure(urgent=True))

        await here.run()

        assert list(here.taken()) == ["urgent", "small", "big"]


async def test_a_letter_for_later_waits_for_its_time(tmp_path: Path) -> None:
    """It is neither carried nor reckoned before, for the world and for the house; then it is."""
    at = NOW + timedelta(hours=6)
    async with town(tmp_path) as here:
        here.write("luc", "paul, grandma@far.example", "later", departure=Departure(not_before=at))
        assert (await here.run(now=NOW)).sent == 0
        assert forecast(here.open(), NOW).messages_up == 0
        assert here.subjects("paul") == {}

        assert forecast(here.open(), at).messages_up == 1
        assert (await here.run(now=at)).sent == 1
        assert here.subjects("paul") == {"later": 1}


async def test_letter_that_would_leak_is_held(tmp_path: Path) -> None:
    """A name of the house in a part's header keeps the letter from going out, and says where."""
    async with town(tmp_path) as here:
        body = '--b\nContent-Type: text/plain; name="linuxpc.localdomain"\n\nhello\n--b--\n'
        here.write(
            "paul", "grandma@far.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b", text=body
        )

        assert (await here.run()).sent == 0

        (waiting,) = queue.pending(here.open().ledger)
        assert (waiting.held, "linuxpc" in waiting.why) == (True, True)


async def test_letters_can_be_kept_at_the_provider(tmp_path: Path) -> None:
    """With keep_days letters stay in the box, and are not fetched again."""
    async with town(tmp_path, [letter("ann@home.example", "kept")], maildrop="keep_days = 7") as here:
        await here.run()
        account = await here.run()

        assert (account.fetched, here.subjects("ann")) == (0, {"kept": 1})
        assert len(here.provider.box.letters()) == 1


async def test_send_only_fetches_nothing(tmp_path: Path) -> None:
    """--send-only leaves the box alone; --fetch-only leaves the queue alone."""
    async with town(tmp_path, [letter("ann@home.example", "waits")]) as here:
        here.write("luc", "grandma@far.example")
        first = await here.run(fetch=False)
        assert (first.sent, first.fetched) == (1, 0)
        here.write("luc", "grandma@far.example")

        second = await here.run(send=False)
        assert (second.sent, second.fetched) == (0, 1)


async def test_one_direction_may_fail_alone(tmp_path: Path) -> None:
    """A refused login at the box does not keep letters from going out; the run is partial and says why."""
    async with town(tmp_path, [letter("ann@home.example", "waits")]) as here:
        here.write("luc", "grandma@far.example")
        path = tmp_path / "household.toml"
        path.write_text(path.read_text().replace('password = "secret"', 'password = "wrong"', 1))

        with pytest.raises(DeniedError, match="isp"):
            await here.run()

        last = here.events[-1]
        assert isinstance(last, Finished)
        assert (last.outcome, last.sent, here.taken().total()) == ("partial", 1, 1)


async def test_one_run_at_a_time(tmp_path: Path) -> None:
    """A second run is refused, and told who has the line."""
    async with town(tmp_path) as here:
        here.open()
        with lock.exclusive(tmp_path / "run.lock", "Paul's run"), pytest.raises(BusyError, match="Paul's run"):
            await here.run()


async def test_statement_is_what_the_events_add_up_to(tmp_path: Path) -> None:
    """Each letter has its event, and the account of the run is kept."""
    async with town(tmp_path, [letter("ann@home.example", "one"), letter("luc.jackson@home.example", "two")]) as here:
        here.write("luc", "grandma@far.example, aunt@far.example")

        account = await here.run()

        assert Counter(type(event) for event in here.events if isinstance(event, Fetched | Outgone | HungUp)) == {
            Fetched: 2,
            Outgone: 2,
            HungUp: 1,
        }
        (statement,) = runs.statements(here.open().ledger)
        assert statement.finished == account
        assert account.bytes_down > 0 < account.bytes_up


@pytest.mark.parametrize(
    ("to", "sentence"), [("", "no recipient"), ("luk", "luc"), ("grandma@", "grandma@"), ("a@b..example", "b..example")]
)
async def test_bad_recipient_is_refused(tmp_path: Path, to: str, sentence: str) -> None:
    """A bad address, an unknown name or none at all is refused in one sentence; nothing is kept."""
    async with town(tmp_path) as here:
        with pytest.raises(InputError, match=sentence):
            here.write("paul", to)

        assert here.open().spool.ids() == set()
        assert here.subjects("paul", "sent") == {}


async def test_message_that_breaks_the_splitter_goes_to_the_postmaster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a letter makes the splitter raise, the postmaster has it, and the others go on."""

    def broken(message: bytes, *rest: object) -> None:
        raise ValueError(message[:9])

    monkeypatch.setattr("core.receive.split", broken)
    async with town(tmp_path, [letter("ann@home.example", "one"), letter("ann@home.example", "two")]) as here:
        account = await here.run()

        assert (account.outcome, here.subjects("paul")) == ("complete", {"one": 1, "two": 1})


async def test_crash_in_one_direction_is_told_in_the_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of our own ends the run: it is raised, the line is down, and the statement does not say complete."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("core.fetch.take", broken)
    async with town(tmp_path, [letter("ann@home.example", "one")]) as here:
        with pytest.raises(ZeroDivisionError):
            await here.run()

        last, down = here.events[-1], [event for event in here.events if isinstance(event, HungUp)]
        assert isinstance(last, Finished)
        assert (last.outcome, len(down), len(here.provider.box.letters())) == ("failed", 1, 1)
