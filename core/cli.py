"""Every sub-command, without the terminal UI: for cron and scripts.

Exit status follows sysexits.h; faults go to stderr as one plain sentence.

Never: Textual; a decision about mail.
"""

import asyncio
import contextlib
import getpass
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import click

from core import config, junk, read
from core import filing as own
from core.adopt import adopt
from core.check import check as check_house
from core.errors import InputError, LineError, MailrunError
from core.events import Emit, Event, letters, plain, words
from core.folder import place
from core.forecast import forecast as reckon
from core.household import Household
from core.learn import Learned, learn
from core.mail import filing, query
from core.mail import split as splitting
from core.mail.addresses import typed
from core.mail.book import expand
from core.mail.book import text as text_of
from core.mail.departure import Departure, moment
from core.mail.departure import words as leaves
from core.mail.filing import Filed
from core.mail.text import safe
from core.move import move
from core.open import clock, folder_of, open_household, parsed
from core.run import run
from core.simulate import compare, filed, judge
from core.store import files, runs, settings
from core.store import queue as queued
from core.submit import home, submit
from core.template import template
from core.world import world

Anything = Callable[..., Any]


def common(command: Anything) -> Anything:
    """What every sub-command takes."""
    as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")
    where = click.option("--household", "folder", metavar="DIR", help="The household folder.")
    return as_json(where(command))


def _open(folder: str | None) -> Household:
    given = folder or click.get_current_context().find_root().params.get("folder")
    return open_household(folder_of(given))


def _print(value: object, lines: Sequence[str], *, as_json: bool) -> None:
    """One value: as JSON for programs, as lines for people."""
    if as_json:
        click.echo(json.dumps(value, default=_jsonable, ensure_ascii=False))
    else:
        for line in lines:
            click.echo(line)


def _jsonable(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal | bytes):
        return str(value)
    raise TypeError(value)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--household", "folder", metavar="DIR", help="The household folder.")
@click.option("--as", "member", metavar="MEMBER", help="Open the screens as this member.")
@click.version_option(package_name="mailrun")
def cli(folder: str | None, member: str | None) -> None:
    """One house, one thin line: write offline, one short call sends and fetches everybody's letters.

    Without a sub-command the screens open.
    """
    del folder, member  # read from the context by those who need them


@cli.command("run")
@click.option("--send-only", is_flag=True, help="Send what waits; fetch nothing.")
@click.option("--fetch-only", is_flag=True, help="Fetch; send nothing.")
@common
def run_command(folder: str | None, *, send_only: bool, fetch_only: bool, as_json: bool) -> None:
    """Make one mail run: line up, send and fetch, hang up."""
    if send_only and fetch_only:
        raise click.UsageError("--send-only and --fetch-only exclude each other; leave both out to do both")
    house = _open(folder)
    outside = world(house.config, house.folder)
    emit = teller(as_json=as_json)
    to_end(run(house, outside, emit, send=not fetch_only, fetch=not send_only))


def teller(*, as_json: bool) -> Emit:
    """Prints events: each as one JSON object, or in words where a person reads."""

    def emit(event: Event) -> None:
        if as_json:
            click.echo(json.dumps(plain(event), default=_jsonable))
        elif sentence := words(event):
            click.echo(sentence)

    return emit


def to_end(work: Coroutine[Any, Any, object]) -> None:
    """Run to the end. Ctrl-C, SIGTERM and SIGHUP cancel it, which hangs up first."""

    async def guarded() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task
            return
        raise LineError("the run was ended by hand; the line is down, and what was not sent waits")

    asyncio.run(guarded())


@cli.command()
@common
def forecast(folder: str | None, *, as_json: bool) -> None:
    """Tell what the next run would carry, how long it would take, and what it would cost."""
    seen = reckon(_open(folder), clock())
    line = (
        f"{letters(seen.messages_up)} to send ({seen.bytes_up} bytes); about {seen.bytes_down} bytes to fetch; "
        f"about {seen.seconds:.0f} s, {seen.cost} {seen.currency}"
    )
    _print(asdict(seen), [line], as_json=as_json)


