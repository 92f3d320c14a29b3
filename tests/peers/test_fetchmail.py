"""The same box, asked by fetchmail and by us: who gets each of the real messages.

Both are told the same: whose which address is, and which domains are ours. Where fetchmail names a person, that one is
right, and we name the same. What differs stands in fetchmail.txt, with the reason.
"""

import random
import subprocess
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

import pytest

from core import config as settings
from core.mail.split import split
from tests.peers.servers import dovecot, need
from tests.peers.test_corpus import as_served, named_corpus

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]

TABLE = Path(__file__).with_name("fetchmail.txt")
NOBODY = "nobody"  # fetchmail leaves the letter at the provider, or drops it
POSTMASTER = "paul"

# Addresses that occur in the messages, among them those of lists: a house where many different letters are at home.
PEOPLE = {
    POSTMASTER: ("paul@jmason.org",),
    "justin": (
        *("zzzz@spamassassin.taint.org", "yyyy@spamassassin.taint.org"),
        *("jm@jmason.org", "jm@netnoteinc.com"),
    ),
    "felix": ("fork@spamassassin.taint.org", "exmh-users@spamassassin.taint.org", "ilug@linux.ie"),
    "hugo": ("users@httpd.apache.org", "tillw@apache.org"),
    "astrid": ("dev@asterixdb.apache.org", "mblow@apache.org", "dmitry.lychagin@couchbase.com"),
    "nora": ("notmuch@notmuchmail.org", "david@tethera.net", "cworth@cworth.org"),
    "jeremy": (
        *("jk@ozlabs.org", "stephenfinucane@hotmail.com"),
        *("netdev@vger.kernel.org", "linux-kernel@vger.kernel.org"),
    ),
    "rosa": (
        *("rpm-zzzlist@freshrpms.net", "raasdnil@gmail.com", "kijitora@example.jp"),
        *("mary@example.net", "blah@example.com", "cravindogs@cravindogs.com"),
    ),
}
# fetchmail's aka, which says both whose right-hand sides and whose Received lines are ours.
HOSTS = (
    *("spamassassin.taint.org", "jmason.org", "netnoteinc.com", "slashnull.org", "webnote.net", "apache.org"),
    *("notmuchmail.org", "ozlabs.org", "freshrpms.net", "linux.ie", "tethera.net", "example.jp", "vger.kernel.org"),
)
# How fetchmail is told of the envelope, and what says the same to us.
ENVELOPES = {
    "off": ("no envelope", "evidence = []"),
    "Delivered-To": ('envelope "Delivered-To"', 'evidence = ["Delivered-To"]'),
    "Received": ('envelope "Received"', f'evidence = ["Received-for"]\ntrusted = {list(HOSTS)}'),
}

Choice = tuple[str, str]  # who gets it by fetchmail's rules, and by ours
Differences = dict[tuple[str, str], Choice]  # by envelope and message


def names() -> Iterator[str]:
    """The map: every address, and its local part, to a person."""
    yield f'"postmaster"="{POSTMASTER}"'
    for person, addresses in PEOPLE.items():
        yield f'"{person}"'
        for address in addresses:
            yield f'"{address}"="{person}" "{address.partition("@")[0]}"="{person}"'


def by_fetchmail(folder: Path, envelope: str, messages: Mapping[str, bytes]) -> dict[str, str]:
    """Whom fetchmail hands each message to; a number below each tells its delivery which one it is."""
    (folder / "isp").mkdir()
    (folder / "mda").write_text(f'#!/bin/sh\necho "$(tail -n 1) $*" >> {folder}/given\n')
    (folder / "mda").chmod(0o755)
    with dovecot(folder / "isp") as box:
        box.put([message + b"\n\n%d\n" % number for number, message in enumerate(messages.values())])
        rules = folder / "fetchmailrc"
        rules.write_text(
            f"set no bouncemail\nset postmaster {POSTMASTER}\n"
            f"poll 127.0.0.1 service {box.port} protocol POP3 uidl no dns aka {' '.join(HOSTS)} {envelope}\n"
            f"user household there password secret to {' '.join(names())} here\n"
            f"keep fetchall sslproto '' mda \"{folder}/mda %T\"\n"
        )
        rules.chmod(0o600)
        files = ["-f", str(rules), "--pidfile", f"{folder}/pid", "-i", f"{folder}/ids"]
        ended = subprocess.run(["fetchmail", "-d0", *files], check=False, capture_output=True, timeout=120)
        assert ended.returncode == 0, ended.stderr[-1000:]
    given = [line.partition(" ") for line in (folder / "given").read_text().splitlines()]
    people = {int(number): " ".join(sorted(set(who.split()))) for number, _, who in given}
    return {name: people.get(number, NOBODY) for number, name in enumerate(messages)}


