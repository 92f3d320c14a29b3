"""How long a call lasts: mailrun beside the programs that a house would use today, over one emulated line.

    python benchmarks/line.py [--lines ABC] [--programs mailrun,both,mpop-both] [--ways plain,tls,letters] [--times 3]
                              [--keep FILE]

A line in user space between two network namespaces, a real Dovecot and a real Postfix at its far end, 30 letters to
fetch and 15 to send (line B: a sixth of them). Timed is from the first to the last packet of the call, as a ratio to
what the line can physically carry. A call counts only if every letter came to its member byte for byte, every letter
was taken once, and nothing is left at the provider. mailrun's calls are the second ones of their household, but for
the way "first": what it knows of the provider it has seen itself, in a first call with a small load.

The line, its provider and its load are a folder of their own (``--bench``, or MAILRUN_LINE), with a README. It
needs root, /dev/net/tun, and Debian's iproute2, dovecot-pop3d, dovecot-imapd, postfix, fetchmail, getmail6, mpop,
msmtp and procmail.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this starts in its own folder
BENCH = Path(os.environ.get("MAILRUN_LINE", ROOT.parent / "shared/line"))

SMTP_LACKS = {"smtp-no-chunking": "chunking", "smtp-no-pipelining": "chunking, pipelining"}
POP_LACKS = {"pop-no-pipelining": "pipelining", "pop-no-capa": "capa"}
WAYS = ("plain", "tls", "letters", "first", *SMTP_LACKS, *POP_LACKS, "relay")
LACKING_PORT = 1110
PROGRAMS = {  # names in this script, of which all but ours are the stacks of the emulated line
    "mailrun": "mailrun",
    "classic": "Postfix, then fetchmail",
    "both": "Postfix and fetchmail at once",
    "getmail": "msmtp, then getmail6",
    "mpop": "msmtp, then mpop",
    "mpop-both": "msmtp and mpop at once",
    "fetchmail": "msmtp and fetchmail at once",
}
ORDER = tuple(PROGRAMS)
GOALS = {
    ("A", "plain"): 1.06,
    ("B", "plain"): 1.14,
    ("C", "plain"): 1.20,
    ("A", "tls"): 1.10,
    ("B", "tls"): 1.22,
    ("C", "tls"): 1.30,
    ("A", "letters"): 0.55,
    ("C", "letters"): 0.80,
}
PATIENCE = 900.0  # seconds until a program that does not end is given up

HOUSE = """\
[household]
host = "linuxpc.localdomain"
local_domains = ["linuxpc", "linuxpc.localdomain", "localhost"]
domain = "home.example"
postmaster = "{postmaster}"
{members}
[[maildrop]]
name = "isp"
host = "{host}"
port = {pop}
security = "{pop_security}"
user = "household"
password = "secret"
{maildrop}
[smarthost]
host = "{host}"
port = {smtp}
security = "{smtp_security}"
[line]
kind = "always"
rate = {rate}
"""


@dataclass(frozen=True)
class Case:
    """One call to be timed: over which line, by which program, and in which way."""

    line: str
    program: str
    way: str = "plain"

    @property
    def tls(self) -> bool:
        """Whether both connections are encrypted."""
        return self.way == "tls"


@dataclass(frozen=True)
class Timed:
    """One call: seconds from its first to its last packet, bytes and seconds busy each way, and whether all arrived."""

    case: Case
    seconds: float
    limit: float
    up: int
    down: int
    up_busy: float
    down_busy: float
    overflowed: int
    why: str = ""

    @property
    def ratio(self) -> float:
        """To the physical limit."""
        return self.seconds / self.limit


def bench(folder: Path) -> Any:
    """The modules of the emulated line, in one value."""
    if not (folder / "line.py").is_file():
        raise SystemExit(f"{folder}: no emulated line is here; --bench DIR or MAILRUN_LINE names its folder")
    sys.path.insert(1, str(folder))
    sys.modules.pop("line", None)
    import isp  # noqa: PLC0415
    import line  # noqa: PLC0415
    import peers  # noqa: PLC0415
    import workload  # noqa: PLC0415

    return argparse.Namespace(**vars(workload) | vars(isp) | vars(peers) | {"Line": line.Line, "address": line.ISP_IP})


def call(it: Any, case: Case, pcap: Path | None = None) -> Timed:
    """Make one call and look what became of it; its packets go into that folder."""
    load, settings = it.workload(it.SCALES.get(case.line, 1)), dict(it.LINES[case.line])
    if pcap:
        settings["pcap"] = pcap / f"{case.line}-{case.way}-{case.program}.pcap"
    with it.Line(**settings) as line, it.Isp(line, [], case.tls) as isp:
        hindered(it, isp, case.way)
        with (ours if case.program == "mailrun" else theirs)(it, case, line, isp, load) as dial:
            put(it, isp, load.inbound)
            line.reset()
            why = dial()
            time.sleep(3 * settings["delay"] + 1)  # let the last packets land, and the last deliveries at the provider
            stats = line.stats()
    up, down = stats["up"], stats["down"]
    return Timed(
        case,
        round(max(up["last"], down["last"]) - min(up["first"], down["first"]), 3),
        round(it.limit(load, **settings).seconds, 3),
        up["line_bytes"],
        down["line_bytes"],
        up["busy"],
        down["busy"],
        up["overflowed"] + down["overflowed"],
        why,
    )


def relayed(_: Any, case: Case, pcap: Path | None = None) -> Timed:
    """The same over the rehearsal's relay."""
    import relayed as over  # noqa: PLC0415 (loads pytest)

    del pcap
    told = partial(settings, over.PEOPLE, over.HOST, way=case.way)
    return Timed(case, **asyncio.run(over.timed(case.line, case.program, told)))


