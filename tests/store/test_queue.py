from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InputError
from core.mail.departure import Departure
from core.mail.envelope import Bounced, Deferred, Envelope, Outcome, Sent, State, Uncertain
from core.store import queue
from core.store.ledger import Ledger

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def _add(ledger: Ledger, ident: str = "a1", *to: str, now: datetime = NOW) -> None:
    envelope = Envelope("paul@home.example", to or ("x@far.example", "y@far.example"))
    queue.add(ledger, ident, "paul", envelope, size=1234, subject="Hello", now=now)


def _states(ledger: Ledger, ident: str = "a1") -> list[State]:
    return [recipient.state for recipient in queue.get(ledger, ident).recipients]


def test_a_new_letter_waits(ledger: Ledger) -> None:
    """Everything that was said of a letter is there again, and its recipients keep their order."""
    _add(ledger, "a1", "z@far.example", "b@far.example", "z@far.example")

    assert queue.pending(ledger) == [
        queue.Queued(
            "a1",
            "paul",
            "paul@home.example",
            (queue.Recipient("z@far.example", "waiting"), queue.Recipient("b@far.example", "waiting")),
            1234,
            NOW,
            "Hello",
        )
    ]


def test_the_oldest_is_first(ledger: Ledger) -> None:
    """Letters wait in the order in which they were accepted."""
    _add(ledger, "b", now=LATER)
    _add(ledger, "a", now=NOW)

    assert [letter.id for letter in queue.pending(ledger)] == ["a", "b"]


def test_an_id_is_taken_once(ledger: Ledger) -> None:
    """A second letter of the same id is refused and the first stays."""
    _add(ledger)
    with pytest.raises(InputError, match="already"):
        _add(ledger, "a1", "other@far.example")

    assert len(queue.get(ledger, "a1").recipients) == 2


def test_a_letter_for_nobody_is_refused(ledger: Ledger) -> None:
    """A letter needs a recipient."""
    with pytest.raises(InputError, match="no recipient"):
        queue.add(ledger, "a1", "paul", Envelope("", ()), size=1, subject="", now=NOW)
    assert queue.pending(ledger) == []


@pytest.mark.parametrize(
    ("outcome", "state", "waits"),
    [
        (Sent("250 ok"), "sent", False),
        (Bounced("550 no such user"), "bounced", False),
        (Deferred("451 later"), "deferred", True),
        (Uncertain("line lost"), "uncertain", True),
    ],
)
def test_settle_keeps_the_outcome(ledger: Ledger, outcome: Outcome, state: State, *, waits: bool) -> None:
    """State, reply, tries and both times are kept; a letter waits until all recipients are final."""
    _add(ledger, "a1", "x@far.example")
    queue.sending(ledger, "a1", ["x@far.example"], NOW)
    queue.settle(ledger, "a1", {"x@far.example": outcome}, LATER)

    assert queue.get(ledger, "a1").recipients == (
        queue.Recipient("x@far.example", state, outcome.reply, 1, LATER, LATER),
    )
    assert bool(queue.pending(ledger)) is waits
    assert queue.get(ledger, "a1").final is not waits


def test_tries_are_counted_from_the_first(ledger: Ledger) -> None:
    """The first and the last try keep their times."""
    _add(ledger, "a1", "x@far.example")
    for when in (NOW, LATER):
        queue.sending(ledger, "a1", ["x@far.example"], NOW)
        queue.settle(ledger, "a1", {"x@far.example": Deferred("451 later")}, when)

    recipient = queue.get(ledger, "a1").recipients[0]
    assert (recipient.tries, recipient.first, recipient.tried) == (2, NOW, LATER)


def test_settling_a_stranger_is_refused(ledger: Ledger) -> None:
    """A recipient whom the queue does not know is a fault, and nothing of the call is kept."""
    _add(ledger, "a1", "x@far.example")
    with pytest.raises(InputError, match="no recipient who@far"):
        queue.settle(ledger, "a1", {"x@far.example": Sent(""), "who@far.example": Sent("")}, NOW)

    assert _states(ledger) == ["waiting"]


