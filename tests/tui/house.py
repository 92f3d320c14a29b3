"""A small house on disk, made with the real stores: for the tests of the screens, and for their pictures."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path

from core import flush, rehearsal
from core.config import FILE
from core.deliver import Delivery, deliver
from core.events import Finished
from core.household import Household
from core.mail.envelope import Bounced, Deferred, Envelope, Uncertain
from core.mail.split import Routed
from core.open import open_household
from core.store import mbox, queue, runs
from core.store import stubs as at_provider
from core.store.runs import Share
from core.store.stubs import Stub
from core.submit import submit

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=timezone(timedelta(hours=1)))
SETTINGS = """\
# The house of these tests.
[household]
name = "The Dupont house"
domain = "home.example"
postmaster = "paul"

[members.paul]
name = "Paul Dupont"
address = "Paul.Dupont@home.example"

[members.luc]
name = "Luc Jackson"
address = "Luc.Jackson@home.example"
also = ["luc.j@old.example"]

[members.ann]
name = "Ann Dupont"
address = "Ann.Dupont@home.example"
passphrase = "scrypt$16384$8$1$ciTmV/iD3wZ/b24rcEcC7A==$dZzWsTLU7VZvo16wczyMqoA2YfSxjFTa0qaNScjbFYk="  # winter

[aliases]
family = ["paul", "luc", "ann"]   # everybody
granny = ["grandma@far.example"]

[[maildrop]]
name = "isp"
host = "pop.isp.example"
user = "dfzt12"
password = "not for the screen"

[smarthost]
host = "smtp.isp.example"
user = "dfzt12"
password = "not for the screen"

[line]
kind = "modem"
device = "/dev/nowhere"
numbers = ["0860123456", "0860654321"]

[line.tariff]
per_call = "0.05"
per_minute = "0.02"
"""


@dataclass(frozen=True, slots=True)
class Note:
    """One letter to put into a mbox."""

    sender: str
    to: str
    subject: str
    hours: float  # before NOW
    text: str
    status: str = ""
    more: str = ""


GARDEN = """\
My dears,

the plum tree is down, but the bench you made stands where it stood.
The hens are all right; they slept in the kitchen, and one of them
thinks that she lives there now.

On Monday Paul wrote:
> Is the roof still on? We heard the wind on the radio, and then
> we heard it here.
>> The barometer was at 968.

It is. Come when the ferry goes again. I have written to https://ferry.example/times,
and they say Thursday, which with them means Friday.

I kiss you all
Grandma

-- \n\
Rose Dupont, The Mill, Far Island
"""

PAUL = "Paul.Dupont@home.example"
BOTH = f"{PAUL}, luc@home.example"
ROUTED = f"X-Mailrun-Routed: how=envelope; header=X-Original-To; address={PAUL}\n"
ISLAND = "Marta Weber <marta@island.example>"
SUBJECT = "=?utf-8?b?zpjOrM67zrHPg8+DzrE=?= =?utf-8?q?_from_the_pass?="
INBOX = (
    Note(ISLAND, PAUL, "The key is under the blue pot", 9500, "As ever.", "RO"),
    Note("nelug-announce <news@nelug.example>", "news@nelug.example", "Meeting on the 7th", 410, "At eight.", "RO"),
    Note("Harbour office <o@harbour.example>", PAUL, "Your berth", 260, "Berth 14.", "RO", "X-Status: F\n"),
    Note("School <office@school.example>", PAUL, "Timetable for the term", 75, "Dear all,\n", "RO", "X-Status: A\n"),
    Note("Ann Dupont <ann@home.example>", PAUL, "Bread, batteries, the small screws", 30, "And long ones.", "RO"),
    Note("Grandma <grandma@far.example>", BOTH, "The garden after the storm", 9.3, GARDEN, "O", ROUTED),
    Note("Luc Jackson <luc@home.example>", PAUL, "Re: The garden after the storm", 8.8, "I can bring the saw.\n", "O"),
    Note("=?utf-8?q?Zo=C3=AB_Lef=C3=A8vre?= <zoe@far.example>", PAUL, SUBJECT, 2.1, "They are small ones.\n", "O"),
    Note(
        ISLAND,
        PAUL,
        "Photographs from the island",
        1.5,
        "The rest is not here.\n",
        "O",
        "X-Mailrun-Stub: 2400000; left=2380000; maildrop=isp; uid=u7\n",
    ),
)


def build(folder: Path) -> Household:
    """The house, with letters in Paul's inbox, three waiting, and four runs behind it."""
    (folder / FILE).write_text(SETTINGS, encoding="utf-8")
    (folder / FILE).chmod(0o600)
    house = open_household(folder)
    for note in INBOX:
        put(house, "paul", "inbox", note)
    put(
        house,
        "paul",
        "sent",
        Note(
            "paul@home.example",
            "Grandma <grandma@far.example>",
            "Is the roof still on?",
            90,
            "We heard the wind.\n",
            "RO",
        ),
    )
    put(house, "luc", "inbox", INBOX[5])
    _spool(house)
    _runs(house)
    return house


