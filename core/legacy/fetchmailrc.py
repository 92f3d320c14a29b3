"""A .fetchmailrc (fetchmail(1)): which boxes there are, and which names in them are whose.

Never: the words (``legacy.clauses``), who lives in the house.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from core.legacy.clauses import Clause, Name, clauses
from core.legacy.remark import NONE, Remark
from core.legacy.verdict import BOXES, GLOBAL, HEADS, remarks
from core.toml import Secret

_SERVER = frozenset(
    (
        *("via", "proto", "protocol", "port", "service", "auth", "authenticate", "preauth"),
        *("envelope", "qvirtual", "aka", "localdomains", "local"),
    )
)
_PORTS = {"pop3": 110, "pop-3": 110, "pop3s": 995}


@dataclass(frozen=True, slots=True)
class Account:
    """A login at a server; ``names`` without the ``*`` that lets every other name through (``anybody``)."""

    remote: str = ""
    password: Secret = NONE
    password_command: str = ""
    names: tuple[Name, ...] = ()
    anybody: bool = False
    keep: bool = False
    fetchall: bool = False
    limit: int = 0
    fetchlimit: int = 0
    ssl: bool = False
    sslproto: str = ""
    mda: str = ""
    preconnect: str = ""
    postconnect: str = ""

    @property
    def multidrop(self) -> bool:
        """Whether its letters are for several people."""
        return self.anybody or len(self.names) > 1 or any(name.mapped for name in self.names)


@dataclass(frozen=True, slots=True)
class Server:
    """A server; ``envelope`` is the header that tells the recipient, empty for none, and ``skips`` how many to pass."""

    label: str
    active: bool = True
    via: str = ""
    protocol: str = ""
    service: str = ""
    auth: str = ""
    aka: tuple[str, ...] = ()
    localdomains: tuple[str, ...] = ()
    envelope: str = "Received"
    skips: int = 0
    qvirtual: str = ""
    accounts: tuple[Account, ...] = (Account(),)

    @property
    def host(self) -> str:
        """The host that is asked."""
        return self.via or self.label

    @property
    def port(self) -> int:
        """The port of POP3, where one is given; else 0."""
        if self.protocol == "imap":
            return 0
        return int(self.service) if self.service.isdecimal() else _PORTS.get(self.service, 0)

    @property
    def has_boxes(self) -> bool:
        """Whether letters are fetched from boxes: by POP3, or a protocol beside which servers offer it."""
        return self.protocol in BOXES


@dataclass(frozen=True, slots=True)
class Fetchmail:
    """The whole file."""

    servers: tuple[Server, ...] = ()
    postmaster: str = ""
    bouncemail: bool = True
    remarks: tuple[Remark, ...] = field(default=(), compare=False)


def read(text: str) -> Fetchmail:
    """The values of a .fetchmailrc; what cannot be read is only remarked on."""
    found = clauses(text)
    settings = {clause.word: clause for clause in found if clause.word in GLOBAL}
    defaults: Sequence[Clause] = ()
    servers = []
    for section in _sections(clause for clause in found if clause.word not in GLOBAL):
        if section[0].word == "defaults":
            defaults = section[1:]
        elif section[0].word in HEADS and section[0].value:
            servers.append(_server(section, defaults))
    return Fetchmail(
        tuple(servers),
        settings["postmaster"].value if "postmaster" in settings else "",
        not ("bouncemail" in settings and settings["bouncemail"].off),
        tuple(remarks(found)),
    )


def _sections(found: Iterable[Clause]) -> Iterator[list[Clause]]:
    """The clauses of each server, its head first."""
    section: list[Clause] = []
    for clause in found:
        if clause.word in HEADS and section:
            yield section
            section = []
        section.append(clause)
    if section:
        yield section


def _server(section: Sequence[Clause], defaults: Sequence[Clause]) -> Server:
    head, *own = section
    given = _options(defaults, server=True) | _options(own, server=True)
    common = next(iter(_accounts(defaults)), ())
    accounts = [_account(common, group) for group in _accounts(own)] or [_account(common, ())]
    envelope = given.get("envelope", Clause("envelope", ("Received",)))
    return Server(
        label=head.value,
        active=head.word != "skip",
        via=_value(given, "via"),
        protocol=_value(given, "protocol").lower(),
        service=_value(given, "service"),
        auth=_value(given, "authenticate"),
        aka=given["aka"].values if "aka" in given else (),
        localdomains=given["localdomains"].values if "localdomains" in given else (),
        envelope="" if envelope.off else envelope.values[-1].rstrip(":") if envelope.values else "Received",
        skips=int(envelope.value) if len(envelope.values) > 1 and envelope.value.isdecimal() else 0,
        qvirtual=_value(given, "qvirtual"),
        accounts=tuple(accounts),
    )


def _accounts(found: Iterable[Clause]) -> Iterator[list[Clause]]:
    """The clauses of each account: a ``user`` begins a new one, but for the first."""
    group: list[Clause] = []
    for clause in found:
        if clause.word in _SERVER:
            continue
        if clause.word in ("user", "username") and any(each.word in ("user", "username") for each in group):
            yield group
            group = []
        group.append(clause)
    if group:
        yield group


def _account(defaults: Sequence[Clause], own: Sequence[Clause]) -> Account:
    given = _options(defaults) | _options(own)
    remote, names = _people(own)
    usual, others = _people(defaults)
    names = names or others
    return Account(
        remote=remote or usual,
        password=Secret(_value(given, "password")),
        password_command=_value(given, "passwordeval"),
        names=tuple(name for name in names if name.local != "*"),
        anybody=any(name.local == "*" for name in names),
        keep=_on(given, "keep"),
        fetchall=_on(given, "fetchall"),
        limit=_number(given, "limit"),
        fetchlimit=_number(given, "fetchlimit"),
        ssl=_on(given, "ssl"),
        sslproto=_value(given, "sslproto"),
        mda=_value(given, "mda"),
        preconnect=_value(given, "preconnect"),
        postconnect=_value(given, "postconnect"),
    )


def _people(found: Iterable[Clause]) -> tuple[str, tuple[Name, ...]]:
    """The login at the provider, and the names at home; "here" and "there" may turn them round."""
    remote, names = "", list[Name]()
    for clause in found:
        if clause.word in ("user", "username"):
            if clause.side == "here":
                names.append(Name(clause.value, clause.value))
            else:
                remote = clause.value
        elif clause.word in ("is", "to"):
            if clause.side == "there":
                remote = clause.value
            else:
                names += clause.names
    return remote, tuple(names)


def _options(found: Iterable[Clause], *, server: bool = False) -> dict[str, Clause]:
    """Each option's last clause, but of lists all values; long words for short ones."""
    given: dict[str, Clause] = {}
    for clause in found:
        word = _LONG.get(clause.word, clause.word)
        if (clause.word in _SERVER) == server:
            before = given[word].values if word in _LISTS and word in given else ()
            given[word] = replace(clause, values=before + clause.values)
    return given


_LISTS = ("aka", "localdomains")
_LONG = {
    "proto": "protocol",
    "local": "localdomains",
    "port": "service",
    "auth": "authenticate",
    "preauth": "authenticate",
}
_LONG |= {"pass": "password", "passeval": "passwordeval"}


def _value(given: dict[str, Clause], word: str) -> str:
    return given[word].value if word in given else ""


def _on(given: dict[str, Clause], word: str) -> bool:
    return word in given and not given[word].off


def _number(given: dict[str, Clause], word: str) -> int:
    value = _value(given, word)
    return int(value) if value.isdecimal() else 0