def test_sending_takes_only_who_may_be_sent_to(ledger: Ledger) -> None:
    """The sent, uncertain and unknown are left out; the deferred go again."""
    _add(ledger, "a1", "sent@x", "late@x", "unsure@x", "new@x")
    outcomes: dict[str, Outcome] = {"sent@x": Sent(""), "late@x": Deferred(""), "unsure@x": Uncertain("")}
    queue.settle(ledger, "a1", outcomes, NOW)

    assert queue.sending(ledger, "a1", ["sent@x", "late@x", "unsure@x", "new@x", "who@x"], NOW) == ("late@x", "new@x")
    assert _states(ledger) == ["sent", "sending", "uncertain", "sending"]


@pytest.mark.parametrize("act", [queue.hold, queue.cancel])
def test_sending_stops_for_what_a_person_did_meanwhile(ledger: Ledger, act: Callable[[Ledger, str], None]) -> None:
    """A letter that was held or cancelled after it was listed does not go out."""
    _add(ledger)
    act(ledger, "a1")

    assert queue.sending(ledger, "a1", ["x@far.example", "y@far.example"], NOW) == ()


def test_a_crash_while_sending_leaves_it_uncertain(ledger: Ledger) -> None:
    """What was on its way is never sent again by itself."""
    _add(ledger)
    queue.sending(ledger, "a1", ["x@far.example"], NOW)

    assert queue.recover(ledger, LATER) == 1
    assert _states(ledger) == ["uncertain", "waiting"]
    assert "on its way" in queue.get(ledger, "a1").recipients[0].reply
    assert queue.recover(ledger, LATER) == 0
    assert queue.sending(ledger, "a1", ["x@far.example"], NOW) == ()


def test_retry_is_for_the_deferred_and_the_uncertain(ledger: Ledger) -> None:
    """A person sends it again; who has it, or is refused for good, is left alone."""
    _add(ledger, "a1", "a@x", "b@x", "c@x", "d@x")
    outcomes: dict[str, Outcome] = {"a@x": Sent(""), "b@x": Bounced(""), "c@x": Deferred(""), "d@x": Uncertain("")}
    queue.settle(ledger, "a1", outcomes, NOW)
    queue.retry(ledger, "a1")

    assert _states(ledger) == ["sent", "bounced", "waiting", "waiting"]


def test_cancel_gives_up_on_all_who_have_it_not(ledger: Ledger) -> None:
    """Every recipient that is not final becomes cancelled."""
    _add(ledger, "a1", "a@x", "b@x", "c@x", "d@x", "e@x")
    queue.settle(ledger, "a1", {"a@x": Sent(""), "b@x": Bounced(""), "c@x": Deferred(""), "d@x": Uncertain("")}, NOW)
    queue.cancel(ledger, "a1")

    assert _states(ledger) == ["sent", "bounced", "cancelled", "cancelled", "cancelled"]
    assert queue.pending(ledger) == []


@pytest.mark.parametrize(
    ("outcome", "state"), [(Sent(""), "sent"), (Bounced(""), "bounced"), (Deferred(""), "cancelled")]
)
def test_the_truth_beats_a_cancel_that_came_too_late(ledger: Ledger, outcome: Outcome, state: State) -> None:
    """A letter cancelled on its way may have been sent; where it was not, it stays cancelled."""
    _add(ledger, "a1", "x@x")
    queue.sending(ledger, "a1", ["x@x"], NOW)
    queue.cancel(ledger, "a1")
    queue.settle(ledger, "a1", {"x@x": outcome}, NOW)

    assert _states(ledger) == [state]


def test_hold_keeps_the_reason_until_release(ledger: Ledger) -> None:
    """A held letter is listed as held, with why."""
    _add(ledger)
    queue.hold(ledger, "a1", "wait for the photograph")
    held = queue.get(ledger, "a1")
    queue.release(ledger, "a1")
    free = queue.get(ledger, "a1")

    assert (held.held, held.why) == (True, "wait for the photograph")
    assert (free.held, free.why) == (False, "")
    assert queue.sending(ledger, "a1", ["x@far.example"], NOW) == ("x@far.example",)


