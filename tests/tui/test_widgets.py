import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown

from core.mail import lines as drawn
from core.mail.blocks import said
from core.read import Row
from tests.tui.steps import shown
from tui.theme import THEMES
from tui.widgets.folders import title
from tui.widgets.letters import SIGNS, Letters
from tui.widgets.reader import Line, Reader
from tui.widgets.vlist import fitted
from tui.widgets.wrapping import wrapped

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


def row(number: int) -> Row:
    """A letter of no importance."""
    return Row(str(number), "Grandma", "paul", f"Letter {number}", NOW, 1000, "RO", stub=False, routed=None)


class Desk(App[int]):
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


async def test_the_picture_stays_when_letters_come_above() -> None:
    """The row under the cursor is in the same line of the screen as before."""
    async with Desk().run_test(size=(80, 24)) as pilot:
        letters = pilot.app.query_one(Letters)
        letters.load([row(number) for number in range(100)], 50)
        await pilot.pause()
        letters.cursor = 47
        await pilot.pause()
        line = letters.cursor - letters.scroll_offset.y
        letters.load([row(number) for number in range(-20, 100)])
        await pilot.pause()

        assert letters.current_key == "47"
        assert letters.cursor - letters.scroll_offset.y == line
        letters.load([row(number) for number in range(40, 100)])
        await pilot.pause()
        assert letters.cursor - letters.scroll_offset.y == min(line, letters.cursor)


async def test_the_wheel_looks_elsewhere_and_new_letters_do_not_call_back() -> None:
    """Who has scrolled away from the cursor sees the same letters when others come."""
    async with Desk().run_test(size=(80, 24)) as pilot:
        letters = pilot.app.query_one(Letters)
        letters.load([row(number) for number in range(100)], 0)
        await pilot.pause()
        for _ in range(9):
            await pilot._post_mouse_events([MouseScrollDown], Letters, offset=(9, 9))
        away = letters.scroll_offset.y
        assert away > 10
        letters.load([row(number) for number in range(120)])
        await pilot.pause()
        assert letters.scroll_offset.y == away

        letters.action_down()
        await pilot.resize_terminal(80, 12)
        await pilot.pause()
        assert letters.current_key == "1"
        assert letters.scroll_offset.y <= 1


THREAD = (("plum", 0, 3), ("saw", 1, 1), ("wood", 2, 0), ("bench", 1, 0), ("berth", 0, 0))


def thread(*unread: str) -> list[Row]:
    """A conversation of four letters, and one that stands alone."""
    shape = [(row(0), *each) for each in THREAD]
    return [
        replace(
            one,
            id=name,
            subject=name,
            depth=depth,
            replies=replies,
            flags="" if name in unread else "R",
            date=NOW - timedelta(minutes=name == "plum"),
        )
        for one, name, depth, replies in shape
    ]


def lines(letters: Letters) -> list[str]:
    """What the list shows."""
    return [letters.render_line(y).text.rstrip() for y in range(len(letters.rows))]


async def test_a_thread_is_a_tree_that_can_be_folded() -> None:
    """Folded, it tells how many replies it hides, and is bold where one of them is unread; the cursor stays on it."""
    async with Desk().run_test() as pilot:
        letters = pilot.app.query_one(Letters)
        letters.threaded = True
        letters.load(thread("wood"), 2)
        letters.focus()
        await pilot.pause()
        assert " plum " in lines(letters)[0]
        assert "  └─ wood" in lines(letters)[2]
        assert "18:29" in lines(letters)[0]

        await pilot.press("z")
        assert [one.subject for one in letters.rows] == ["plum", "berth"]
        assert letters.current_key == "plum"
        assert "+3 plum" in lines(letters)[0]
        assert "18:30" in lines(letters)[0]  # when the newest of them came
        assert [cell.look for cell in letters.cells(letters.rows[0], 80)][5] == "strong"
        letters.load(thread())
        assert [cell.look for cell in letters.cells(letters.rows[0], 80)][5] == "plain"

        await pilot.press("Z", "j", "V", "Z")
        assert letters.picked == {"plum", "saw", "wood", "bench"}
        assert [one.id for one in letters.chosen] == ["plum", "saw", "wood", "bench"]
        await pilot.press("V")
        assert [one.id for one in letters.chosen] == ["plum", "saw", "wood", "bench"]


async def test_a_folded_thread_opens_for_an_unread_letter() -> None:
    """The next unread letter is found where it hides, and round the end of the list."""
    async with Desk().run_test() as pilot:
        letters = pilot.app.query_one(Letters)
        letters.load(thread("wood", "berth"), 0)
        letters.action_fold()

        letters.cursor = letters.unread_after() or 0
        assert letters.current_key == "wood"
        letters.cursor = letters.unread_after() or 0
        assert letters.current_key == "berth"
        letters.cursor = letters.unread_after() or 0
        assert letters.current_key == "wood"
        letters.mark({"R": ["wood", "berth"]})
        assert letters.unread_after() is None