def put(house: Household, member: str, folder: str, note: Note) -> None:
    """One letter into a mbox, as another mail program would leave it."""
    when = NOW - timedelta(hours=note.hours)
    head = f"From: {note.sender}\nTo: {note.to}\nSubject: {note.subject}\nDate: {when:%a, %d %b %Y %H:%M:%S %z}\n"
    flags = f"Status: {note.status}\n" if note.status else ""
    message = f"{head}{flags}{note.more}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{note.text}"
    path = house.box(member, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    with mbox.locked(path) as box:
        box.append([message.encode()], "someone@far.example", when)
        box.sync()


def waiting(house: Household, ident: str, member: str, to: str, subject: str, hours: float) -> None:
    """One letter in the queue."""
    message = f"From: {member}@home.example\nTo: {to}\nSubject: {subject}\n\nDear all,\n\nhere it is.\n".encode()
    house.spool.add(ident, message)
    envelope = Envelope(f"{member}@home.example", (to,))
    queue.add(
        house.ledger, ident, member, envelope, size=len(message), subject=subject, now=NOW - timedelta(hours=hours)
    )


def _spool(house: Household) -> None:
    waiting(house, "a1", "paul", "grandma@far.example", "Friday, then", 0.4)
    waiting(house, "a2", "paul", "office@harbour.example", "Berth 14", 30)
    waiting(house, "a3", "luc", "friends@music.example", "The song", 3)
    waiting(house, "a4", "paul", "office@school.example", "Re: Timetable for the winter term", 52)
    queue.sending(house.ledger, "a2", ["office@harbour.example"], NOW)
    later = Deferred("451 4.7.1 Greylisted, come back later")
    queue.settle(house.ledger, "a2", {"office@harbour.example": later}, NOW - timedelta(hours=25))
    queue.sending(house.ledger, "a4", ["office@school.example"], NOW)
    doubt = Uncertain("the line went before the server answered")
    queue.settle(house.ledger, "a4", {"office@school.example": doubt}, NOW - timedelta(hours=25))


def _runs(house: Household) -> None:
    accounts = (
        (
            310,
            Finished(
                "complete",
                sent=4,
                fetched=11,
                seconds_online=96,
                bytes_up=41_000,
                bytes_down=96_000,
                cost="0.09",
                currency="EUR",
                forecast_seconds=91,
                forecast_cost="0.09",
            ),
            (("paul", "up", 30_000, "0.02"), ("paul", "down", 50_000, "0.04"), ("luc", "down", 46_000, "0.03")),
        ),
        (
            121,
            Finished(
                "complete",
                fetched=3,
                seconds_online=41,
                bytes_down=22_000,
                cost="0.07",
                currency="EUR",
                forecast_seconds=46,
                forecast_cost="0.07",
            ),
            (("ann", "down", 21_000, "0.06"), ("", "down", 1000, "0.01")),
        ),
        (71, Finished("failed", cost="0.00", currency="EUR", why="0860123456: busy"), ()),
        (
            25,
            Finished(
                "partial",
                sent=1,
                deferred=1,
                uncertain=1,
                fetched=6,
                seconds_online=75,
                bytes_up=8000,
                bytes_down=40_000,
                cost="0.09",
                currency="EUR",
                why="the line came down: NO CARRIER",
                forecast_seconds=130,
                forecast_cost="0.11",
            ),
            (("paul", "up", 8000, "0.01"), ("luc", "down", 30_000, "0.06"), ("", "down", 10_000, "0.02")),
        ),
    )
    for hours, account, parts in accounts:
        when = NOW - timedelta(hours=hours)
        run = runs.start(house.ledger, when)
        finish = partial(runs.finish, house.ledger, run, account, now=when, number="0860123456", rate=33600)
        shares = [Share(member, way, size, Decimal(cost)) for member, way, size, cost in parts]
        finish(connecting=25.0, measured=runs.Measured(setup=8.0, up=7854, down=7854), shares=shares)


def strays(house: Household) -> None:
    """Three letters that nobody claimed: two to one address that is nobody's, one from a school."""
    letters = (
        ("luke@home.example", "Music <office@music.example>", "Rehearsal moved to Thursday"),
        ("luke@home.example", "Rosa <rosa@far.example>", "Your violin"),
        ("", "School <office@school.example>", "Parents' evening"),
    )
    for number, (to, sender, subject) in enumerate(letters):
        when = f"{NOW - timedelta(hours=5 - number):%a, %d %b %Y %H:%M:%S %z}"
        front = f"X-Original-To: {to}\n" if to else ""
        message = f"{front}From: {sender}\nSubject: {subject}\nDate: {when}\n\nAs agreed.\n".encode()
        routed = Routed(("paul",), "postmaster", "X-Original-To" if to else "", to)
        deliver(house, [Delivery(f"isp/stray{number}", message, routed, "a@far.example")], NOW)


def returned(house: Household) -> None:
    """A letter of Paul's in Sent that the world has given back."""
    sent = submit(house, b"To: grandmma@far.example\nSubject: Come on Friday\n\nThe ferry goes.\n", "paul", None, NOW)
    queue.sending(house.ledger, sent.id, ["grandmma@far.example"], NOW)
    queue.settle(house.ledger, sent.id, {"grandmma@far.example": Bounced("550 5.1.1 no such user")}, NOW)
    flush.finish(house, sent.id, NOW)


LETTERS = Path(rehearsal.__file__).with_name("letters") / "waiting"
KINDS = (  # of the rehearsal's letters, with hours before NOW
    ("01-plum-tree", 7.0),
    ("02-re-garden", 6.0),
    ("03-re-re-garden", 5.5),
    ("28-newsletter", 1.4),
    ("63-gazette", 1.3),
    ("45-appointment", 1.2),
    ("67-the-prism", 1.1),
)


def kinds(house: Household) -> None:
    """Letters of several kinds: a thread, a newsletter that is a page, an invitation, one with pictures."""
    for name, hours in KINDS:
        when = NOW - timedelta(hours=hours)
        dated = f"\nDate: {when:%a, %d %b %Y %H:%M:%S %z}\n".encode()
        message = re.sub(rb"\nDate:[^\n]*\n", dated, (LETTERS / f"{name}.eml").read_bytes(), count=1)
        deliver(
            house,
            [Delivery(f"isp/{name}", message, Routed(("paul",), "envelope", "X-Original-To", PAUL), "a@far.example")],
            when,
        )


def budget(house: Household) -> None:
    """The house will pay no more than so much in a month, and has paid most of it."""
    path = house.folder / FILE
    path.write_text(f'{SETTINGS}\n[bill]\nbudget = "0.30"\n', encoding="utf-8")
    for hours, cost in ((1500, "2.35"), (760, "0.40"), (700, "1.15")):
        when = NOW - timedelta(hours=hours)
        run = runs.start(house.ledger, when)
        account = Finished("complete", sent=2, seconds_online=120, cost=cost, currency="EUR")
        runs.finish(house.ledger, run, account, now=when)


def stubs(house: Household) -> None:
    """Three big letters of which only the beginnings are here, one of them for Luc."""
    waiting = (
        ("u7", 2_400_000, 2_380_000, "marta@island.example", "Photographs from the island", ("paul",)),
        ("u8", 310_000, 300_000, "office@school.example", "Yearbook", ("luc",)),
        ("u9", 1_150_000, 1_130_000, "zoe@far.example", "The choir, all three songs", ("paul", "ann")),
    )
    for number, (uid, size, left, sender, subject, members) in enumerate(waiting):
        when = NOW - timedelta(hours=20 - number)
        at_provider.add(house.ledger, [Stub(0, "isp", uid, size, left, sender, subject, members, when)])
    at_provider.answer(house.ledger, "isp", "u9", "next")


RULES = """\
[[members.paul.rules]]
list = "nelug"
folder = "nelug"

[[members.paul.rules]]
subject = "you have won"
junk = true

"""


def ruled(house: Household) -> None:
    """Paul has rules of his own."""
    path = house.folder / FILE
    path.write_text(SETTINGS.replace("[members.luc]", f"{RULES}[members.luc]"), encoding="utf-8")
