"""Big letters as stubs: seen at once, whole when somebody asks, in whatever folder they are by then."""

import asyncio
import json
import mailbox
from collections.abc import Callable
from pathlib import Path

import pytest

from core import read, stub, triage
from core.cli import cli, status
from core.deliver import came
from core.errors import InputError
from core.events import Event, Fetched, Slower, Trouble
from core.move import move
from core.run import run
from core.store import mbox
from core.stub import Answer, Stub
from tests.flows.town import NOW, Town, letter, town

LARGE = "large = 3000"
FIRST = 'fetch = "letters"'
PHOTO = "/9j/4AAQSkZJRgABAQ\n" * 400


def photos(to: str, subject: str = "photos") -> bytes:
    """A letter with a picture of some kB."""
    head = f"{subject}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b"
    text = "--b\nContent-Type: text/plain\n\nHere they are.\nFrom me.\n"
    file = "--b\nContent-Type: image/jpeg\nContent-Disposition: attachment; filename=pier.jpg\n"
    return letter(to, head, f"{text}{file}Content-Transfer-Encoding: base64\n\n{PHOTO}--b--\n")


def say(here: Town, answer: Answer) -> Stub:
    """Somebody answers about the only stub."""
    house = here.open()
    (there,) = stub.waiting(house)
    stub.answer(house, there.maildrop, there.uid, answer)
    house.ledger.close()
    return there


def raw(here: Town, member: str, folder: str = "inbox") -> list[bytes]:
    """The letters in a folder."""
    path = here.folder / "mail" / member / folder
    return [mbox.read(path, entry) for entry in mbox.entries(path)]


async def test_a_big_letter_comes_as_a_stub(tmp_path: Path) -> None:
    """Its members see at once who wrote what, and how much there is more; it stays at the provider."""
    async with town(tmp_path, [photos("family@home.example"), letter("ann@home.example", "small")], LARGE) as here:
        account = await here.run()

        (there,) = stub.waiting(here.open())
        assert (account.fetched, account.stubs, account.delivered) == (2, 1, 4)
        assert (there.subject, there.members, there.answer) == ("photos", ("paul", "luc", "ann"), "leave")
        assert there.size - 1000 < there.left < there.size == here.provider.box.letters()[0].size
        assert here.subjects("ann") == {"small": 1, "photos": 1}
        text = read.letter(here.open(), "ann", "inbox", read.rows(here.open(), "ann")[1].id).text
        assert "Here they are." in text
        assert "It goes on with pier.jpg (image/jpeg)" in text.replace("\n", " ")


async def test_a_stub_is_not_asked_about_again(tmp_path: Path) -> None:
    """Unanswered means leave: the next call carries nothing, keep_days or not."""
    for keep in ("", "\nkeep_days = 3"):
        async with town(tmp_path / (keep.strip() or "0"), [photos("luc@home.example")], LARGE + keep) as here:
            here.folder.mkdir(exist_ok=True)
            await here.run()

            account = await here.run()

            assert (account.fetched, len(here.provider.box.letters())) == (0, 1)
            assert len(stub.waiting(here.open())) == 1


@pytest.mark.parametrize("answer", ["take", "next"])
async def test_a_stub_that_was_asked_for_turns_whole_in_its_place(tmp_path: Path, answer: Answer) -> None:
    """With the next call it stands where the stub stood, to the byte as it came, unread; then it is deleted there."""
    message = photos("luc@home.example")
    async with town(tmp_path, [message, letter("luc@home.example", "after")], LARGE) as here:
        await here.run()
        here.provider.box.add(letter("luc@home.example", "later"))
        say(here, answer)

        account = await here.run()

        assert (account.fetched, account.stubs) == (2, 0)
        assert list(here.subjects("luc").elements()) == ["after", "photos", "later"]
        assert came(raw(here, "luc")[1]) == ("isp/00000001", message)
        assert not stub.waiting(here.open())
        assert not here.provider.box.letters()


