"""The made-up house: its settings are good ones, and its letters are of all kinds and reach whom they should."""

import email
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from core import config, read, searches
from core.forecast import forecast
from core.mail import headers
from core.mail.filing import file, see
from core.mail.query import parse
from core.mail.split import Routed, split
from core.open import open_household
from core.rehearsal import house
from core.store import mbox, queue, runs

NOW = datetime(2027, 3, 2, 9, 30, tzinfo=UTC)
ENDS = house.ends(Path("/dev/null"), 2525, 1110)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The household folder, furnished once."""
    folder = tmp_path_factory.mktemp("house")
    house.furnish(folder, NOW, ENDS)
    return folder


@pytest.fixture(scope="module")
def settings(folder: Path) -> config.Config:
    """Its settings."""
    return config.load(folder / config.FILE)


@pytest.fixture(scope="module")
def letters() -> Sequence[bytes]:
    """What waits at the provider."""
    return house.waiting(NOW)


def routed(letter: bytes, settings: config.Config) -> Routed:
    """Whom a letter is for."""
    return split(letter, settings.maildrop[0], settings, lambda _: "")


def test_settings(settings: config.Config, folder: Path) -> None:
    """household.toml is one that mailrun takes, with its comments, and closed to others."""
    assert list(settings.members) == ["paul", "ann", "luc", "mia"]
    assert (settings.smarthost or settings.maildrop[0]).port == 2525
    assert settings.maildrop[0].port == 1110
    path = folder / config.FILE
    assert "# the domain that the world writes to" in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_older_letters(folder: Path) -> None:
    """Every member has read letters in the inbox, from before those that wait."""
    oldest = min(parsedate_to_datetime(value) for value in dates(house.waiting(NOW)))
    for member in ("paul", "ann", "luc", "mia"):
        path = folder / "mail" / member / "inbox"
        older = [mbox.read(path, entry) for entry in mbox.entries(path) if entry.flags == "RO"]
        assert older
        assert all(parsedate_to_datetime(value) < oldest for value in dates(older))


def test_last_year(folder: Path) -> None:
    """What a lamp needed a year ago is in the archive, and the saved search finds it everywhere."""
    home = open_household(folder)
    name, query = next(iter(searches.saved(home, "paul").items()))
    found = read.search(home, "paul", parse(query, NOW), None)
    assert name == "The lamp"
    assert {row.folder for row in found} == {"archive"}
    assert any(row.date and row.date.year == NOW.year - 1 and "spare" not in row.subject for row in found)
    assert any(b"spare part" in read.letter(home, "paul", row.folder, row.id).raw for row in found)
    home.ledger.close()


def test_a_list_has_its_folder(settings: config.Config, letters: Sequence[bytes]) -> None:
    """A rule of Paul's takes the letters of a list into the folder where its thread is already."""
    rules = settings.members["paul"].rules
    filed = [letter for letter in letters if file(rules, see(letter)).folder == "lights"]
    assert len(filed) == 2
    assert any(b"Re: Spare parts" in letter for letter in filed)


def test_letters_to_go_out(folder: Path) -> None:
    """A few letters of the week wait for the call, under public names; what stays in the house has arrived."""
    home = open_household(folder)
    waiting = queue.pending(home.ledger)
    assert {letter.member for letter in waiting} == {"paul", "ann", "luc", "mia"}
    assert all(letter.sender.endswith("@home.example") for letter in waiting)
    home.ledger.close()
    inbox = folder / "mail" / "luc" / "inbox"
    assert b"it's pancakes" in mbox.read(inbox, mbox.entries(inbox)[-1])


def test_number_and_size(letters: Sequence[bytes]) -> None:
    """Some seventy letters, of which a modem carries all but one in half a minute; that one takes longer than all."""
    sizes = sorted(map(len, letters))
    assert 65 <= len(sizes) <= 75
    assert sum(sizes[:-1]) < 100_000
    assert sizes[-1] > 300_000


def test_letters_longer_than_what_they_say(folder: Path) -> None:
    """In the box of the library, whose letters come without their ballast, that is most of what there is."""
    letters = house.library(NOW)
    assert config.load(folder / config.FILE).maildrop[1].fetch == "letters"
    texts = [letter.partition(b"text/plain")[2].partition(b"\n--")[0] for letter in letters]
    assert sum(map(len, texts)) < sum(map(len, letters)) / 20
    assert all(NOW - parsedate_to_datetime(value) < timedelta(days=9) for value in dates(letters))


def test_calls_made_before(folder: Path) -> None:
    """Months of calls have their costs and shares, most of them complete and forecast within a tenth; none since."""
    home = open_household(folder)
    past = runs.since(home.ledger, NOW - timedelta(days=365))
    parts = runs.shares(home.ledger, [one.id for one in past])
    home.ledger.close()
    whole = [one.finished for one in past if one.finished.outcome == "complete"]
    assert len(whole) > 80
    assert {one.finished.outcome for one in past} == {"complete", "partial", "failed"}
    assert all(abs(one.forecast_seconds / one.seconds_online - 1) < 0.11 for one in whole)
    for one in past:
        assert sum(part.cost for part in parts.get(one.id, [])) == Decimal(one.finished.cost)
    assert not [one for one in past if one.finished.seconds_online and NOW - one.started < timedelta(days=8)]


