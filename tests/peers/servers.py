"""Real servers and readers for the peers tests: started on loopback, from private folders, ended by their own id."""

import contextlib
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

MAIL_ID = 8  # Debian's user and group "mail"
PATIENCE = 20.0  # seconds for a real program to start or to answer


def need(*programs: str) -> None:
    """Skip with a reason where a program is missing; fail instead where everything must be there."""
    missing = [name for name in programs if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None]
    missing += ["root"] if os.geteuid() != 0 else []
    if missing and os.environ.get("MAILRUN_PEERS") == "required":
        pytest.fail(f"needs {', '.join(missing)}, which should be here")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses right now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def await_port(port: int) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")


@contextlib.contextmanager
def started(command: Sequence[str | Path], port: int, **options: object) -> Iterator[None]:
    """A server process for a while."""
    process = subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    try:
        await_port(port)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


@dataclass(frozen=True)
class Box:
    """A POP3 box at a real Dovecot: its ports, its folder, and the authority behind its certificate."""

    port: int
    tls_port: int
    folder: Path
    authority: Path

    def put(self, messages: Sequence[bytes]) -> None:
        """Lay messages into the box, as files of a maildir, under names that it never had."""
        for number, message in enumerate(messages, len(self.waiting())):
            path = self.folder / "new" / f"{1700000000 + number}.M{number:05d}P{time.monotonic_ns()}.isp"
            path.write_bytes(message)
            shutil.chown(path, MAIL_ID, MAIL_ID)

    def waiting(self) -> list[Path]:
        """What is in the box."""
        return [path for part in ("new", "cur") for path in (self.folder / part).iterdir()]


@contextlib.contextmanager
def dovecot(folder: Path, *, service_count: int = 1) -> Iterator[Box]:
    """Dovecot's POP3 service with one box, user "household", password "secret": plain, STLS and TLS."""
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)  # the servers' own users must get through
    mail = folder / "mail/household"
    for part in ("cur", "new", "tmp"):
        (mail / part).mkdir(parents=True)
    for path in (mail, *mail.iterdir()):
        shutil.chown(path, MAIL_ID, MAIL_ID)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    box = Box(free_port(), free_port(), mail, folder / "ca.pem")
    (folder / "users").write_text("household:{PLAIN}secret\n")
    config = folder / "dovecot.conf"
    config.write_text(
        textwrap.dedent(f"""\
        protocols = pop3
        listen = 127.0.0.1
        base_dir = {folder}/run
        state_dir = {folder}/state
        log_path = {folder}/log
        disable_plaintext_auth = no
        auth_mechanisms = plain login
        mail_location = maildir:{mail.parent}/%n
        first_valid_uid = {MAIL_ID}
        first_valid_gid = {MAIL_ID}
        ssl = yes
        ssl_cert = <{folder}/server.pem
        ssl_key = <{folder}/server.pem
        passdb {{
          driver = passwd-file
          args = {folder}/users
        }}
        userdb {{
          driver = static
          args = uid={MAIL_ID} gid={MAIL_ID} home={mail}
        }}
        service pop3-login {{
          service_count = {service_count}
          inet_listener pop3 {{
            port = {box.port}
          }}
          inet_listener pop3s {{
            port = {box.tls_port}
          }}
        }}
        """)
    )
    with started(["dovecot", "-F", "-c", config], box.port):
        yield box


@dataclass(frozen=True)
class Sink:
    """Postfix's smtp-sink: its port, and what it has taken."""

    port: int
    folder: Path

    def taken(self) -> list[bytes]:
        """Each message as it was dumped, with the sink's own X- lines about the envelope."""
        return [path.read_bytes() for path in sorted(self.folder.iterdir())]


@contextlib.contextmanager
def smtp_sink(folder: Path, *options: str) -> Iterator[Sink]:
    """A smart host that takes everything, but for what ``options`` refuse (see smtp-sink(1))."""
    sink = Sink(free_port(), folder / "sink")
    sink.folder.mkdir()
    shutil.chown(sink.folder, "nobody")
    command = ["smtp-sink", "-u", "nobody", *options, "-d", f"{sink.folder}/%M.", f"127.0.0.1:{sink.port}", "100"]
    with started(command, sink.port, cwd=folder, env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}):
        yield sink