def put(it: Any, isp: Any, letters: Sequence[Any]) -> None:
    """Letters into the box at the provider, as ``Isp`` itself does."""
    for number, letter in enumerate(letters):
        path = isp.mailbox / "new" / f"{1700000000 + number}.{letter.id}.isp"
        path.write_bytes(letter.data.replace(b"\r\n", b"\n"))
        shutil.chown(path, it.MAIL_ID, it.MAIL_ID)


def hindered(it: Any, isp: Any, way: str) -> None:
    """Take from the provider what it shall not be able to do; a relay ends with the line."""
    if way in SMTP_LACKS:
        with (isp.postfix.dir / "etc/main.cf").open("a") as out:
            out.write(f"smtpd_discard_ehlo_keywords = {SMTP_LACKS[way]}\n")
        isp.postfix.command("postfix", "reload")
    if way in POP_LACKS:
        words = [it.address, str(LACKING_PORT), "110", POP_LACKS[way]]
        isp.line.popen("isp", [sys.executable, str(ROOT / "benchmarks/lacking.py"), *words])
        isp.await_port(LACKING_PORT)


@contextmanager
def ours(it: Any, case: Case, line: Any, isp: Any, load: Any) -> Iterator[Any]:
    """A household of its own, which has called once; the call, which returns what went wrong."""
    private = it.Private("mailrun-")
    house = household(it, case, private.dir / "house")

    def mailrun(*words: str, **options: Any) -> Any:
        command = [sys.executable, "-m", "core", "--household", str(house), *words]
        environment = os.environ | ({"SSL_CERT_FILE": str(isp.cert)} if isp.tls else {})
        return line.run(
            "home", command, cwd=ROOT, env=environment, capture_output=True, timeout=PATIENCE, check=False, **options
        )

    def queue(letters: Sequence[Any]) -> None:
        for letter in letters:
            words = ["send", "--as", letter.sender.partition("@")[0], letter.recipient]
            mailrun(*words, input=letter.data).check_returncode()

    def dial() -> str:
        done = mailrun("run", "--json")
        return done.stderr.decode()[-500:] if done.returncode else became(it, case, isp, house, load)

    try:
        if case.way != "first":
            small = it.workload(1 / 90, seed=2)
            queue(small.outbound)
            put(it, isp, small.inbound)
            if why := mailrun("run", "--json").stderr.decode():
                raise SystemExit(f"the first call of {case} failed: {why}")
            time.sleep(1)
            for path in it.messages_in(isp.sink):
                path.unlink()
            for path in (house / "mail").glob("*/inbox"):
                path.unlink()
        queue(load.outbound)
        yield dial
    finally:
        private.remove()


def settings(people: Sequence[str], host: str, pop: int, smtp: int, rate: int, way: str) -> str:
    """The settings of a house at this provider."""
    return HOUSE.format(
        postmaster=people[0],
        members="\n".join(f'[members.{name}]\naddress = "{name}@home.example"' for name in people),
        host=host,
        pop=pop,
        smtp=smtp,
        pop_security="tls" if way == "tls" else "none",
        smtp_security="starttls" if way == "tls" else "none",
        maildrop='fetch = "letters"' if way == "letters" else "",
        rate=rate,
    )


def household(it: Any, case: Case, folder: Path) -> Path:
    """A house at the provider of the emulated line."""
    pop = 995 if case.tls else LACKING_PORT if case.way in POP_LACKS else 110
    folder.mkdir()
    path = folder / "household.toml"
    path.write_text(settings(it.HOUSEHOLD, it.address, pop, 25, int(it.LINES[case.line]["rate"]), case.way))
    path.chmod(0o600)
    return folder


