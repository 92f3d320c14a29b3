"""Who lives in the house, by all the files of an old set-up together: logins, public addresses, aliases.

Never: a household.toml (``core.adopt``).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.legacy import etcaliases, generics
from core.legacy.clauses import Name
from core.legacy.fetchmailrc import Account, Fetchmail, Server
from core.legacy.kppp import Tariff
from core.legacy.remark import Verdict
from core.legacy.sendmailmc import Sendmail
from core.legacy.wvdial import Dialer

_ROLES = frozenset(("postmaster", "mailer-daemon", "root"))  # the postmaster's, in every house
_SYSTEM = _ROLES | frozenset(  # logins of programs; nobody reads their mail
    (
        *("adm", "amanda", "apache", "backup", "bin", "cyrus", "daemon", "decode", "dumper", "fax", "ftp", "games"),
        *("gdm", "gnats", "gopher", "halt", "ident", "ingres", "irc", "ldap", "list", "lp", "mail", "mailman"),
        *("mailnull", "majordomo", "man", "manager", "msql", "mysql", "named", "netdump", "news", "nfsnobody"),
        *("nobody", "nscd", "ntp", "nut", "operator", "pcap", "postfix", "postgres", "privoxy", "proxy", "pvm"),
        *("quagga", "radiusd", "radvd", "rpc", "rpcuser", "rpm", "shutdown", "smmsp", "smmta", "squid", "sshd"),
        *("sync", "sys", "system", "tcpdump", "toor", "usenet", "uucp", "vcsa", "webalizer", "www", "www-data"),
        *("wnn", "xfs", "msgs"),
    )
)
_DUTIES = frozenset(("abuse", "hostmaster", "info", "noc", "security", "support", "webmaster", "ftpadm", "ftpadmin"))
_LOGIN = re.compile(r"[a-z0-9_][a-z0-9._-]*")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*")
_ADDRESS = re.compile(r"[^@\s<>,;\"\\]+@[\w-]+(\.[\w-]+)*")
_HERE = ("localhost", "localhost.localdomain")


@dataclass(frozen=True, slots=True)
class Papers:
    """What the files say, by their kinds."""

    fetchmail: tuple[Fetchmail, ...] = ()
    aliases: tuple[etcaliases.Entry, ...] = ()
    public: tuple[generics.Entry, ...] = ()
    sendmail: tuple[Sendmail, ...] = ()
    dialers: tuple[Dialer, ...] = ()
    tariffs: tuple[Tariff, ...] = ()

    def accounts(self) -> Iterator[tuple[Server, Account]]:
        """The logins at servers that are asked and have boxes."""
        for rc in self.fetchmail:
            for server in rc.servers:
                if server.active and server.has_boxes:
                    yield from ((server, account) for account in server.accounts)


@dataclass(frozen=True, slots=True)
class Person:
    """A login, the address that the world sees, and further ones."""

    login: str
    address: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Residents:
    """The house: ``domain`` is empty where no file tells it (addresses then are under ``spare``).

    ``corrections`` are of entries that come to something else than their file alone tells.
    """

    domain: str
    local_domains: tuple[str, ...]
    people: tuple[Person, ...]
    postmaster: str
    aliases: Mapping[str, tuple[str, ...]]
    corrections: Mapping[etcaliases.Entry | generics.Entry, tuple[Verdict, str]]


def gather(papers: Papers, login: str, spare: str) -> Residents:
    """Who lives in the house; ``login`` is who asks, ``spare`` the domain where none is told."""
    domain = _domain(papers)
    local = _local(papers, domain)
    table = _table(papers, local)
    logins = _logins(papers, table, local, login)
    people = tuple(_people(papers, logins, domain or spare, local))
    postmaster = _postmaster(papers, table, logins, login)
    table = {name: _retargeted(targets, table) for name, targets in table.items()}
    kept = {name: targets for name, targets in table.items() if _needed(name, table, logins, postmaster)}
    corrections = _corrections(papers, people, kept, postmaster)
    return Residents(domain, local, people, postmaster, kept, corrections)


def names(account: Account, login: str) -> tuple[Name, ...]:
    """The names of an account's people; where it has none, fetchmail takes the login of who runs it."""
    if account.names or account.anybody or login in _SYSTEM:
        return account.names
    return (Name(login, login),)


