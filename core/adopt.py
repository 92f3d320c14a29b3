"""Take over another set-up: the texts of its files -> a household.toml, and what became of each line.

What no file tells stands in the household.toml as in a new one, to be filled in, and is told.

Never: I/O; a password in what is told; a household.toml that ``core.config`` would refuse.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core import config, toml
from core.errors import ConfigError, InputError
from core.legacy import etcaliases, fetchmailrc, generics, kppp, sendmailmc, tables, wvdial
from core.legacy.fetchmailrc import Fetchmail
from core.legacy.kind import kind
from core.legacy.remark import Remark, Verdict
from core.legacy.residents import Papers, Residents, gather
from core.legacy.verdict import dials
from core.mail.aliases import expand
from core.mail.clean import safe
from core.template import SOME_BOX, SOME_DOMAIN, outline

_READERS: dict[str, Callable[[str], "_Read"]] = {
    "fetchmailrc": fetchmailrc.read,
    "aliases": etcaliases.read,
    "genericstable": generics.read,
    "sendmail.mc": sendmailmc.read,
    "wvdial.conf": wvdial.read,
    "kppp rules": kppp.read,
}
_Read = Fetchmail | etcaliases.Aliases | generics.Generics | sendmailmc.Sendmail | wvdial.Dialer | kppp.Tariff


@dataclass(frozen=True, slots=True)
class Note:
    """What became of a line of a file; of one in household.toml: what has to be filled in there."""

    file: str
    line: int
    text: str
    verdict: Verdict
    meaning: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """The text of the household.toml, and what became of each line."""

    text: str = field(repr=False)  # with the passwords
    notes: tuple[Note, ...]


def adopt(files: Mapping[str, str], login: str) -> Adopted:
    """A household.toml made of the files of another set-up.

    Args:
        files: The text of each file, by its name.
        login: Who asks; takes the place of a member where no file names one.

    Raises:
        InputError: a file is of none of the kinds that are known.
    """
    texts = {name: text.replace("\r\n", "\n") for name, text in files.items()}
    read = {name: _reader(name, text)(text) for name, text in texts.items()}
    papers = _papers(tuple(read.values()))
    house = gather(papers, login, SOME_DOMAIN)
    text, dropped = _sound(papers, house, login)
    notes = [note for name, value in read.items() for note in _notes(name, value, house, dropped)]
    return Adopted(text, (*notes, *_missing(text, papers, house)))


def _reader(name: str, text: str) -> Callable[[str], _Read]:
    found = kind(name, text)
    if not found:
        raise InputError(
            f"{name} is neither a .fetchmailrc nor aliases, a genericstable, a sendmail.mc, a wvdial.conf "
            "or rules of kppp; leave it out, or give it one of these names"
        )
    return _READERS[found]


def _papers(read: Sequence[_Read]) -> Papers:
    return Papers(
        tuple(value for value in read if isinstance(value, Fetchmail)),
        tuple(entry for value in read if isinstance(value, etcaliases.Aliases) for entry in value.entries),
        tuple(entry for value in read if isinstance(value, generics.Generics) for entry in value.entries),
        tuple(value for value in read if isinstance(value, sendmailmc.Sendmail)),
        tuple(value for value in read if isinstance(value, wvdial.Dialer)),
        tuple(value for value in read if isinstance(value, kppp.Tariff)),
    )


def _sound(papers: Papers, house: Residents, login: str) -> tuple[str, dict[str, str]]:
    """A household.toml without the aliases that lead nowhere; and these, with the reason."""
    dropped: dict[str, str] = {}
    while True:
        kept = {name: targets for name, targets in house.aliases.items() if name not in dropped}
        text = _text(papers, replace(house, aliases=kept), login)
        faults = _faults(config.parse(text), kept)
        if not faults:
            return text, dropped
        dropped |= faults


def _faults(settings: config.Config, aliases: Mapping[str, object]) -> dict[str, str]:
    """Aliases that lead nowhere, with the reason."""
    found = {}
    for name in aliases:
        try:
            expand((toml.text(name),), settings, lambda _path: settings.household.postmaster)
        except (ConfigError, InputError) as error:
            found[name] = str(error)
    return found


def _text(papers: Papers, house: Residents, login: str) -> str:
    members = {
        person.login: {"address": person.address} | ({"also": person.also} if person.also else {})
        for person in house.people
    }
    tariff = papers.tariffs[0] if papers.tariffs else kppp.Tariff()
    prefix = next((server.qvirtual for server, _ in papers.accounts() if server.qvirtual), "")
    return outline(
        tables.house(papers, house),
        members,
        house.aliases,
        tables.boxes(papers, house, login) or [SOME_BOX],
        tables.smarthost(papers),
        tables.line(papers),
        {"prefix": prefix} if prefix else {},
        tariff.keys,
        tariff.rules,
    )


def _notes(name: str, value: _Read, house: Residents, dropped: Mapping[str, str]) -> Iterator[Note]:
    """What became of each line of a file, with what the other files make of it."""
    entries = value.entries if isinstance(value, etcaliases.Aliases | generics.Generics) else ()
    changed: dict[int, tuple[Verdict, str]] = {}
    for entry in entries:
        if entry in house.corrections:
            changed[entry.line] = house.corrections[entry]
        elif isinstance(entry, etcaliases.Entry) and entry.name.lower() in dropped:
            changed[entry.line] = "unknown", f"left out: {dropped[entry.name.lower()]}"
    for remark in value.remarks:
        verdict, meaning = _settled(remark, changed)
        yield Note(name, remark.line, safe(remark.text), verdict, safe(meaning))


def _settled(remark: Remark, changed: Mapping[int, tuple[Verdict, str]]) -> tuple[Verdict, str]:
    """A verdict; one that something is not known stands."""
    if remark.verdict == "understood" and remark.line in changed:
        return changed[remark.line]
    return remark.verdict, remark.meaning


def _missing(text: str, papers: Papers, house: Residents) -> Iterator[Note]:
    """What no file told, where it stands in household.toml."""
    lines = text.splitlines()
    for path, meaning in _gaps(papers, house):
        at = toml.line(text, path)
        yield Note(config.FILE, at, safe(lines[at - 1].partition("  #")[0]), "unknown", meaning)


def _gaps(papers: Papers, house: Residents) -> Iterator[tuple[toml.KeyPath, str]]:
    boxes = [account for _, account in papers.accounts()]
    if not house.domain:
        yield ("household", "domain"), "no file tells the domain that the world writes to; fill it in"
    if not boxes:
        yield ("maildrop", 0, "host"), "no file tells of a POP3 box; fill it in"
    for n, account in enumerate(boxes):
        if not account.password and not account.password_command:
            yield ("maildrop", n, "user"), "no file has the password; add password or password_command"
    for n, (server, account) in enumerate(papers.accounts()):
        if tables.security(server, account) == "none":
            yield (
                ("maildrop", n, "security"),
                "in the clear, as before; if the provider has TLS, take that and its port",
            )
    if not any(mc.smarthost for mc in papers.sendmail):
        yield ("smarthost", "host"), "no file tells the smart host; fill it in"
    if papers.dialers and not papers.dialers[0].numbers:
        yield ("line",), 'no file has a number to dial; add numbers, and kind = "modem"'
    elif not papers.dialers and not any(dials(account.preconnect) for account in boxes):
        yield ("line",), "no file tells how the line comes up; as it stands, it is always there"
