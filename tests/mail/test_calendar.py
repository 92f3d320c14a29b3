from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail import calendar, vcard
from core.mail.blocks import Text
from core.mail.clean import BAD

ZONE = """\
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def here(moment: datetime) -> datetime:
    """The clocks of a house that is three hours ahead of UTC."""
    return moment.astimezone(timezone(timedelta(hours=3)))


def file(*lines: str, method: str = "REQUEST", zone: str = "") -> str:
    """A calendar file with one event."""
    inside = "\n".join(lines)
    return f"BEGIN:VCALENDAR\nMETHOD:{method}\n{zone}BEGIN:VEVENT\n{inside}\nEND:VEVENT\nEND:VCALENDAR\n"


def facts(*lines: str, method: str = "REQUEST", zone: str = "") -> dict[str, str]:
    """The named lines of its card."""
    return dict(calendar.cards(file(*lines, method=method, zone=zone), here)[0].facts)


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (("DTSTART:20261127T180000Z", "DTEND:20261127T203000Z"), "Fri 27 Nov 2026, 21:00 to 23:30"),
        (("DTSTART:20261127T180000Z", "DURATION:PT1H30M"), "Fri 27 Nov 2026, 21:00 to 22:30"),
        (("DTSTART:20261127T200000Z", "DTEND:20261127T230000Z"), "Fri 27 Nov 2026, 23:00 to Sat 28 Nov 2026, 02:00"),
        (("DTSTART:20261127T180000Z",), "Fri 27 Nov 2026, 21:00"),
        (("DTSTART;VALUE=DATE:20261127", "DTEND;VALUE=DATE:20261128"), "Fri 27 Nov 2026"),
        (("DTSTART;VALUE=DATE:20261127", "DTEND;VALUE=DATE:20261130"), "Fri 27 Nov 2026 to Sun 29 Nov 2026"),
        (("DTSTART:20261127T180000", "DTEND:20261127T190000"), "Fri 27 Nov 2026, 18:00 to 19:00"),
        (("DTSTART;TZID=Europe/Paris:20261127T180000",), "Fri 27 Nov 2026, 18:00 (Europe/Paris)"),
        (("DTSTART:20261127T180000Z", "DTEND:20261120T180000Z"), "Fri 27 Nov 2026, 21:00"),
        (("DUE:20261127T180000Z",), "until Fri 27 Nov 2026, 21:00"),
        (("DTSTART:20269999T180000Z",), None),
        (("DTSTART:soon",), None),
        ((), None),
    ],
)
def test_when_it_is(lines: tuple[str, ...], when: str | None) -> None:
    """A moment is told by the clocks of the house, or by the place's own where it is not known when that is."""
    assert facts(*lines).get("When") == when


@pytest.mark.parametrize(
    ("start", "when"),
    [
        ("20260714T120000", "Tue 14 Jul 2026, 13:00"),
        ("20261127T120000", "Fri 27 Nov 2026, 14:00"),
        ("20260329T015959", "Sun 29 Mar 2026, 03:59"),
        ("20260329T030000", "Sun 29 Mar 2026, 04:00"),
        ("20260101T000000", "Thu 1 Jan 2026, 02:00"),
    ],
)
def test_a_zone_is_read_as_the_file_describes_it(start: str, when: str) -> None:
    """Summer time begins and ends by the rules in the file, whatever the zone is called."""
    assert facts(f"DTSTART;TZID=W. Europe Standard Time:{start}", zone=ZONE)["When"] == when