def bare(name: str, local: Sequence[str]) -> str:
    """A login without a host of this house; an address of the world stays one."""
    user, at, host = name.strip().removeprefix("\\").rpartition("@")
    return user.lower() if at and host.lower() in (*local, *_HERE) else name.strip().removeprefix("\\")


def reached(name: str, table: Mapping[str, Sequence[str]], seen: frozenset[str] = frozenset()) -> set[str]:
    """Whom a name stands for in the end."""
    key = name.lower()
    if key in seen or key not in table:
        return {key}
    return {final for target in table[key] for final in reached(target, table, seen | {key})}


def _domain(papers: Papers) -> str:
    """The domain that the world writes to: the masquerade's, else the one that most addresses are under."""
    hosts = Counter(entry.address.rpartition("@")[2].lower() for entry in papers.public if "@" in entry.address)
    told = [
        *(mc.masquerade_as for mc in papers.sendmail),
        *(host for host, _ in hosts.most_common()),
        *_rc_domains(papers),
    ]
    return next((host for host in told if _HOST.fullmatch(host)), "")


def _rc_domains(papers: Papers) -> Iterator[str]:
    """Domains that a .fetchmailrc takes for its own, the surest first."""
    found = list(papers.accounts())
    for server, _ in found:
        yield from (host.lower() for host in server.localdomains)
    for _, account in found:
        yield from (host for name in account.names if (host := name.outside.rpartition("@")[2].lower()) != name.outside)
    for server, _ in found:
        yield from (host.lower() for host in server.aka if _zone(host) != _zone(server.host))
    for _, account in found:
        if not account.multidrop and "@" in account.remote:
            yield account.remote.rpartition("@")[2].lower()


def _zone(host: str) -> str:
    return ".".join(host.lower().split(".")[-2:])


def _local(papers: Papers, domain: str) -> tuple[str, ...]:
    """The names of this house that must not leave it."""
    named = [host for mc in papers.sendmail for host in (*mc.domains, mc.host)]
    named += [entry.host for entry in papers.public]
    public = {domain, *(entry.address.rpartition("@")[2].lower() for entry in papers.public)}
    return tuple(dict.fromkeys(host for host in (*named, *_HERE) if host and host not in public))