@cli.command()
@click.option("--as", "member", required=True, metavar="MEMBER", help="The member who sends it.")
@click.option("-t", "from_headers", is_flag=True, help="Take the recipients from To, Cc and Bcc.")
@click.option("--hold", is_flag=True, help="Keep it in the queue until `mailrun queue release`.")
@click.option("--urgent", is_flag=True, help="Let it go before all others.")
@click.option("--not-before", "after", metavar="TIME", help="Let it wait for the first run after this time.")
@click.argument("recipients", nargs=-1)
@common
def send(
    folder: str | None,
    member: str,
    recipients: tuple[str, ...],
    after: str | None,
    *,
    from_headers: bool,
    hold: bool,
    urgent: bool,
    as_json: bool,
) -> None:
    """Submit the message on standard input."""
    house, now = _open(folder), clock()
    departure = Departure(hold, urgent, moment(after, now) if after else None)
    nicknames = read.book(house, member) if member in house.config.members else {}
    named = None if from_headers else [one for entry in recipients for one in typed(expand(entry, nicknames))]
    receipt = submit(house, sys.stdin.buffer.read(), member, named, now, departure=departure)
    lines = [f"{receipt.id}: delivered to {name}" for name in receipt.members]
    lines += [f"{receipt.id}: to {address}, {leaves(departure, now)}" for address in receipt.waiting]
    _print({"id": receipt.id, "recipients": [*receipt.members, *receipt.waiting]}, lines, as_json=as_json)


ACTIONS = {
    "hold": queued.hold,
    "release": queued.release,
    "cancel": queued.cancel,
    "retry": queued.retry,
}


@cli.command()
@click.argument("action", default="list", type=click.Choice(["list", "show", *ACTIONS]))
@click.argument("id_", metavar="[ID]", default="")
@common
def queue(folder: str | None, action: str, id_: str, *, as_json: bool) -> None:
    """List the queue, show a letter in it, hold, release, cancel or retry one."""
    house = _open(folder)
    if action != "list":
        if not id_:
            raise click.UsageError(f"queue {action} needs the ID of a letter; `mailrun queue` lists them")
        id_ = queued.find(house.ledger, id_)
    if action in ACTIONS:
        ACTIONS[action](house.ledger, id_)
        home(house, clock())
    if action == "show" and not as_json:
        click.echo(safe_bytes(house.spool.read(id_)))
        return
    letters = [queued.get(house.ledger, id_)] if id_ else queued.pending(house.ledger)
    values = [_letter(letter) for letter in letters]
    lines = [
        f"{v['id']}  {_state(letter, r['state'])}  {v['member']} to {r['address']}  {v['size']} bytes  {v['subject']}"
        for letter, v in zip(letters, values, strict=True)
        for r in v["recipients"]
    ]
    _print(values, lines or ["nothing waits"], as_json=as_json)


def _state(letter: queued.Queued, state: str) -> str:
    """The state of a recipient, or what keeps the letter from going out, or lets it go first."""
    now = clock()
    if letter.departure.due(now):
        return f"{state}, urgent" if letter.departure.urgent else state
    return leaves(letter.departure, now)


def safe_bytes(message: bytes) -> str:
    """A whole message for a terminal."""
    return "\n".join(safe(line) for line in message.decode("utf-8", "replace").split("\n"))


def _letter(letter: queued.Queued) -> dict[str, Any]:
    """A letter in the queue, with the names of the contract."""
    return {
        "id": letter.id,
        "member": letter.member,
        "from": letter.sender,
        "recipients": [{"address": r.address, "state": r.state, "reply": r.reply} for r in letter.recipients],
        "size": letter.size,
        "queued": letter.queued,
        "subject": letter.subject,
        "held": letter.held,
        "why": letter.why,
        "urgent": letter.departure.urgent,
        "not_before": letter.departure.not_before,
    }


@cli.group()
def mail() -> None:
    """Read without the screens."""


def mine(command: Anything) -> Anything:
    """What every `mail` sub-command takes."""
    member = click.option("--for", "member", required=True, metavar="MEMBER", help="Whose mail.")
    return member(common(command))


in_folder = click.option("--folder", "box", default="inbox", show_default=True, help="Which folder.")


@mail.command("folders")
@mine
def mail_folders(folder: str | None, member: str, *, as_json: bool) -> None:
    """List the folders and how many letters are in them."""
    found = read.folders(_open(folder), member)
    _print(
        [asdict(f) for f in found],
        [f"{f.name}  {f.fault or f'{f.unread} unread of {f.total}'}" for f in found],
        as_json=as_json,
    )


@mail.command("book")
@click.option("--import", "mailrc", metavar="FILE", help="Take over the alias lines of a .mailrc.")
@mine
def mail_book(folder: str | None, member: str, mailrc: str | None, *, as_json: bool) -> None:
    """Show a member's own nicknames and groups; they expand when that member writes."""
    house = _open(folder)
    book = read.add_to_book(house, member, files.text(Path(mailrc))) if mailrc else read.book(house, member)
    _print(book, text_of(book).splitlines() or ["no nicknames yet; --import takes over a .mailrc"], as_json=as_json)


