"""The tables of a household.toml that an old set-up comes to, without those of its people.

Never: a key's meaning (``core.config``), a file.
"""

from core import config
from core.legacy.fetchmailrc import Account, Server
from core.legacy.residents import Papers, Residents, bare, names, reached
from core.legacy.verdict import dials
from core.legacy.wvdial import Dialer
from core.template import SOME_DOMAIN, SOME_HOST, Given

_TEN_YEARS = 3650  # days
_SECURITY = {465: "tls", 587: "starttls"}
_AUTH = {"oauthbearer": "xoauth2", "xoauth2": "xoauth2", "apop": "apop"}


def house(papers: Papers, house: Residents) -> Given:
    """The table [household]."""
    mc = next((value for value in papers.sendmail if value.give_up_after or value.warn_after), None)
    host = next((value.host for value in papers.sendmail if value.host in house.local_domains), house.local_domains[0])
    given: dict[str, object] = {
        "host": host,
        "local_domains": house.local_domains,
        "domain": house.domain or SOME_DOMAIN,
        "postmaster": house.postmaster,
    }
    if mc and mc.warn_after:
        given["warn_after"] = mc.warn_after
    if mc and mc.give_up_after:
        given["give_up_after"] = mc.give_up_after
    return given


def boxes(papers: Papers, house: Residents, login: str) -> list[Given]:
    """The tables [[maildrop]]: one for each login at a server."""
    found: list[Given] = []
    several = len({id(account) for _, account in papers.accounts()}) > 1
    for server, account in papers.accounts():
        label = f"{server.label}-{account.remote}" if several and len(server.accounts) > 1 else server.label
        label = "box-" + label if label in config.RESERVED else label.replace("/", "-")
        taken = {box["name"] for box in found}
        name = next(n for n in (label, *(f"{label}-{n}" for n in range(2, len(taken) + 3))) if n not in taken)
        found.append({"name": name} | _box(server, account, house, login))
    return found


def _box(server: Server, account: Account, house: Residents, login: str) -> dict[str, object]:
    """One [[maildrop]], without its name."""
    optional: dict[str, object] = {
        "password": account.password.reveal(),
        "password_command": ("sh", "-c", account.password_command) if account.password_command else (),
        "auth": _AUTH.get(server.auth) or _AUTH.get(server.protocol),
        "member": _owner(account, house, login),
        "domains": tuple(dict.fromkeys(h for h in (*server.localdomains, *server.aka) if h.lower() != house.domain)),
        "keep_days": _TEN_YEARS if account.keep else 0,
        "large": account.limit,
    }
    return {
        "host": server.host,
        "port": server.port or (995 if account.ssl else 110),
        "security": security(server, account),
        "user": account.remote or login,
        **{key: value for key, value in optional.items() if value},
        **_evidence(server),
    }


def security(server: Server, account: Account) -> config.Security:
    """How the way to a box is secured."""
    if account.ssl or server.port == 995:
        return "tls"
    return "starttls" if account.sslproto else "none"


def _evidence(server: Server) -> Given:
    """The header with the envelope recipient; where fetchmail had none but Received, all that providers write."""
    if not server.envelope:
        return {"evidence": ()}
    known = server.envelope.casefold() not in ("received", *map(str.casefold, config.FORGED))
    return {"evidence": (server.envelope,)} if known else {}


def _owner(account: Account, house: Residents, login: str) -> str:
    """The one member whose box this is; nobody's alone where several names are in it, or one that means several."""
    if account.multidrop or not (people := names(account, login)):
        return ""
    finals = reached(bare(people[0].local, house.local_domains), house.aliases)
    members = finals & {person.login for person in house.people}
    return next(iter(members)) if len(members) == 1 else ""


def smarthost(papers: Papers) -> Given:
    """The table [smarthost]."""
    for mc in papers.sendmail:
        if mc.smarthost:
            port = mc.port or 25
            return {"host": mc.smarthost, "port": port, "security": _SECURITY.get(port, "none")}
    return SOME_HOST


def line(papers: Papers) -> Given:
    """The table [line]: the modem, or else commands that bring the line up."""
    if papers.dialers:
        return _modem(papers.dialers[0])
    for _, account in papers.accounts():
        if dials(account.preconnect):
            up = {"kind": "command", "up": ("sh", "-c", account.preconnect)}
            return up | ({"down": ("sh", "-c", account.postconnect)} if dials(account.postconnect) else {})
    return {}


def _modem(dialer: Dialer) -> Given:
    """[line] for a modem; without a number there is nothing to dial yet."""
    asked = bool(dialer.login_prompt or dialer.password_prompt) and bool(dialer.user)
    login = ("user", dialer.user) if dialer.user and not asked else ()
    given: dict[str, object] = {
        "kind": "modem" if dialer.numbers else "",
        "device": dialer.device,
        "speed": dialer.speed,
        "flow": dialer.flow,
        "init": dialer.init,
        "dial": dialer.dial,
        "numbers": dialer.numbers,
        "redials": max(dialer.attempts - 1, 0),
        "dial_seconds": float(dialer.seconds),
        "chat": _chat(dialer) if asked else (),
        "link": (dialer.program or "pppd", *login, *dialer.options),
    }
    return {key: value for key, value in given.items() if value or (key == "redials" and dialer.attempts)}


def _chat(dialer: Dialer) -> tuple[tuple[str, str], ...]:
    """The login dialogue; a prompt is waited for without its first letter, which may be a capital."""
    return (
        (dialer.login_prompt or "ogin:", dialer.user),
        (dialer.password_prompt or "assword:", dialer.password.reveal()),
    )
