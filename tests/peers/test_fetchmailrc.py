"""fetchmail reads a .fetchmailrc; we read the same. What it understood it tells with --configdump, as Python."""

import ast
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.legacy.fetchmailrc import Account, Server, read
from tests.peers.servers import need

pytestmark = pytest.mark.peers
HOWTO = Path(__file__).parent.parent / "legacy" / "howto"

FILES = [
    "poll h proto pop3 user paul here is dfzt12 there with password x",
    'poll h proto pop3 user "x" password "y" is a b c',
    "poll h proto pop3 user x pass y is a to b=c * here fetchall",
    "poll h proto pop3 user x pass foo#bar is a # comment\n # comment\n user y #c\n pass '#no' is b c #d\n keep",
    'poll h user x pass "a b" is a',
    "poll h user x pass 'a\"b c' is a",
    'poll h user x pass "a\'b c" is a',
    r'poll h user x pass "a \n\t\065\x41g\\ \q\b\r b" is a',
    r"poll h user x pass a\x20b is a",
    'poll h user x pass "a\\\n  b" is a',
    'poll h user x pass "two\nlines" is a',
    'poll h user x pass "foo"bar is a',
    'poll h user x pass "foo",is a',
    'poll h user x pass a"b is y',
    "poll h user x pass $foo!b.ar-z_%&()[]{}<>|*+~^@/? is y",
    'poll h user x pass "" is y',
    "poll h proto pop3 user joe@example.com pass keep is a",
    "poll h proto pop3 user options pass 123 is 500 here",
    "poll h proto pop3 user is pass here is there",
    "poll h user 5 is y = 7 pass 0012",
    "poll h proto pop3 user x pass y is a = b, c= d e =f g here",
    "poll h user x is a b\nc d\n=e here",
    "poll h user x is paul here to luc here",
    "poll h user x is keep fetchall",
    "poll h user x is a and b with c",
    "poll h user x is b * here fetchall",
    "poll h user x is * b here",
    "poll h user x is paul@linux=paul 'a b'=c",
    "poll h user x here is y there pass q",
    "poll h user x here pass q is y there",
    "poll h user x there pass y is paul here user paul2 there is luc here ssl",
    "poll h user x is paul, user y is z",
    "poll h user x pass y is paul luc pass q keep keep no keep",
    "poll h user x wants keep and has pass q with fetchall is y",
    "poll h is b",
    "defaults proto pop3 fetchall keep\npoll h user x pass y is z no keep",
    'poll g no dns user "a" there has password "b" is c here and options limit 50000 nokeep',
    "defaults localdomains l1\npoll g aka bar localdomains l2 user x is b\npoll h user y is c",
    "defaults envelope foo proto pop3\npoll g user z is b\npoll i no envelope user z is b",
    "defaults user x pass y is a\npoll h\npoll g user z is b",
    "defaults: proto pop3 timeout 20\nskip h: user x is y;\npoll g: user x is y;",
    "poll h localdomains a b, c envelope 2 X-Foo: user x is y z=q",
    'poll h envelope "Delivered-To:" no envelope user x is y',
    "poll h envelope X-Envelope-To: user x is y z",
    "poll h service 995 envelope '3' user x is y",
    "poll h local home.example user x is a b",
    "poll h qvirtual mbox- aka a aka b user x is y z",
    "poll h port 110 service pop3s user x is y mda 'procmail -d %s' smtphost a,b c folder d e limit 5",
    "server h protocol POP3 username x password y to z",
    "poll 'h h' via g proto imap auth password user x is y",
    "poll h user x is y preconnect \"a;b\" postconnect 'c' expunge 3 batchlimit 4 fetchlimit 9 warnings 60 rewrite",
    "poll h user x is y no ssl no sslcertck no keep no flush no fetchall no rewrite",
    "poll h user x is y sslproto 'TLS1' ssl antispam 571,550 limit 0 limit 7",
    "set postmaster 'paul';\nset no bouncemail set daemon 300\npoll h user x is y\nset syslog\npoll g user z is w",
    "poll h bad-header accept tracepolls principal foo plugin 'p' interval 3 timeout 20 user x is y",
]