@pytest.mark.parametrize("act", [queue.hold, queue.release, queue.cancel, queue.retry])
def test_acts_on_the_unknown_and_the_done_are_refused(ledger: Ledger, act: Callable[[Ledger, str], None]) -> None:
    """One sentence says why nothing can be done."""
    with pytest.raises(InputError, match="no letter a1"):
        act(ledger, "a1")
    _add(ledger, "a1", "x@x")
    queue.settle(ledger, "a1", {"x@x": Sent("")}, NOW)

    with pytest.raises(InputError, match=r"a1 is done \(sent\)"):
        act(ledger, "a1")


def test_a_unique_beginning_finds_the_letter(ledger: Ledger) -> None:
    """Letters that wait come before those that are done; a whole id is always found."""
    for ident in ("abc1", "abd2", "abd23", "x_1", "x%1"):
        _add(ledger, ident)
    queue.cancel(ledger, "abc1")

    assert queue.find(ledger, "abc") == "abc1"
    assert queue.find(ledger, "abd2") == "abd2"
    assert queue.find(ledger, "x_") == "x_1"
    queue.cancel(ledger, "abd23")
    assert queue.find(ledger, "ab") == "abd2"


@pytest.mark.parametrize(("prefix", "words"), [("", "no letter ''"), ("q", "no letter 'q'"), ("a", "2 letters")])
def test_no_or_several_letters_are_told(ledger: Ledger, prefix: str, words: str) -> None:
    """A beginning that fits none or several is refused with their number."""
    _add(ledger, "a1")
    _add(ledger, "a2")

    with pytest.raises(InputError, match=words):
        queue.find(ledger, prefix)


def test_letters_are_known_by_their_message_id(ledger: Ledger) -> None:
    """A Message-ID finds its letters, waiting or done, the oldest first; none finds none."""
    for ident, message_id in [("b", "<1@home.example>"), ("a", "<1@home.example>"), ("c", "")]:
        envelope = Envelope("paul@home.example", ("x@far.example",))
        now = NOW if ident == "b" else LATER
        queue.add(ledger, ident, "paul", envelope, size=1, subject="", now=now, message_id=message_id)
    queue.settle(ledger, "a", {"x@far.example": Sent("250 ok")}, LATER)

    assert [letter.id for letter in queue.named(ledger, "<1@home.example>")] == ["b", "a"]
    assert queue.named(ledger, "") == []
    assert queue.named(ledger, "<2@home.example>") == []


def test_a_warning_is_noted_once(ledger: Ledger) -> None:
    """The first warning of a recipient stays; the others are not warned."""
    _add(ledger)
    queue.warn(ledger, "a1", ["x@far.example"], NOW)
    queue.warn(ledger, "a1", ["x@far.example"], LATER)

    assert [recipient.warned for recipient in queue.get(ledger, "a1").recipients] == [NOW, None]


def test_a_letter_leaves_as_it_was_decided(ledger: Ledger) -> None:
    """Held, urgent and a time are kept with the letter, and may be changed until it is done."""
    at = NOW + timedelta(hours=2)
    envelope = Envelope("paul@home.example", ("x@far.example",))
    first = Departure(urgent=True, not_before=at)
    queue.add(ledger, "a1", "paul", envelope, size=1, subject="", now=NOW, departure=first)
    assert queue.get(ledger, "a1").departure == first

    queue.depart(ledger, "a1", Departure(held=True))
    assert queue.get(ledger, "a1").departure == Departure(held=True)


def test_a_letter_that_was_put_off_does_not_leave_before(ledger: Ledger) -> None:
    """Not even where a call had read the queue before; at its time it goes."""
    at = NOW + timedelta(hours=2)
    envelope = Envelope("paul@home.example", ("x@far.example",))
    queue.add(ledger, "a1", "paul", envelope, size=1, subject="", now=NOW)
    queue.depart(ledger, "a1", Departure(not_before=at))

    assert queue.sending(ledger, "a1", ["x@far.example"], NOW) == ()
    assert queue.sending(ledger, "a1", ["x@far.example"], at) == ("x@far.example",)


def test_a_letter_that_was_put_off_can_be_released(ledger: Ledger) -> None:
    """Then it leaves with the next run, and is as urgent as it was."""
    _add(ledger)
    queue.depart(ledger, "a1", Departure(urgent=True, not_before=LATER))
    queue.release(ledger, "a1")

    assert queue.get(ledger, "a1").departure == Departure(urgent=True)