def became(it: Any, case: Case, isp: Any, house: Path, load: Any) -> str:
    """What is not as it should be after a call; empty when all is well."""
    from tests.peers.test_corpus import as_kept  # noqa: PLC0415 (loads pytest)

    time.sleep(0.5)
    faults = []
    if not it.complete(isp.accepted(), load.outbound):
        faults.append(f"{len(isp.accepted())} letters of {len(load.outbound)} were taken")
    parts = case.way == "letters"  # what is attached stays at the provider, and letters have a note in its place
    if isp.waiting() and not parts:
        faults.append(f"{isp.waiting()} letters are left at the provider")
    for member in it.HOUSEHOLD:
        box = house / "mail" / member / "inbox"
        kept = as_kept(box) if box.exists() else []
        sent = [m.data.replace(b"\r\n", b"\n") for m in load.inbound if m.recipient.startswith(f"{member}@")]
        if len(kept) != len(sent) or (not parts and sorted(kept) != sorted(sent)):
            faults.append(f"{member} has {len(kept)} letters of {len(sent)}, or not byte for byte")
    return "; ".join(faults)


@contextmanager
def theirs(it: Any, case: Case, line: Any, isp: Any, load: Any) -> Iterator[Any]:
    """A peer with its queue full; the call, which returns what went wrong."""
    stack = it.STACKS[case.program]
    with it.Home(line, isp, load.outbound) as home:
        if stack.hub:
            home.start_hub()

        def dial() -> str:
            try:
                stack.dial(home)
            except (subprocess.SubprocessError, TimeoutError) as problem:
                return f"{problem} {home.log()[-500:]}"
            time.sleep(1)  # the hub's local deliveries
            whole = it.complete(isp.accepted(), load.outbound) and it.complete(home.received(), load.inbound)
            return "" if whole and not isp.waiting() else "not every letter arrived once"

        yield dial


def table(results: Sequence[Timed]) -> str:
    """The median of each case, beside the goal, and what part of each peer's time mailrun takes."""
    cases = sorted({timed.case for timed in results}, key=lambda c: (c.line, WAYS.index(c.way), ORDER.index(c.program)))
    middle = {case: median([timed for timed in results if timed.case == case]) for case in cases}
    lines = [
        "| line | way | program | seconds | to limit | goal | mailrun takes | bytes up | down | busy up, down | well |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for case, timed in middle.items():
        ours = middle.get(replace(case, program="mailrun"))
        share = f"{ours.seconds / timed.seconds:.0%}" if ours and ours is not timed else ""
        goal = (
            f"{GOALS[case.line, case.way]:.2f}" if case.program == "mailrun" and (case.line, case.way) in GOALS else ""
        )
        why = "; ".join(dict.fromkeys(one.why for one in results if one.case == case and one.why))
        times = sum(one.case == case for one in results)
        lines.append(
            f"| {case.line} | {case.way} | {PROGRAMS[case.program]} | {timed.seconds:.1f} | {timed.ratio:.3f} | {goal} "
            f"| {share} | {timed.up:,} | {timed.down:,} | {timed.up_busy / timed.seconds:.0%}, "
            f"{timed.down_busy / timed.seconds:.0%} | {why or f'{times} of {times}'} |"
        )
    return "\n".join(lines)


def median(results: Sequence[Timed]) -> Timed:
    """The call in the middle, by seconds."""
    return sorted(results, key=lambda timed: timed.seconds)[(len(results) - 1) // 2]


def kept(path: Path) -> list[Timed]:
    """The results of earlier runs of this script."""
    found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [Timed(**one | {"case": Case(**one["case"])}) for one in found]


def wanted() -> argparse.Namespace:
    """What the command line asks for."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bench", type=Path, default=BENCH, help="the folder of the emulated line")
    options.add_argument("--lines", default="ABC", help="which lines (ABC)")
    options.add_argument("--programs", default="mailrun", help=f"which programs (mailrun): {','.join(PROGRAMS)}")
    options.add_argument("--ways", default="plain,tls", help=f"which ways (plain,tls): {','.join(WAYS)}")
    options.add_argument("--times", type=int, default=1, help="how often each (1); 0: only print what was kept")
    options.add_argument("--jobs", type=int, default=3, help="how many calls at the same time (3)")
    options.add_argument("--keep", type=Path, help="add the results to this file; the table tells of all that it holds")
    options.add_argument("--pcap", type=Path, help="write the packets of each call into this folder")
    return options.parse_args()


def main() -> None:
    """Time all, print the table."""
    options = wanted()
    it = bench(options.bench) if options.times and options.ways != "relay" else None
    chosen = product(options.ways.split(","), options.programs.split(","), options.lines)
    cases = [Case(line, program, way) for way, program, line in chosen] * options.times
    results = kept(options.keep) if options.keep else []
    with ThreadPoolExecutor(options.jobs) as pool:
        make = {case: relayed if case.way == "relay" else call for case in cases}
        for future in as_completed([pool.submit(make[case], it, case, options.pcap) for case in cases]):
            results.append(future.result())
            if options.keep:
                with options.keep.open("a") as out:
                    print(json.dumps(asdict(results[-1])), file=out)
    print(table(results))


if __name__ == "__main__":
    main()