async def test_it_turns_whole_where_it_was_moved_to_with_its_flags(tmp_path: Path) -> None:
    """A stub that was read, flagged and put elsewhere turns whole there, flagged and unread; a copy of it too."""
    message = photos("luc@home.example")
    async with town(tmp_path, [message], LARGE) as here:
        await here.run()
        house = here.open()
        (row,) = read.rows(house, "luc")
        read.mark(house, "luc", "inbox", [row.id], "RF")
        moved = move(house, "luc", "inbox", [row.id], "pictures")
        (here.folder / "mail/luc/archive").write_bytes((here.folder / "mail/luc/pictures").read_bytes())
        say(here, "take")

        await here.run()

        (now,) = read.rows(here.open(), "luc", "pictures")
        assert (now.flags, now.whole, moved.to) == ("F", 0, "pictures")
        assert [came(one)[1] for one in raw(here, "luc", "pictures") + raw(here, "luc", "archive")] == [message] * 2
        assert here.subjects("luc") == {}


async def test_a_file_that_is_no_mailbox_is_no_hindrance(tmp_path: Path) -> None:
    """Somebody's notes beside the inbox do not keep the letter from turning whole."""
    async with town(tmp_path, [photos("luc@home.example")], LARGE) as here:
        await here.run()
        (here.folder / "mail/luc/notes").write_text("bread, batteries, the small screws\n")
        say(here, "take")

        assert (await here.run()).outcome == "complete"
        assert not here.provider.box.letters()


async def test_whoever_threw_the_stub_away_gets_a_new_letter(tmp_path: Path) -> None:
    """A stub that another program expunged cannot be turned: the letter comes into that inbox, once for each member."""
    message = photos("luc@home.example\nX-Original-To: ann@home.example")
    async with town(tmp_path, [message], LARGE) as here:
        await here.run()
        box = mailbox.mbox(here.folder / "mail/luc/inbox")
        box.clear()
        box.flush()
        say(here, "take")

        await here.run()
        await here.run()

        assert [came(one)[1] for one in raw(here, "luc") + raw(here, "ann")] == [message] * 2
        assert not here.provider.box.letters()


async def test_a_stub_is_taken_while_the_call_lasts(tmp_path: Path) -> None:
    """Whoever sees the stub and asks for the letter before the line is down has it in the same call."""
    message = photos("luc@home.example")
    async with town(tmp_path, [message, letter("ann@home.example", "small")], LARGE) as here:
        house, events = here.open(), list[Event]()

        def tell(event: Event) -> None:
            events.append(event)
            if isinstance(event, Fetched) and event.left:
                say(here, "take")

        account = await run(house, here.outside(house), tell)

        assert [bool(event.left) for event in events if isinstance(event, Fetched)] == [False, True, False]
        assert (account.stubs, here.subjects("luc")) == (1, {"photos": 1})
        assert came(raw(here, "luc")[0])[1] == message
        assert not here.provider.box.letters()