@pytest.mark.parametrize(
    ("folder", "shown"),
    [
        ("inbox", "Inbox"),
        ("/triage", "Triage"),
        ("/search/from Luc", "From Luc"),
        ('/list/"Nelug talk" <nelug.lists.example>', "Nelug talk"),
        ("/list/<nelug.lists.example>", "nelug"),
        ("/list/nelug.lists.example", "nelug"),
    ],
)
def test_a_folder_is_called_as_people_do(folder: str, shown: str) -> None:
    """A mailing list by its words, else by the first of its id."""
    assert title(folder) == shown


@pytest.mark.parametrize("width", [60, 80, 120, 160])
async def test_the_scrollbar_covers_no_column(width: int) -> None:
    """The last column is whole, with and without it."""
    async with Desk().run_test(size=(width, 24)) as pilot:
        letters = pilot.app.query_one(Letters)
        for count in (1, 100):
            letters.load([row(number) for number in range(count)])
            await pilot.pause()
            await pilot.pause()
            assert "18:30" in shown(pilot).splitlines()[0]


@pytest.mark.parametrize("width", [60, 80, 120, 160])
@pytest.mark.parametrize("depth", [0, 1, 30])
def test_columns_are_as_wide_as_the_list(width: int, depth: int) -> None:
    """Whatever the letter, the columns stand below each other."""
    letters = Letters()
    letters.now = NOW
    full = replace(row(1), flags="FP", mixed=True, scope="list", depth=depth, subject="写真" * 99, failed=True)
    plain = replace(row(2), date=None, stub=True)

    widths = [[cell.width for cell in letters.cells(one, width)] for one in (full, plain)]
    assert widths[0] == widths[1]
    assert sum(widths[0]) == width


def test_every_mark_in_the_list_is_explained() -> None:
    """What a letter's marks mean is told on the help screen; none is by colour alone."""
    letters = Letters()
    letters.now = NOW
    shown = ""
    for change in ({"flags": ""}, {"flags": "RA"}, {"flags": "RP"}, {"failed": True}, {"flags": "D"}, {"stub": True}):
        shown += letters.cells(replace(row(1), **{"flags": "R", **change}), 80)[0].text  # type: ignore[arg-type]
    for scope in ("me", "list", "house"):
        shown += letters.cells(replace(row(1), scope=scope), 80)[2].text

    assert shown == "●rfxD◌TLH"
    assert set(shown) <= set("".join(sign for sign, _ in SIGNS))


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
    assert [row.prefix + row.text for row in wrapped([Line(line)], width)] == parts


@pytest.mark.parametrize(
    ("closed", "width", "shown"),
    [
        ("┆ Paul wrote:   + 14 quoted lines", 40, "┆ Paul wrote:   + 14 quoted lines"),
        ("┆ Paul wrote at length:   + 14 quoted lines", 34, "┆ Paul wrote …   + 14 quoted lines"),
        ("┆ + 14 quoted lines", 10, "┆ + 14 qu…"),
    ],
)
def test_a_fold_says_how_much_is_in_it(closed: str, width: int, shown: str) -> None:
    """What leads to it is cut first."""
    assert [row.text for row in wrapped([Line("x", opens=1, closed=closed)], width, {1})] == [shown]


def test_a_line_of_a_million_characters_is_wrapped_in_a_moment() -> None:
    """Nobody can stop the screens with one long line."""
    start = time.process_time()
    parts = list(wrapped([Line("x" * 1_000_000), Line("y " * 500_000)], 76))

    assert len(parts) > 20_000
    assert time.process_time() - start < 2


def test_quotes_and_signatures_have_their_looks() -> None:
    """By depth; what follows the signature mark is dim."""
    looks = [line.look for line in drawn.lines(said("Hi\n> one\n>> two\n> > two\n> > > three\n--\nPaul"))]

    assert looks == ["plain", "quote", "deeper", "deeper", "quote", "dim", "dim"]


async def test_ten_thousand_lines_open_and_scroll_quickly() -> None:
    """A long letter is wrapped once, and only what is seen is drawn."""
    text = "\n".join(f"line {number} of a letter that is rather long" for number in range(10_000))
    async with Desk().run_test() as pilot:
        reader = pilot.app.query_one(Reader)
        start = time.process_time()
        reader.load(drawn.lines(said(text)))
        spent = time.process_time() - start
        await pilot.pause()
        reader.action_end(last=True)
        await pilot.pause()

        assert reader.scroll_offset.y > 9000
        assert spent < 0.5
