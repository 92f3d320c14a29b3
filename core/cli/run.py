"""Make a mail run, or one in the made-up house.

Never: what a run does.
"""

import asyncio
import contextlib
import json
import signal
import tempfile
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.cli.common import answer, common, jsonable, later, opened
from core.due import due
from core.errors import LineError
from core.events import Emit, Event, plain, words
from core.household import Household
from core.open import clock, open_household
from core.run import run
from core.world import world


@click.command("run")
@click.option("--send-only", is_flag=True, help="Send what waits; fetch nothing.")
@click.option("--fetch-only", is_flag=True, help="Fetch; send nothing.")
@click.option("--if-due", is_flag=True, help="Only if [due] in household.toml says that it is time; else do nothing.")
@click.option("--over-budget", is_flag=True, help="Even if the month's budget is used up.")
@click.option("-v", "--verbose", is_flag=True, help="With --if-due: tell why there was a run, or none.")
@common
def run_command(
    folder: str | None,
    *,
    send_only: bool,
    fetch_only: bool,
    if_due: bool,
    over_budget: bool,
    verbose: bool,
    as_json: bool,
) -> None:
    """Make one mail run: line up, send and fetch, hang up."""
    if send_only and fetch_only:
        raise click.UsageError("--send-only and --fetch-only exclude each other; leave both out to do both")
    house = opened(folder)
    if if_due and not _due(house, verbose=verbose, as_json=as_json):
        return
    outside = world(house.config, house.folder)
    with telling(as_json=as_json) as emit:
        to_end(run(house, outside, emit, send=not fetch_only, fetch=not send_only, over_budget=over_budget))


def _due(house: Household, *, verbose: bool, as_json: bool) -> bool:
    """Whether it is time; says why, or why not and when, to those who want to know."""
    found = due(house, clock())
    if as_json or verbose:
        line = f"due: {found.why}" if found.now else f"not due: {found.why}{later(found, clock())}"
        answer({"event": "due", **asdict(found)}, [line], as_json=as_json)
    return found.now


@click.command()
@click.option("--once", is_flag=True, help="One run without screens.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, an event each.")
def demo(*, once: bool, as_json: bool) -> None:
    """Try mailrun in a made-up house with a make-believe modem and provider."""
    if not once:
        raise click.UsageError("`mailrun demo` opens the screens; `mailrun demo --once` needs none")
    from core.rehearsal.stage import stage  # noqa: PLC0415 the make-believe world is loaded for the demo only

    async def rehearse(folder: Path, emit: Emit) -> None:
        async with stage(folder):
            house = open_household(folder)
            await run(house, world(house.config, folder), emit)

    with tempfile.TemporaryDirectory(prefix="mailrun-demo-") as folder, telling(as_json=as_json) as emit:
        to_end(rehearse(Path(folder), emit))


def telling(*, as_json: bool) -> contextlib.AbstractContextManager[Emit]:
    """Who hears of a run: what draws it, where a person looks and something draws; else lines."""
    drawn = click.get_current_context().obj
    return contextlib.nullcontext(teller(as_json=as_json)) if as_json or drawn is None else drawn()


def teller(*, as_json: bool) -> Emit:
    """Prints events: each as one JSON object, or in words where a person reads."""

    def emit(event: Event) -> None:
        if as_json:
            click.echo(json.dumps(plain(event), default=jsonable))
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