async def test_a_stub_is_taken_while_letters_still_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the line is up it comes at once, even if the box has been closed already."""
    closed, whole = asyncio.Event(), asyncio.Event()

    def tell(event: Event) -> None:
        if isinstance(event, Slower):  # told when the box has been closed
            closed.set()
        elif isinstance(event, Fetched) and not event.left:
            whole.set()

    async def slow(*_: object) -> None:
        await closed.wait()
        say(here, "take")
        await asyncio.wait_for(whole.wait(), 20)

    monkeypatch.setattr("core.run.flush.flush", slow)
    async with town(tmp_path, [photos("luc@home.example")], LARGE) as here:
        here.write("luc", "grandma@far.example")
        house = here.open()

        account = await run(house, here.outside(house), tell)

        assert (account.fetched, account.stubs, here.subjects("luc")) == (2, 1, {"photos": 1})


async def test_the_next_call_is_not_this_one(tmp_path: Path) -> None:
    """What was answered "next" while a call lasts waits for the next one."""
    async with town(tmp_path, [photos("luc@home.example")], LARGE) as here:
        house = here.open()
        told: Callable[[Event], object] = lambda event: isinstance(event, Fetched) and say(here, "next")  # noqa: E731

        account = await run(house, here.outside(house), told)  # type: ignore[arg-type]

        assert (account.fetched, len(stub.waiting(house))) == (1, 1)
        assert (await here.run()).fetched == 1


async def test_a_stub_that_is_unwanted_is_deleted_at_the_provider(tmp_path: Path) -> None:
    """The box is empty after the next call, nothing waits any more, and the stub stays as what is known of it."""
    async with town(tmp_path, [photos("luc@home.example")], LARGE + "\nkeep_days = 3") as here:
        await here.run()
        there = say(here, "delete")

        account = await here.run()

        house = here.open()
        assert (account.fetched, here.provider.box.letters(), stub.waiting(house)) == (0, (), [])
        assert here.subjects("luc") == {"photos": 1}
        with pytest.raises(InputError, match="no longer a stub"):
            stub.answer(house, there.maildrop, there.uid, "take")


async def test_a_stub_may_vanish_at_the_provider(tmp_path: Path) -> None:
    """What another program deleted there is told, and not listed any more; another letter may get its id."""
    async with town(tmp_path, [photos("luc@home.example")], LARGE) as here:
        await here.run()
        here.provider.box.remove(["00000001"])

        await here.run()

        (told,) = [event for event in here.events if isinstance(event, Trouble)]
        assert (told.what, "gone from the provider" in told.why) == ("letter photos, from grandma@far.example", True)
        house = here.open()
        (row,) = read.rows(house, "luc")
        assert (stub.waiting(house), stub.of(house, "luc", "inbox", row.id)) == ([], None)


async def test_a_stub_knows_what_it_stands_for(tmp_path: Path) -> None:
    """By the letter in a folder the stub is found, by no letter that only says it is one."""
    forged = letter("luc@home.example", "forged\nX-Mailrun-Stub: 9; left=9; maildrop=isp; uid=00000009")
    async with town(tmp_path, [photos("luc@home.example"), forged], LARGE) as here:
        await here.run()

        house = here.open()
        first, second = read.rows(house, "luc")
        assert stub.of(house, "luc", "inbox", first.id) is None
        assert stub.of(house, "luc", "inbox", second.id) == stub.waiting(house)[0]


async def test_a_letter_that_says_it_is_a_stub_is_never_replaced(tmp_path: Path) -> None:
    """A sender who guesses the id of a big letter to come cannot have his own letter turned into it."""
    forged = letter("luc@home.example", "forged\nX-Mailrun-Stub: 9; left=9; maildrop=isp; uid=00000002")
    async with town(tmp_path, [forged, photos("luc@home.example")], LARGE) as here:
        await here.run()
        say(here, "take")

        await here.run()

        assert here.subjects("luc") == {"forged": 1, "photos": 1}


async def test_rules_file_a_stub_by_its_head_and_its_true_size(tmp_path: Path) -> None:
    """It goes where the whole letter would go, and turns whole there."""
    rules = '\n[[members.luc.rules]]\nlarger = "5 kB"\nfolder = "big"\ncopy_to = "ann"\n'
    message = photos("luc@home.example")
    async with town(tmp_path, [message], LARGE) as here:
        here.open().ledger.close()
        path = here.folder / "household.toml"
        path.write_text(path.read_text() + rules)
        await here.run()
        assert (here.subjects("luc", "big"), here.subjects("ann")) == ({"photos": 1}, {"photos": 1})
        assert say(here, "take").members == ("luc", "ann")

        await here.run()

        assert [came(one)[1] for one in raw(here, "luc", "big") + raw(here, "ann")] == [message] * 2


async def test_limit_zero_fetches_everything_whole(tmp_path: Path) -> None:
    """Large = 0: there are no stubs."""
    async with town(tmp_path, [photos("luc@home.example")], "large = 0") as here:
        account = await here.run()

        assert (account.stubs, here.provider.box.letters()) == (0, ())


async def test_letters_first_are_readable(tmp_path: Path) -> None:
    """With fetch = "letters" of a long letter its text comes, and what it is followed by is said."""
    head = "news\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=a"
    page = "--a\nContent-Type: text/html\n\n" + "<p>Come on Friday.</p>\n" * 2000
    text = f"--a\nContent-Type: text/plain\n\nCome on Friday.\n{page}--a--\n"
    message = letter("luc@home.example", head, text)
    async with town(tmp_path, [message], FIRST) as here:
        account = await here.run()
        assert account.bytes_down < len(message) / 5
        (shown,) = raw(here, "luc")
        assert b"Come on Friday.\n\n[Not all of this letter is here" in shown
        assert shown.endswith(b"--a--\n")
        say(here, "take")

        await here.run()

        assert came(raw(here, "luc")[0])[1] == message


async def test_a_stub_that_nobody_claimed_can_be_given_to_somebody(tmp_path: Path) -> None:
    """It turns whole where it was given, and the postmaster does not get it once more."""
    message = photos("nobody@home.example")
    async with town(tmp_path, [message], LARGE) as here:
        await here.run()
        house = here.open()
        triage.assign(house, triage.unclaimed(house)[0].id, "luc", NOW)
        say(here, "take")

        await here.run()

        assert [came(one)[1] for one in raw(here, "luc")] == [message]
        assert here.subjects("paul") == {}


async def test_a_second_copy_of_a_big_letter_is_no_copy_of_a_stub(tmp_path: Path) -> None:
    """A stub is no letter of which there could be copies: both turn whole, each in its place."""
    message = photos("luc@home.example")
    async with town(tmp_path, [message, message], LARGE) as here:
        await here.run()
        house = here.open()
        for one in stub.waiting(house):
            stub.answer(house, one.maildrop, one.uid, "take")

        await here.run()

        assert [came(one)[1] for one in raw(here, "luc")] == [message] * 2
        assert here.subjects("luc", "duplicates") == {}


async def test_without_top_a_big_letter_waits_by_its_size(tmp_path: Path) -> None:
    """Nobody has it and nothing of it is known, but it is told and listed, and comes when it is asked for."""
    message = photos("luc@home.example")
    async with town(tmp_path, [message, letter("ann@home.example", "small")], LARGE, pop_lacks=["TOP"]) as here:
        account = await here.run()

        told = [event.why for event in here.events if isinstance(event, Trouble)]
        assert (account.fetched, len(told), "`mailrun stubs` lists it" in told[0]) == (1, 1, True)
        assert "no TOP" in " ".join(account.slower)
        there = say(here, "take")
        assert (there.members, there.subject, there.left) == ((), "", there.size)

        await here.run()

        assert (here.subjects("luc"), here.provider.box.letters()) == ({"photos": 1}, ())


async def test_without_top_long_letters_come_whole(tmp_path: Path) -> None:
    """Where fetch = "letters" cannot be had, letters below the limit are fetched as ever, behind the small ones."""
    async with town(tmp_path, [letter("luc@home.example", "long", "x\n" * 9000)], FIRST, pop_lacks=["TOP"]) as here:
        account = await here.run()

        assert (account.fetched, account.stubs, here.subjects("luc")) == (1, 0, {"long": 1})


async def test_without_ids_nothing_can_wait(tmp_path: Path) -> None:
    """A letter that has no id of its own could not be asked for later, so it comes whole."""
    async with town(tmp_path, [photos("luc@home.example")], LARGE, pop_lacks=["UIDL"]) as here:
        account = await here.run()

        assert (account.stubs, here.subjects("luc"), here.provider.box.letters()) == (0, {"photos": 1}, ())


async def test_stubs_are_answered_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are listed with their price, answered by number, and one that is not there is told."""
    monkeypatch.setenv("MAILRUN_HOUSEHOLD", str(tmp_path))

    def mailrun(*words: str) -> tuple[int, str]:
        done = status(lambda: cli.main(words, prog_name="mailrun", standalone_mode=False))
        told = capsys.readouterr()
        return done, told.out + told.err

    async with town(tmp_path, [photos("luc@home.example")], LARGE) as here:
        await here.run()
    listed = mailrun("stubs")[1]
    assert listed.startswith("1  luc: photos, from grandma@far.example  8 kB, ")
    assert listed.endswith("stays there\n")
    assert mailrun("stubs", "take")[0] == 64
    assert mailrun("stubs", "take", "7")[1].startswith("mailrun: there is no stub 7;")

    assert mailrun("stubs", "take", "1")[1].endswith("comes as soon as the line is up\n")
    (told,) = json.loads(mailrun("stubs", "--json")[1])
    assert (told["id"], told["members"], told["answer"], told["cost"]) == (1, ["luc"], "take", "0.00")