def by_us(evidence: str, messages: Mapping[str, bytes]) -> dict[str, str]:
    """Whom we hand each message to."""
    members = [f"[members.{who}]\naddress = '{first}'\nalso = {rest}" for who, (first, *rest) in PEOPLE.items()]
    house = settings.parse(
        f"[household]\ndomain = '{HOSTS[0]}'\npostmaster = '{POSTMASTER}'\n" + "\n".join(members) + "\n"
        f"[[maildrop]]\nname = 'isp'\nhost = '127.0.0.1'\nuser = 'household'\ndomains = {list(HOSTS)}\n{evidence}\n"
    )
    return {
        name: " ".join(sorted(split(text, house.maildrop[0], house, str).members)) for name, text in messages.items()
    }


def expected() -> Differences:
    """The table: after "== ENVELOPE, ENVELOPE: fetchmail's choice -> ours" the reason, then the messages, one a line.

    Of a mbox, numbers and ranges of numbers follow the file.
    """
    found: Differences = {}
    envelopes: list[str] = []
    choice = ("", "")
    for line in TABLE.read_text().splitlines():
        if line.startswith("== "):
            before, _, after = line[3:].partition(": ")
            fetchmails, _, ours = after.partition(" -> ")
            envelopes, choice = before.split(", "), (fetchmails, ours)
        elif line and not line.startswith("#"):
            found |= {(envelope, name): choice for envelope in envelopes for name in _names(line)}
    return found


def _names(line: str) -> Iterator[str]:
    path, *numbers = line.split()
    if not numbers:
        yield path
    for numbered in numbers:
        first, _, last = numbered.partition("-")
        yield from (f"{path} {number}" for number in range(int(first), int(last or first) + 1))


def written(differences: Differences) -> str:
    """Differences as they would stand in the table, without their reasons."""
    blocks = []
    kinds = sorted(differences, key=lambda key: (key[0], differences[key]))
    for (envelope, choice), group in groupby(kinds, key=lambda key: (key[0], differences[key])):
        blocks.append(f"== {envelope}: {choice[0]} -> {choice[1]}\n" + "\n".join(name for _, name in group))
    return "\n\n".join(blocks)


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_the_same_people_get_the_letters(tmp_path: Path, envelope: str) -> None:
    """We choose as fetchmail does for every message, but for those in the table, and all of these do differ."""
    need("dovecot", "fetchmail")
    messages = {name: as_served(message) for name, message in named_corpus().items()}
    rule, evidence = ENVELOPES[envelope]
    theirs, ours = by_fetchmail(tmp_path, rule, messages), by_us(evidence, messages)

    found = {(envelope, name): (theirs[name], ours[name]) for name in messages if theirs[name] != ours[name]}

    known = {key: choice for key, choice in expected().items() if key[0] == envelope}
    surprising = {key: choice for key, choice in found.items() if known.get(key) != choice}
    assert not surprising, f"give the reason in {TABLE.name}, or mend the split:\n{written(surprising)}"
    stale = {key: choice for key, choice in known.items() if key not in found}
    assert not stale, f"no longer so; take it out of {TABLE.name}:\n{written(stale)}"


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_the_order_of_the_letters_changes_nothing(envelope: str) -> None:
    """Every real message is split without an exception, and to the same people whatever came before it."""
    messages = {name: as_served(message) for name, message in named_corpus().items()}
    _, evidence = ENVELOPES[envelope]
    chosen = by_us(evidence, messages)
    names = list(messages)

    for order in (names[::-1], random.Random(1).sample(names, len(names))):
        assert by_us(evidence, {name: messages[name] for name in order}) == chosen


def test_whom_fetchmail_names_we_name() -> None:
    """Where fetchmail hands a letter to a person of the house, there is no difference: all it has are its silences."""
    assert {fetchmails for fetchmails, _ in expected().values()} == {NOBODY, POSTMASTER}