def _table(papers: Papers, local: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Every alias: of the alias files, and of names in a box that are not a person's."""
    table: dict[str, tuple[str, ...]] = {}
    for entry in papers.aliases:
        if "@" not in entry.name:
            table.setdefault(entry.name.lower(), tuple(bare(target, local) for target in entry.targets))
    for _, account in papers.accounts():
        for name in account.names:
            outside, inside = name.outside.rpartition("@")[0] or name.outside, bare(name.local, local)
            if name.mapped and ("@" in inside or inside in table) and outside.lower() != inside.lower():
                table.setdefault(outside.lower(), (inside,))
    return table


def _logins(papers: Papers, table: Mapping[str, Sequence[str]], local: Sequence[str], login: str) -> list[str]:
    """The people: those with an address of their own, a name in a box, or at the end of an alias."""
    found = [entry.login for entry in papers.public]
    for _, account in papers.accounts():
        found += [bare(name.local, local) for name in names(account, login)]
    found += sorted({final for name in table for final in reached(name, table)} - _DUTIES)
    people = [name for name in map(str.lower, found) if _LOGIN.fullmatch(name) and name not in _SYSTEM]
    return list(dict.fromkeys(name for name in people if name not in table or name in table[name])) or [_login(login)]


def _login(name: str) -> str:
    """A name of the system as a member's."""
    return name.lower() if _LOGIN.fullmatch(name.lower()) else "postmaster"


def _people(papers: Papers, logins: Sequence[str], domain: str, local: Sequence[str]) -> Iterator[Person]:
    """Each login with its addresses; no address is two people's."""
    owners: dict[str, str] = {}
    public = {entry.login: entry.address for entry in reversed(papers.public)}
    for login in logins:
        spelled = [public[login]] if login in public else []
        spelled += _spelled(papers, login, local)
        whole = [name if "@" in name else f"{name}@{domain}" for name in (*spelled, login, *_spares(login))]
        first, *rest = (
            address
            for address in whole
            if _ADDRESS.fullmatch(address) and owners.setdefault(address.casefold(), login) == login
        )
        known = {address.casefold() for address in (first, *whole[len(spelled) :])}
        yield Person(login, first, tuple(a for a in dict.fromkeys(rest) if a.casefold() not in known))


def _spares(login: str) -> Iterator[str]:
    """Other names for one whose name is somebody else's address."""
    yield from (f"{login}{n}" for n in range(2, 9))


def _spelled(papers: Papers, login: str, local: Sequence[str]) -> Iterator[str]:
    """How the world spells a person's name in the boxes: the plain login first, a duty such as "info" last."""
    found = [
        name.outside if account.multidrop or "@" not in account.remote else account.remote
        for _, account in papers.accounts()
        for name in account.names
        if bare(name.local, local).lower() == login
    ]
    yield from sorted(found, key=lambda name: (name.lower() != login, name.partition("@")[0].lower() in _DUTIES))


def _postmaster(papers: Papers, table: Mapping[str, Sequence[str]], logins: Sequence[str], login: str) -> str:
    """Who gets what nobody claims."""
    for name in (
        *(rc.postmaster.partition("@")[0] for rc in papers.fetchmail if rc.postmaster),
        "postmaster",
        "root",
        login,
    ):
        finals = reached(name, table)
        if found := [each for each in logins if each in finals]:
            return found[0]
    return logins[0]


def _retargeted(targets: Sequence[str], table: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Targets in which a program's login that leads nowhere is the postmaster."""
    return tuple("postmaster" if each.lower() in _SYSTEM and each.lower() not in table else each for each in targets)


def _needed(name: str, table: Mapping[str, Sequence[str]], logins: Sequence[str], postmaster: str) -> bool:
    """Whether an alias says more than mailrun knows without it."""
    if name in logins and list(table[name]) == [name]:
        return False
    return name not in _SYSTEM or not reached(name, table) <= {postmaster, *_ROLES}


def _corrections(
    papers: Papers, people: Sequence[Person], kept: Mapping[str, object], postmaster: str
) -> dict[etcaliases.Entry | generics.Entry, tuple[Verdict, str]]:
    """Entries that come to something else than their file alone tells."""
    found: dict[etcaliases.Entry | generics.Entry, tuple[Verdict, str]] = {}
    for entry in papers.aliases:
        name = entry.name.lower()
        if "@" in name:
            found[entry] = "unknown", "an alias is a name without a domain; left out"
        elif name in _ROLES and name not in kept:
            found[entry] = "understood", f"household.postmaster = {postmaster}"
        elif name in _SYSTEM and name not in kept:
            found[entry] = "obsolete", f"a program's login: its mail is the postmaster's ({postmaster})"
        elif name not in kept:
            found[entry] = "understood", f"members.{name} gets it anyway"
    owners = {address.casefold(): person.login for person in people for address in (person.address, *person.also)}
    for line in papers.public:
        if line.login in _SYSTEM:
            found[line] = "understood", f"what {line.login} writes goes out as the postmaster's ({postmaster})"
        elif owners.get(line.address.casefold(), line.login) != line.login:
            owner = owners[line.address.casefold()]
            found[line] = "unknown", f"{line.address} is the address of {owner} already, and no address is two people's"
    return found
