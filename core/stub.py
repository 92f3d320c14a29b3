"""Stubs -> answers: what waits at the provider because it is big, and what people want done with it.

A stub that is answered is carried out by ``fetch``: by the run that is on, or else by the next one.

Never: the line; the stub's bytes (``mail.stub``).
"""

from collections.abc import Sequence
from typing import get_args

from core import read
from core.errors import InputError
from core.household import Household
from core.mail import headers, stub
from core.mail.clean import safe
from core.store import stubs
from core.store.stubs import Answer, Stub

__all__ = ["ANSWERS", "Answer", "Stub", "answer", "gone", "meant", "numbered", "of", "partial", "waiting"]

ANSWERS: tuple[Answer, ...] = get_args(Answer)


def waiting(house: Household) -> Sequence[Stub]:
    """All that is in a maildrop of the house, in the order of its coming; what was answered too."""
    boxes = {box.name for box in house.config.maildrop}
    return [one for one in stubs.waiting(house.ledger) if one.maildrop in boxes]


def answer(house: Household, maildrop: str, uid: str, said: Answer) -> None:
    """Say what is to become of a stub, for all who have it; the last answer counts.

    Raises:
        InputError: it is at the provider no more, or has come whole meanwhile.
        BusyError, StoreError: the ledger cannot be written.
    """
    if not stubs.answer(house.ledger, maildrop, uid, said):
        raise InputError("this letter is no longer a stub: it has come, or is gone from the provider")


def numbered(house: Household, number: str) -> Stub:
    """The stub of this number.

    Raises:
        InputError: there is none.
    """
    found = [one for one in waiting(house) if str(one.number) == number]
    if not found:
        raise InputError(f"there is no stub {safe(number)}; `mailrun stubs` shows what waits at the provider")
    return found[0]


def of(house: Household, member: str, folder: str, letter_id: str) -> Stub | None:
    """The stub that a letter of a member's stands for; None: it is none, or what is missing cannot be had any more."""
    return meant(house, read.letter(house, member, folder, letter_id).raw)


def meant(house: Household, raw: bytes) -> Stub | None:
    """The same, of a letter's bytes."""
    found = stub.mark(headers.split(raw)[0])
    return stubs.known(house.ledger, found.maildrop).get(found.uid) if found else None


def partial(raw: bytes) -> bool:
    """Whether only the beginning of a letter is here."""
    return stub.mark(headers.split(raw)[0]) is not None


def gone(house: Household, raw: bytes) -> bool:
    """Whether a letter is a stub whose rest cannot be had any more."""
    return partial(raw) and meant(house, raw) is None
