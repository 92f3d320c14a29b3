"""Big letters whose rest waits at the provider: what that would cost, and what is to become of each.

Never: of other members' letters more than the size, but for the postmaster.
"""

from textual.message import Message

from core import forecast, stub
from core.errors import InputError
from core.forecast import Forecast
from core.stub import Stub
from tui import messages
from tui.values import Answer, Big
from tui.verbs.desk import Desk
from tui.widgets.words import money

DONE: dict[Answer, str] = {
    "take": "The rest comes as soon as a line is up.",
    "next": "The rest comes with the next run.",
    "leave": "The rest stays at the provider.",
    "delete": "With the next run the provider deletes it; what is here stays.",
}


def waiting(desk: Desk) -> Message:
    """What waits, the member's own first."""
    return messages.Stubs(_waiting(desk))


def about(desk: Desk, raw: bytes) -> Big | None:
    """What waits of a letter of which only a beginning is here; None: nothing, or it is somebody else's."""
    found = stub.meant(desk.house, raw)
    return _big(desk, forecast.forecast(desk.house, desk.now), found) if found and _own(desk, found) else None


def answer(desk: Desk, maildrop: str, uid: str, said: Answer) -> Message:
    """Say what is to become of one; a run that is on does it at once.

    Raises:
        InputError: it is another member's, or no longer there.
    """
    found = next((one for one in stub.waiting(desk.house) if (one.maildrop, one.uid) == (maildrop, uid)), None)
    if found is not None and not _own(desk, found):
        raise InputError("only those to whom it is and the postmaster can say what is to become of this letter")
    stub.answer(desk.house, maildrop, uid, said)
    done = "The rest comes now." if said == "take" and desk.line == "up" else DONE[said]
    return messages.Stubs(_waiting(desk), done)


def _waiting(desk: Desk) -> list[Big]:
    found = stub.waiting(desk.house)
    ahead = forecast.forecast(desk.house, desk.now) if found else None
    bigs = [_big(desk, ahead, one) for one in found if ahead]
    return sorted(bigs, key=lambda one: (not one.mine, not one.own))


def _own(desk: Desk, one: Stub) -> bool:
    return desk.member in (*one.members, desk.house.config.household.postmaster)


def _big(desk: Desk, ahead: Forecast, one: Stub) -> Big:
    tariff, members = desk.house.config.line.tariff, desk.house.config.members
    seconds, cost = forecast.carriage(ahead, tariff, one.size, down=True)  # it comes from its head on
    own = _own(desk, one)
    names = [members[name].name.split(" ")[0] or name if name in members else name for name in one.members]
    return Big(
        maildrop=one.maildrop,
        uid=one.uid,
        sender=(one.sender or "(nobody knows yet)") if own else "",
        subject=(one.subject or "(no subject)") if own else "(a letter of another member)",
        to=", ".join(names) or "nobody yet",
        left=one.left,
        seconds=seconds,
        cost=money(cost, tariff.currency) if cost else "",
        answer=one.answer,
        own=own,
        mine=desk.member in one.members,
    )