def dumped(text: str, folder: Path) -> tuple[Any, ...]:
    """What fetchmail understood."""
    path = folder / "rc"
    path.touch(mode=0o600)
    path.write_text(f"{text}\n")
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C", "LOGNAME": "me", "USER": "me"}
    answer = subprocess.run(
        ["fetchmail", "--configdump", "-f", path], capture_output=True, text=True, check=True, env=environment
    )
    _, _, dump = answer.stdout.partition("fetchmailrc = ")
    file = ast.literal_eval(re.sub(r"\b(?<!['\"])(TRUE|FALSE)\b", lambda word: word[0].title(), dump))
    servers = [(_server(each), [_account(user) for user in each["users"]]) for each in file["servers"]]
    return servers, file["postmaster"] if "set postmaster" in text else "", file["bouncemail"]


def _server(each: dict[str, Any]) -> tuple[Any, ...]:
    return (
        *(each["pollname"], each["active"], each["via"] or "", each["protocol"].lower(), each["service"] or ""),
        *(tuple(each["aka"]), tuple(each["localdomains"])),
        *((each["envelope"] or "").rstrip(":"), each["envskip"], each["qvirtual"] or ""),
    )


def _account(user: dict[str, Any]) -> tuple[Any, ...]:
    local = [name if isinstance(name, tuple) else (name, name) for name in user["localnames"]]
    return (
        *(user["remote"], user["password"] or "", [name for name in local if name != ("*", "*")]),
        *(("*", "*") in local, user["keep"], user["fetchall"], user["limit"], user["fetchlimit"], user["ssl"]),
        *(user["mda"] or "", user["preconnect"] or "", user["postconnect"] or ""),
    )


def ours(text: str) -> tuple[Any, ...]:
    """What we understood, in the same order."""
    file = read(text)
    servers = [(_our_server(server), [_our_account(each) for each in server.accounts]) for server in file.servers]
    return servers, file.postmaster, file.bouncemail


def _our_server(server: Server) -> tuple[Any, ...]:
    return (
        *(server.label, server.active, server.via, server.protocol or "auto", server.service),
        *(server.aka, server.localdomains, server.envelope, server.skips, server.qvirtual),
    )


def _our_account(account: Account) -> tuple[Any, ...]:
    return (
        *(account.remote, account.password.reveal(), [(name.outside, name.local) for name in account.names]),
        *(account.anybody, account.keep, account.fetchall, account.limit, account.fetchlimit, account.ssl),
        *(account.mda, account.preconnect, account.postconnect),
    )


@pytest.mark.parametrize("text", [*FILES, *(path.read_text() for path in sorted(HOWTO.glob("*/*fetchmailrc")))])
def test_we_read_what_fetchmail_reads(text: str, tmp_path: Path) -> None:
    """Servers, accounts, names, passwords and options are the same for every file that fetchmail takes."""
    need("fetchmail")

    theirs, mine = dumped(text, tmp_path), ours(text)

    assert _without_caller(theirs) == _without_caller(mine)


def test_aka_among_the_defaults_holds_here(tmp_path: Path) -> None:
    """The one known difference: fetchmail forgets an aka that stands among the defaults."""
    need("fetchmail")
    text = "defaults aka foo\npoll h user x is y"

    assert (dumped(text, tmp_path)[0][0][0][5], ours(text)[0][0][0][5]) == ((), ("foo",))


def _without_caller(file: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without names that fetchmail makes up from the login of who calls it, where an account has none."""
    servers = [
        (
            server,
            [
                [me if me != "root" else "", *rest[:1], [n for n in rest[1] if n[0] != "root"], *rest[2:]]
                for me, *rest in users
            ],
        )
        for server, users in file[0]
    ]
    return servers, *file[1:]