@pytest.mark.parametrize(
    ("rule", "again"),
    [
        ("FREQ=WEEKLY", "every week"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=10", "every 2 weeks on Mon, Thu, 10 times"),
        ("FREQ=YEARLY;UNTIL=20300102T000000Z", "every year, until Wed 2 Jan 2030"),
        ("FREQ=NEVER", None),
    ],
)
def test_how_often_it_comes_again(rule: str, again: str | None) -> None:
    """A rule is told in words."""
    assert facts(f"RRULE:{rule}").get("Again") == again


@pytest.mark.parametrize(
    ("method", "lines", "title"),
    [
        ("REQUEST", ("SUMMARY:Dinner",), "Invitation: Dinner"),
        ("CANCEL", ("SUMMARY:Dinner",), "Called off: Dinner"),
        ("REQUEST", ("SUMMARY:Dinner", "STATUS:CANCELLED"), "Called off: Dinner"),
        ("REPLY", ("SUMMARY:Dinner",), "Answer to an invitation: Dinner"),
        ("X-ODD", ("SUMMARY:Dinner",), "Appointment: Dinner"),
        ("REQUEST", (), "Invitation: (nothing said)"),
        ("REQUEST", ("SUMMARY:Din", " ner on the", "  pier"), "Invitation: Dinner on the pier"),
        ("REQUEST", ("SUMMARY:a\\, b\\; c\\nd",), "Invitation: a, b; c d"),
        ("REQUEST", ("SUMMARY:\x1b]2;x\x07\u202e",), "Invitation: �]2;x��"),
    ],
)
def test_what_it_is(method: str, lines: tuple[str, ...], title: str) -> None:
    """The method says what is wanted; folded lines are whole, escaped signs are meant, controls are shown."""
    assert calendar.cards(file(*lines, method=method), here)[0].title == title


def test_who_and_where() -> None:
    """People are told by their names, and whether they come."""
    found = facts(
        "LOCATION:The harbour",
        'ORGANIZER;CN="Weber, Marta":MAILTO:marta@island.example',
        "ATTENDEE;CN=Paul;PARTSTAT=ACCEPTED:mailto:paul@home.example",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:luc@home.example",
    )

    assert found == {
        "Where": "The harbour",
        "From": "Weber, Marta <marta@island.example>",
        "For": "Paul (comes), luc@home.example",
    }


def test_an_answer_says_who_comes() -> None:
    """That is all that an answer is for."""
    found = facts("ATTENDEE;CN=Luc;PARTSTAT=DECLINED:mailto:luc@home.example", method="REPLY")

    assert found == {"Answer": "Luc <luc@home.example> does not come"}


def test_what_it_says_keeps_its_lines() -> None:
    """The description is text."""
    card = calendar.cards(file("DESCRIPTION:One\\nTwo\\, and three"), here)[0]

    assert card.inside == (Text(("One", "Two, and three")),)


def test_a_visiting_card() -> None:
    """Name, house and how to reach them; pictures and keys are left out."""
    more = "item1.EMAIL;TYPE=home:rose@far.example\nTEL:tel:+33-1\nADR:;;Mill;;;;FR\nPHOTO:x"

    (card,) = vcard.cards(f"BEGIN:VCARD\nFN:Rose Dupont\n{more}\n")
    assert card.title == "Visiting card: Rose Dupont"
    assert card.facts == (("Mail", "rose@far.example"), ("Telephone", "+33-1"), ("Address", "Mill, FR"))
    assert vcard.cards("BEGIN:VCARD\nN:Dupont;Rose;;;\nEND:VCARD")[0].title == "Visiting card: Rose Dupont"


LINES = st.sampled_from(
    [
        *(
            "BEGIN:VEVENT",
            "END:VEVENT",
            "BEGIN:VCALENDAR",
            "BEGIN:VTIMEZONE",
            "TZID:x",
            "BEGIN:STANDARD",
            "BEGIN:VCARD",
        ),
        *("DTSTART;TZID=x:00010101T000000", "DTSTART:99991231T235959Z", "DTEND:99991231T235960Z", "DURATION:P9999W"),
        *("TZOFFSETTO:+9999", "TZOFFSETTO:-2359", "RRULE:FREQ=YEARLY;BYDAY=-5SU;BYMONTH=12", "ATTENDEE;CN=\x1b:x"),
        *(
            "RRULE:FREQ=WEEKLY;UNTIL=99999999",
            "N:;",
            "FN:\x00",
            " folded",
            "SUMMARY:\u202e",
            "DTSTART:20260101T000000Z",
        ),
    ]
)


@given(st.lists(LINES | st.text(max_size=20), max_size=30).map("\n".join))
def test_any_file_can_be_read(text: str) -> None:
    """Whatever stands there, no exception and nothing that a terminal would obey comes out."""
    for card in (*calendar.cards(text, here), *vcard.cards(text)):
        assert not BAD.search("".join([card.title, card.short, *(name + value for name, value in card.facts)]))