def test_next_call_is_known(folder: Path) -> None:
    """What the next call brings is reckoned from the calls before, within a quarter."""
    home = open_household(folder)
    ahead = forecast(home, NOW)
    home.ledger.close()
    long = 12_000
    coming = sum(min(len(letter), long) for letter in (*house.waiting(NOW), *house.library(NOW)))
    assert ahead.bytes_down == pytest.approx(coming, rel=0.25)


def test_dates(letters: Sequence[bytes]) -> None:
    """They came in the last days before now, the last of them within a day, in this order."""
    moments = [parsedate_to_datetime(value) for value in dates(letters)]
    assert moments == sorted(moments)
    assert (NOW - moments[0]).days <= 8
    assert (NOW - moments[-1]).days == 0
    assert moments[-1] <= NOW


def test_whom_they_reach(letters: Sequence[bytes], settings: config.Config) -> None:
    """Everybody gets some; each kind of evidence occurs, and two letters are nobody's."""
    found = [routed(letter, settings) for letter in letters]
    members = Counter(member for each in found for member in each.members)
    assert min(members[member] for member in settings.members) >= 10
    assert {each.how for each in found} == {"envelope", "received", "list", "guess", "postmaster"}
    assert sum(each.how == "postmaster" for each in found) == 2
    assert {"paul", "ann"} in [set(each.members) for each in found]
    assert set(settings.members) in [set(each.members) for each in found]


@pytest.mark.parametrize(
    "mark",
    [
        rb"multipart/alternative",
        rb"multipart/digest",
        rb"multipart/signed",
        rb"application/pkcs7-mime",
        rb"image/png",
        rb"text/calendar",
        rb"text/csv",
        rb"text/vcard",
        rb"image/jpeg",
        rb'<img src="https://[^"]*" width="1" height="1"',
        rb'<a href="https://pay\.lamp-and-lense\.example[^"]*">https://lampandlens\.example/',
        rb"charset=us-ascii\nContent-Transfer-Encoding: 8bit\n\n.*\n\n.*\xfc",
        rb"message/rfc822",
        rb"multipart/report; report-type=delivery-status",
        rb"format=flowed",
        rb"charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable",
        rb"ISO-2022-JP",
        rb"Content-Transfer-Encoding: base64",
        rb"Subject: =\?utf-8\?",
        rb"Subject: \[PATCH",
        rb"Subject: \[red\]x\[/nope\]",
        rb"Subject: \x1b\[2J",
        rb"List-Id: ",
        rb"X-Spam-Flag: YES",
        rb"Mia\.Dupont\+library@",
        rb"undisclosed-recipients",
        rb"References: .*\n +.*\n +",
        rb"\n> > > > |\n>>> ",
        rb"\n> > > [^>]",
        rb"\n\n\Z",
        rb"and here the paper jammed",
    ],
)
def test_kinds(mark: bytes, letters: Sequence[bytes]) -> None:
    """Each kind of letter that a house gets is among them."""
    assert any(re.search(mark, letter) for letter in letters)


def test_only_made_up_names(letters: Sequence[bytes]) -> None:
    """No address or host exists: all names end in .example, and all numbers are for documentation."""
    ours = [*letters, *house.library(NOW), *(path.read_bytes() for path in house.LETTERS.rglob("*.eml"))]
    for letter in ours:
        assert all(domain.endswith(b".example") for domain in re.findall(rb"<[^<>@\s]+@([^<>\s]+)>", letter))
        assert all(number.startswith(b"192.0.2.") for number in re.findall(rb"\[(\d+\.\d+\.\d+\.\d+)\]", letter))


def test_pictures_are_pictures(letters: Sequence[bytes]) -> None:
    """Small ones, and photographs that are large: whole PNG files."""
    pictures = [
        part.get_payload(decode=True)
        for letter in letters
        for part in email.message_from_bytes(letter).walk()
        if part.get_content_type() == "image/png"
    ]
    assert [isinstance(data, bytes) and len(data) > 70_000 for data in pictures].count(True) == 3
    assert len(pictures) == 8
    assert all(isinstance(data, bytes) and data.startswith(b"\x89PNG") and b"IEND" in data for data in pictures)


def dates(letters: Sequence[bytes]) -> list[str]:
    """When each letter came, or was written."""
    found = []
    for letter in letters:
        fields = headers.fields(headers.split(letter)[0])
        field = headers.first(fields, "received") or headers.first(fields, "date")
        assert field
        found.append(headers.decode(field.value).rpartition(";")[2].strip())
    return found