@mail.command("index")
@in_folder
@mine
def mail_index(folder: str | None, member: str, box: str, *, as_json: bool) -> None:
    """Take in what the index of a member's mail lacks, one folder first; the screens do it by themselves."""
    house = _open(folder)

    def emit(one: Learned) -> None:
        if as_json:
            click.echo(json.dumps(asdict(one)))
        elif one.stage == "known":
            click.echo(f"{one.folder}: {letters(one.total)}")
        elif one.done == one.total and one.stage == "words":
            click.echo(f"{one.folder}: the words of {letters(one.total)}")

    learn(place(house, member, box).parent, box, emit)


@mail.command("list")
@in_folder
@mine
def mail_list(folder: str | None, member: str, box: str, *, as_json: bool) -> None:
    """List the letters of a folder."""
    _rows(read.rows(_open(folder), member, box, "file"), as_json=as_json)


@mail.command("junk")
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option("--teach", is_flag=True, help="Once: all in junk is junk; what was read in inbox and archive is good.")
@click.option("--good", is_flag=True, help="It is none: out of junk, back into the inbox.")
@click.option("--folder", "box", metavar="FOLDER", help="Where it is; the inbox, or junk with --good.")
@mine
def mail_junk(
    folder: str | None, member: str, box: str | None, ids: Sequence[str], *, teach: bool, good: bool, as_json: bool
) -> None:
    """Put letters into junk, and teach the program that tells junk."""
    if teach == bool(ids):
        raise click.UsageError("junk takes the IDs of letters, or --teach alone")
    if teach:
        bad, fine = asyncio.run(junk.teach(_open(folder), member))
        said = f"taught: {letters(bad)} {_be(bad)} junk, {letters(fine)} {_be(fine)} good"
        _print({"junk": bad, "good": fine}, [said], as_json=as_json)
        return
    house, box = _open(folder), box or (junk.FOLDER if good else "inbox")
    chosen = [read.letter(house, member, box, id_).row.id for id_ in ids]
    learned = junk.letters(house, member, box, chosen)
    moved = move(house, member, box, chosen, "inbox" if good else junk.FOLDER)
    asyncio.run(junk.train(house, learned, good=good))
    _print(asdict(moved), [f"{letters(len(moved.ids))} moved to {moved.to}"], as_json=as_json)


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


@mail.command("rules")
@click.option("--test", "last", type=click.IntRange(min=1), metavar="N", help="Try them on the last N letters.")
@mine
def mail_rules(folder: str | None, member: str, last: int | None, *, as_json: bool) -> None:
    """Show a member's own rules in their order, or what they would make of past letters."""
    house = _open(folder)
    rules = own.rules(house, member)
    if last is None:
        values = [{"words": filing.words(rule), **filing.entries(rule)} for rule in rules]
        lines = [f"{n}  {filing.words(rule)}" for n, rule in enumerate(rules, 1)]
        _print(values, lines or ["no rules yet; R on a letter in the screens makes one"], as_json=as_json)
        return
    fates = own.tried(house, member, rules, last)
    caught = [fate for fate in fates if fate.filed.by]
    values = [{**_row(fate.row), "folder": fate.folder, "filed": asdict(fate.filed)} for fate in caught]
    lines = own.summary(fates)
    lines += [f"{fate.row.id}  {fate.folder} -> {fate.to}  {fate.row.sender}  {fate.row.subject}" for fate in caught]
    _print(values, lines, as_json=as_json)


def _language() -> str:
    """The language of searches, as a block of help that is not wrapped."""
    return "\b\n" + "\n".join(f"{what:27}{meaning}" for what, meaning in query.LANGUAGE)