@dataclass(frozen=True)
class Postfix:
    """A real Postfix: its ports, with STARTTLS and with TLS, the authority behind its certificate, and its folder."""

    port: int
    tls_port: int
    authority: Path
    folder: Path

    def taken(self) -> list[bytes]:
        """All that it has taken, each letter as it lies in its mailbox, once all connections are over."""
        end = time.monotonic() + PATIENCE
        while self.busy():
            if time.monotonic() > end:
                raise TimeoutError("Postfix does not come to rest")
            time.sleep(0.05)
        return [path.read_bytes() for path in sorted((self.folder / "sink/new").iterdir())]

    def busy(self) -> bool:
        """Whether somebody is connected, or a letter on its way to its mailbox."""
        log = (self.folder / "log").read_text()
        queues = (path for name in ("incoming", "active") for path in (self.folder / "queue" / name).rglob("*"))
        return log.count(": connect from") > log.count("disconnect from") or any(path.is_file() for path in queues)


@contextlib.contextmanager
def postfix(folder: Path, **more: str) -> Iterator[Postfix]:
    """Postfix's SMTP server, which keeps all that it takes in one mailbox; ``more`` of its settings."""
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    host = Postfix(free_port(), free_port(), folder / "ca.pem", folder)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(host.authority)
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    for part in ("", "new", "cur", "tmp"):
        (folder / "sink" / part).mkdir()
        shutil.chown(folder / "sink" / part, MAIL_ID, MAIL_ID)
    settings = {
        "compatibility_level": "3.6",
        "inet_protocols": "ipv4",
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "maillog_file": folder / "log",
        "maillog_file_prefixes": folder,
        "smtpd_peername_lookup": "no",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "alias_maps": "",
        "mydestination": "",
        "local_recipient_maps": "",
        "default_transport": "virtual",
        "virtual_mailbox_base": folder,
        "virtual_mailbox_maps": "static:sink/",
        "virtual_uid_maps": f"static:{MAIL_ID}",
        "virtual_gid_maps": f"static:{MAIL_ID}",
        "virtual_minimum_uid": MAIL_ID,
        "smtpd_tls_chain_files": folder / "server.pem",
        "smtpd_tls_security_level": "may",
        **more,
    }
    (folder / "etc/main.cf").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
    inside = ("pickup", "cleanup", "qmgr", "tlsmgr", "rewrite", "bounce", "virtual", "anvil", "postlog")
    one = {"pickup": "unix n - n 60 1", "qmgr": "unix n - n 300 1", "tlsmgr": "unix - - n 1000? 1"}
    one |= {"cleanup": "unix n - n - 0", "postlog": "unix-dgram n - n - 1", "virtual": "unix - n n - -"}
    program = {"rewrite": "trivial-rewrite", "postlog": "postlogd"}
    services = [f"{name} {one.get(name, 'unix - - n - 0')} {program.get(name, name)}" for name in inside]
    services += [
        f"127.0.0.1:{host.port} inet n - n - - smtpd",
        f"127.0.0.1:{host.tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes",
    ]
    (folder / "etc/master.cf").write_text("\n".join([*services, ""]))
    command = ["postfix", "-c", str(folder / "etc")]
    start = subprocess.run([*command, "start"], capture_output=True, text=True, check=False)
    assert start.returncode == 0, start.stderr + (folder / "log").read_text()
    try:
        await_port(host.port)
        yield host
    finally:
        subprocess.run([*command, "stop"], check=True, stderr=subprocess.DEVNULL)


def on_terminal(command: Sequence[str], keys: str, until: str) -> str:
    """Run a full-screen program on a terminal of its own; what it wrote; ``keys`` come after ``until``."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(
            command[0],
            list(command),
            os.environ | {"TERM": "vt100", "LINES": "24", "COLUMNS": "80", "LC_ALL": "C.UTF-8"},
        )
    seen, end = b"", time.monotonic() + PATIENCE
    try:
        while not re.search(until, seen.decode("utf-8", "replace")):
            if not select.select([terminal], [], [], end - time.monotonic())[0]:
                raise TimeoutError(f"{command[0]} did not show {until}: {seen[-500:]!r}")
            seen += os.read(terminal, 65536)
        os.write(terminal, keys.encode())
        with contextlib.suppress(OSError):  # EIO: the program has ended
            while select.select([terminal], [], [], end - time.monotonic())[0]:
                seen += os.read(terminal, 65536)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        os.close(terminal)
    return seen.decode("utf-8", "replace")


def mutt(program: str, box: Path, settings: str, *options: str) -> list[str]:
    """The command that opens a mailbox in mutt or neomutt, with no settings but these."""
    return [program, "-n", "-F", "/dev/null", "-e", f"set folder={box.parent} {settings}", *options, "-f", str(box)]


def mutt_count(program: str, box: Path) -> int:
    """How many messages mutt or neomutt sees."""
    shown = on_terminal(mutt(program, box, 'status_format="COUNT=%m."', "-R"), "x", r"COUNT=\d+\.")
    return int(re.findall(r"COUNT=(\d+)\.", shown)[-1])
