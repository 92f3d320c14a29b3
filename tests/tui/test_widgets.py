import time
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from core.read import Row
from tui.theme import THEMES
from tui.widgets.letters import Letters
from tui.widgets.reader import Line, Reader, body, wrapped
from tui.widgets.vlist import fitted

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


def row(number: int) -> Row:
    """A letter of no importance."""
    return Row(str(number), "Grandma", "paul", f"Letter {number}", NOW, 1000, "RO", stub=False, routed=None)


class Desk(App[None]):
    """A list and a reader, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def compose(self) -> ComposeResult:
        """Both."""
        letters = Letters(id="letters")
        letters.now = NOW
        yield letters
        yield Reader(id="reader")


@pytest.mark.parametrize(
    ("text", "width", "right", "cells"),
    [
        ("plum", 6, False, "plum  "),
        ("plum", 6, True, "  plum"),
        ("plum tree", 6, False, "plum …"),
        ("写真写真", 6, False, "写真 …"),
        ("写真", 1, False, "…"),
        ("x", 0, False, ""),
    ],
)
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int, right: bool, cells: str) -> None:
    """Wide characters count twice, and what is cut says so."""
    assert fitted(text, width, right=right) == cells
    assert cell_len(cells) == width


async def test_a_hundred_thousand_letters_are_there_at_once() -> None:
    """Loading takes a moment, and a key draws two lines, not the list."""
    rows = [row(number) for number in range(100_000)]
    async with Desk().run_test() as pilot:
        letters = pilot.app.query_one(Letters)
        start = time.process_time()
        letters.load(rows, -1)
        for _ in range(50):
            letters.action_up()
            letters.render_line(3)
        spent = time.process_time() - start
        await pilot.pause()

        assert letters.current_key == "99949"
        assert spent < 0.5


async def test_the_cursor_stays_on_its_letter_when_others_come() -> None:
    """It is the letter that is remembered, not its place."""
    async with Desk().run_test() as pilot:
        letters = pilot.app.query_one(Letters)
        letters.load([row(number) for number in range(10)], 5)
        letters.load([row(number) for number in range(-3, 10)])
        await pilot.pause()

        assert letters.current_key == "5"
        letters.load([row(number) for number in range(3)])
        assert letters.current_key == "2"


@pytest.mark.parametrize(
    ("line", "width", "parts"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("one two", 7, ["one two"]),
        ("> one two three", 9, ["> one two", "> three"]),
        (">> one two three", 10, [">> one two", ">> three"]),
        ("  one two three", 9, ["  one two", "  three"]),
        ("abcdefghijkl", 5, ["abcde", "fghij", "kl"]),
        ("写真写真写真", 5, ["写真", "写真", "写真"]),
        ("", 5, [""]),
    ],
)
def test_long_lines_are_wrapped_at_words(line: str, width: int, parts: list[str]) -> None:
    """Quotes and indents go on; a word is broken only when it is longer than the line."""
    assert [part.text for part in wrapped([Line(line)], width)] == parts


def test_a_line_of_a_million_characters_is_wrapped_in_a_moment() -> None:
    """Nobody can stop the screens with one long line."""
    start = time.process_time()
    parts = list(wrapped([Line("x" * 1_000_000), Line("y " * 500_000)], 76))

    assert len(parts) > 20_000
    assert time.process_time() - start < 2


def test_quotes_and_signatures_have_their_looks() -> None:
    """By depth; what follows the signature mark is dim."""
    lines = list(body("Hi\n> one\n>> two\n> > two\n--\nPaul"))

    assert [line.look for line in lines] == ["plain", "quote", "deeper", "deeper", "dim", "dim"]


async def test_ten_thousand_lines_open_and_scroll_quickly() -> None:
    """A long letter is wrapped once, and only what is seen is drawn."""
    text = "\n".join(f"line {number} of a letter that is rather long" for number in range(10_000))
    async with Desk().run_test() as pilot:
        reader = pilot.app.query_one(Reader)
        start = time.process_time()
        reader.load(body(text))
        spent = time.process_time() - start
        await pilot.pause()
        reader.action_end(last=True)
        await pilot.pause()

        assert reader.scroll_offset.y > 9000
        assert spent < 0.5