@mail.command(
    "search",
    help=f"List the letters that are looked for, the newest first.\n\n{_language()}",
    # A word after a minus is no option here.
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
@click.argument("words", metavar="QUERY...", nargs=-1, required=True)
@click.option("--everywhere", is_flag=True, help="In all folders, and not in one.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many, the newest.")
@in_folder
@mine
def mail_search(
    folder: str | None,
    member: str,
    box: str,
    words: tuple[str, ...],
    limit: int | None,
    *,
    everywhere: bool,
    as_json: bool,
) -> None:
    """List the letters that are looked for."""
    house, wanted = _open(folder), query.parse(" ".join(words), clock())
    there = read.all_folders(house, member)
    if faults := [*wanted.faults, *(_no(name, there) for name in wanted.folders if not query.places(name, there))]:
        raise InputError(faults[0])
    found = read.search(house, member, wanted, None if everywhere else box)
    newest = found[-limit if limit else 0 :][::-1]
    _rows(newest, as_json=as_json, where=everywhere or bool(wanted.folders))
    if found.left:
        told = f"{letters(found.left)} could not be read, and only their heads were searched; try again later"
        click.echo(f"mailrun: {told}", err=True)


def _no(folder: str, there: Sequence[str]) -> str:
    return f"there is no folder {safe(folder)}; the folders are {', '.join(map(safe, there))}"


def _rows(found: Sequence[read.Row], *, as_json: bool, where: bool = False) -> None:
    """Letters, one a line; with their folders where they are of several."""
    when = [f"{row.date:%Y-%m-%d %H:%M}" if row.date else "no date" for row in found]
    place = [f"{safe(row.folder):10}  " if where else "" for row in found]
    lines = [
        f"{row.id}  {date:16}  {folder}{row.sender}  {row.subject}"
        for row, date, folder in zip(found, when, place, strict=True)
    ]
    _print([_row(row) for row in found], lines or ["no letters"], as_json=as_json)


def _row(row: read.Row) -> dict[str, Any]:
    """A letter of a folder, with the names of the contract."""
    routed = row.routed and {
        "how": row.routed.how,
        "header": row.routed.header,
        "address": row.routed.address,
    }
    return {
        "id": row.id,
        "from": row.sender,
        "to": row.to,
        "subject": row.subject,
        "date": row.date,
        "size": row.size,
        "flags": row.flags,
        "stub": row.stub,
        "routed": routed,
        "failed": row.failed,
        "folder": row.folder,
    }


@mail.command("show")
@click.argument("id_", metavar="ID")
@in_folder
@mine
def mail_show(folder: str | None, member: str, box: str, id_: str, *, as_json: bool) -> None:
    """Show one letter as text."""
    letter = read.letter(_open(folder), member, box, id_)
    value = {
        **_row(letter.row),
        "headers": letter.head,
        "text": letter.text,
        "attachments": [asdict(part) for part in letter.attachments],
        "why": letter.why,
        "failed": letter.failed,
        "about": letter.about,
    }
    shown = [f"{name}: {text}" for name, text in letter.head if name.lower() in ("from", "to", "cc", "date", "subject")]
    lost = [f"[{one.address} did not get it: {one.why}]" for one in letter.failed]
    _print(value, [*shown, *filter(None, [letter.why]), *lost, "", letter.text], as_json=as_json)


@cli.command()
@click.argument("files", type=click.File("rb"), nargs=-1)
@click.option("--maildrop", "name", default="", help="As if they had come from this maildrop.")
@click.option("--changed", metavar="TOML", help="Tell what these settings would change for the last 100 letters.")
@common
def why(folder: str | None, files: Sequence[Any], name: str, changed: str | None, *, as_json: bool) -> None:
    """Tell who would get the messages in FILES, and by which evidence; nothing is delivered."""
    house = _open(folder)
    if bool(files) == bool(changed):
        raise click.UsageError("why takes files of messages, or --changed and other settings")
    if changed:
        found = compare(house, parsed(Path(changed)))
        lines = [f"{c.row.subject or 'no subject'}: {_whom(c.before)} -> {_whom(c.after)}" for c in found]
        values = [{**_row(c.row), "before": asdict(c.before), "after": asdict(c.after)} for c in found]
        _print(values, lines or ["no letter would go to somebody else"], as_json=as_json)
        return
    messages = [file.read() for file in files]
    routed = [judge(message, house.config, name) for message in messages]
    by = [filed(message, one, house.config) for message, one in zip(messages, routed, strict=True)]
    told = [[_whom(one), *_rules(rules)] for one, rules in zip(routed, by, strict=True)]
    several = len(files) > 1
    lines = [
        f"{file.name}: {line}" if several else line for file, each in zip(files, told, strict=True) for line in each
    ]
    values = [{**asdict(one), "filed": rules} for one, rules in zip(routed, by, strict=True)]
    _print(values if several else values[0], lines, as_json=as_json)


def _rules(filed: Mapping[str, Filed]) -> list[str]:
    """What members' own rules make of a letter."""
    return [f"{member}: {filing.outcome(one)}, by the rule: {one.by}" for member, one in filed.items()]


def _whom(routed: splitting.Routed) -> str:
    """Who gets a letter, and why."""
    return f"{', '.join(routed.members)}: {splitting.words(routed)}"


@cli.command()
@click.option("--limit", default=50, show_default=True, help="At most so many, the newest first.")
@common
def statements(folder: str | None, limit: int, *, as_json: bool) -> None:
    """Show the account of past runs."""
    found = runs.statements(_open(folder).ledger, limit)
    values = [
        {"started": s.started, "ended": s.ended, "number": s.number, "rate": s.rate, **asdict(s.finished)}
        for s in found
    ]
    lines = [
        f"{s.started:%Y-%m-%d %H:%M}  {s.finished.outcome}  {s.finished.sent} sent  {s.finished.fetched} fetched  "
        f"{s.finished.seconds_online:.0f} s  {s.finished.cost} {s.finished.currency}  {s.finished.why}"
        for s in found
    ]
    _print(values, lines or ["no run yet"], as_json=as_json)


@cli.command()
@common
def check(folder: str | None, *, as_json: bool) -> None:
    """Look whether all is well; nothing is dialled."""
    house = _open(folder)
    findings = asyncio.run(check_house(house, world(house.config, house.folder)))
    findings += [asyncio.run(junk.look(house, house.config.junk))] if house.config.junk.kind != "none" else []
    lines = [f"{f.level:4}  {f.what}" + (f"\n      {f.remedy}" if f.remedy else "") for f in findings]
    _print([asdict(f) for f in findings], lines, as_json=as_json)
    if any(f.level == "fail" for f in findings):
        raise SystemExit(os.EX_UNAVAILABLE)


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--from", "first", metavar="FILE...", multiple=True, help="Take over an old set-up: its files.")
@click.argument("more", metavar="", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")
def init(folder: Path, first: tuple[str, ...], more: tuple[str, ...], *, as_json: bool) -> None:
    """Write a commented household.toml into DIR.

    With --from it is made of a .fetchmailrc, /etc/aliases, a genericstable, sendmail.mc and wvdial.conf, as many as
    there are, and for each of their lines is told what became of it.
    """
    if more and not first:
        raise click.UsageError("only one DIR can be given; name files of an old set-up after --from")
    path = folder / config.FILE
    if path.exists():
        raise InputError(f"{path} is there already; edit it, or name another folder")
    adopted = adopt({name: files.text(Path(name)) for name in (*first, *more)}, getpass.getuser()) if first else None
    settings.write(path, adopted.text if adopted else template(getpass.getuser()))
    notes = adopted.notes if adopted else ()
    told = [f"{note.file}:{note.line}: {note.verdict}: {note.text} -> {note.meaning}" for note in notes]
    told.append(f"wrote {path}; fill in the lines that are marked, then `mailrun --household {folder} check`")
    _print([asdict(note) for note in notes], told, as_json=as_json)


@cli.command()
@click.option("--once", is_flag=True, help="One run without screens.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, an event each.")
def demo(*, once: bool, as_json: bool) -> None:
    """Try mailrun in a made-up house with a make-believe modem and provider."""
    if not once:
        raise click.UsageError("`mailrun demo` opens the screens; `mailrun demo --once` needs none")
    from core.rehearsal.stage import stage  # noqa: PLC0415 the make-believe world is loaded for the demo only

    async def rehearse(folder: Path) -> None:
        async with stage(folder):
            house = open_household(folder)
            await run(house, world(house.config, folder), teller(as_json=as_json))

    with tempfile.TemporaryDirectory(prefix="mailrun-demo-") as folder:
        to_end(rehearse(Path(folder)))


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The command line; ends the process with a status of sysexits.h."""
    sys.exit(status(lambda: cli.main(arguments, prog_name="mailrun", standalone_mode=False)))


def status(command: Callable[[], object]) -> int:
    """Run a command; its exit status, after one sentence on stderr when something is wrong."""
    try:
        result = command()
    except click.UsageError as error:
        click.echo(f"mailrun: {error.format_message()}", err=True)
        return os.EX_USAGE
    except click.ClickException as error:
        click.echo(f"mailrun: {error.format_message()}", err=True)
        return os.EX_DATAERR
    except MailrunError as error:
        click.echo(f"mailrun: {error}", err=True)
        return error.status
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return os.EX_OK
    except (click.Abort, KeyboardInterrupt):
        return os.EX_TEMPFAIL
    return result if isinstance(result, int) else os.EX_OK
