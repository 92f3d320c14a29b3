import pytest

from core.mail.blocks import Block, Card, File, Link, Note, Quote, Signature, Text, depth, said
from core.mail.lines import lines, written
from core.mail.parts import Part

ORIGINAL = "-----Original Message-----"
LONG = tuple(f"> {number}" for number in range(8))


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", [Text(("",))]),
        ("One\n\nTwo", [Text(("One", "", "Two"))]),
        ("> a\nb", [Quote((), ("> a",)), Text(("b",))]),
        ("On Monday\nPaul wrote:\n> a\n>> b", [Quote(("On Monday", "Paul wrote:"), ("> a", ">> b"))]),
        ("Yes.\n\nHe wrote:\n\n> a", [Text(("Yes.", "")), Quote(("He wrote:", ""), ("> a",))]),
        ("Yes.\n> a", [Text(("Yes.",)), Quote((), ("> a",))]),
        ("a:\nb:\nc:\nd:\n> x", [Text(("a:", "b:", "c:", "d:")), Quote((), ("> x",))]),
        ("> a\n\n> b\n\n\n> c", [Quote((), ("> a", "", "> b")), Text(("", "")), Quote((), ("> c",))]),
        ("a\n-- \nPaul", [Text(("a",)), Signature(("-- ", "Paul"))]),
        ("a\n--\nPaul\n> b\nc", [Text(("a",)), Signature(("--", "Paul")), Quote((), ("> b",)), Text(("c",))]),
        ("-- \nPaul", [Signature(("-- ", "Paul"))]),
        ("a\n-----BEGIN PGP SIGNATURE-----\nx", [Text(("a",)), Signature(("-----BEGIN PGP SIGNATURE-----", "x"))]),
        (
            "Yes.\n\n-----Original Message-----\nFrom: Ann\n\nShall we?\n-- \nAnn",
            [Text(("Yes.", "")), Quote((ORIGINAL,), ("From: Ann", "", "Shall we?", "-- ", "Ann"))],
        ),
        (f"Ja.\n{'_' * 32}\nVon: Ann\nHm?", [Text(("Ja.",)), Quote(("_" * 32,), ("Von: Ann", "Hm?"))]),
        (f"a\n{'_' * 32}\nA mailing list", [Text(("a", "_" * 32, "A mailing list"))]),
        ("----- Forwarded message -----\nb", [Text(("----- Forwarded message -----", "b"))]),
        ("--------", [Text(("--------",))]),
    ],
)
def test_text_is_told_from_quotes_and_signatures(text: str, blocks: list[Block]) -> None:
    """What leads to a quote belongs to it; a signature ends where somebody is quoted below it."""
    assert list(said(text)) == blocks
    assert written(blocks).strip("\n") == text.strip("\n")


@pytest.mark.parametrize(
    ("line", "deep"), [("a", 0), ("> a", 1), (">> a", 2), ("> > a", 2), (">  > a", 1), (">>>", 3), (" > a", 0)]
)
def test_depth(line: str, deep: int) -> None:
    """Marks count with or without spaces between them."""
    assert depth(line) == deep


def test_a_long_quote_can_be_folded_into_the_line_that_leads_to_it() -> None:
    """It is so at first; the lines of it lie in the fold, that line does not."""
    first, _, *quoted = lines([Text(("Yes.", "")), Quote(("Paul wrote:",), LONG)])
    head, *below = quoted

    assert (first.opens, head.opens, head.folded) == (0, 1, True)
    assert head.closed == "┆ Paul wrote:   + 8 quoted lines"
    assert {line.inside for line in below} == {(1,)}
    assert head.inside == ()


def test_a_quote_that_nobody_leads_to_is_folded_into_its_first_line() -> None:
    """That line stands for all."""
    *_, head, second = list(lines([Text(("Yes.",)), Quote((), LONG)]))[:3]

    assert (head.text, head.opens, head.closed) == ("> 0", 1, "┆ + 8 quoted lines")
    assert second.inside == (1,)


@pytest.mark.parametrize(
    ("intro", "closed"),
    [
        ("Paul wrote:", "┆ Paul wrote:   + 8 quoted lines"),
        (ORIGINAL, "┆ Original Message   + 8 quoted lines"),
        ("_" * 32, "┆ > 0   + 8 quoted lines"),
    ],
)
def test_a_fold_tells_what_leads_to_it(intro: str, closed: str) -> None:
    """In words, where there are some."""
    assert next(lines([Quote((intro,), LONG)])).closed == closed


def test_short_quotes_and_letters_that_only_quote_stay_open() -> None:
    """A letter shows at least something."""
    assert not any(line.opens for line in lines([Text(("Yes.",)), Quote(("He:",), LONG[:6])]))
    assert not any(line.folded for line in lines([Quote((), LONG)]))


def test_cards_have_a_frame_and_lie_in_each_other() -> None:
    """Each is a fold; what is inside lies in both."""
    inner = Card("Enclosed letter", "Letter from Luc: Saw", (("From", "Luc"),), (Text(("a",)), Quote((), LONG)))
    card = Card(
        "Enclosed letter", "Letter from Ann: Plums", (("From", "Ann"), ("Subject", "Plums")), (inner,), folded=True
    )
    shown = list(lines([card]))

    assert [line.mark + line.text for line in shown[:6]] == [
        "│ Enclosed letter",
        "│ From     Ann",
        "│ Subject  Plums",
        "│ ",
        "│ │ Enclosed letter",
        "│ │ From  Luc",
    ]
    assert shown[0].closed == "┆ Letter from Ann: Plums   + 15 lines"
    assert shown[0].folded
    assert shown[4].closed.startswith("│ ┆ Letter from Luc: Saw")
    assert shown[-1].inside == (1, 2, 3)


def test_a_row_of_folded_cards_has_nothing_between_them() -> None:
    """Until they are unfolded."""
    shown = list(
        lines([Card("One", "One", (("a", "b"),), folded=True), Card("Two", "Two", (("a", "b"),), folded=True)])
    )

    assert [(line.text, line.inside) for line in shown] == [
        ("One", ()),
        ("a  b", (1,)),
        ("", (1,)),
        ("Two", ()),
        ("a  b", (2,)),
    ]


def test_links_and_files_come_with_what_is_doubtful_about_them() -> None:
    """Numbered, each with its sentence below it."""
    part = Part("a.pdf.exe", "application/pdf", 1500, "2", "Windows program", "its name ends in .exe")

    assert written(
        [Note("Signed."), Link(1, "http://a", "says b, leads to a"), Link(2, "http://c"), File(1, part)]
    ) == (
        "Signed.\n\nLinks:\n[1] http://a\n    says b, leads to a\n[2] http://c\n\n"
        "Attached:\n[1] a.pdf.exe   Windows program, 2 kB\n    its name ends in .exe"
    )
