"""Recipients who did not get what was sent."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import StoreError
from core.mail.envelope import Bounced, Envelope, Sent
from core.store import failures, queue
from core.store.failures import Failure
from core.store.ledger import Ledger

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
ONE = Failure("x@far.example", "There is no such mailbox.", "550 5.1.1 unknown", NOW)
TWO = Failure("y@far.example", "The mailbox is full.", "552 full", NOW)


def _sent(ledger: Ledger, ident: str, member: str, message_id: str) -> None:
    envelope = Envelope("paul@home.example", ("y@far.example", "x@far.example"))
    queue.add(ledger, ident, member, envelope, size=1, subject="", now=NOW, message_id=message_id)
    queue.settle(ledger, ident, dict.fromkeys(envelope.recipients, Sent("250 ok")), NOW)


def test_failures_are_kept_in_the_order_of_the_recipients(ledger: Ledger) -> None:
    """What was noted is there again; another letter has none."""
    _sent(ledger, "a", "paul", "<1@home.example>")
    failures.note(ledger, "a", [ONE, TWO])

    assert failures.known(ledger, "a") == (TWO, ONE)
    assert failures.known(ledger, "b") == ()


def test_the_first_failure_counts(ledger: Ledger) -> None:
    """A second report about the same recipient changes nothing."""
    _sent(ledger, "a", "paul", "<1@home.example>")
    failures.note(ledger, "a", [ONE])
    failures.note(ledger, "a", [Failure(ONE.address, "Something else.", "", NOW + timedelta(days=1))])

    assert failures.known(ledger, "a") == (ONE,)


def test_a_failure_needs_a_recipient(ledger: Ledger) -> None:
    """Nobody fails who was not sent the letter; nothing is kept then."""
    _sent(ledger, "a", "paul", "<1@home.example>")
    with pytest.raises(StoreError):
        failures.note(ledger, "a", [ONE, Failure("z@far.example", "", "", NOW)])

    assert failures.known(ledger, "a") == ()


def test_letters_that_failed_are_named_by_member(ledger: Ledger) -> None:
    """Reported and refused letters are named for who sent them; what went well, or has no Message-ID, is not."""
    for ident, member, message_id in [
        ("a", "paul", "<1@home.example>"),
        ("b", "paul", "<2@home.example>"),
        ("c", "paul", "<3@home.example>"),
        ("d", "luc", "<4@home.example>"),
        ("e", "paul", ""),
    ]:
        _sent(ledger, ident, member, message_id)
    queue.settle(ledger, "b", {"x@far.example": Bounced("550 no")}, NOW)
    for ident in "ade":
        failures.note(ledger, ident, [ONE])

    assert failures.named(ledger, "paul") == {"<1@home.example>", "<2@home.example>"}
    assert failures.named(ledger, "luc") == {"<4@home.example>"}
