from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail.thread import subject, threads

DAY = 86400
Letter = tuple[str, str, str, int]  # Message-ID, references, subject, day
CASES: dict[str, tuple[list[Letter], list[str]]] = {
    "an answer is below its letter, and another answer beside it": (
        [("a", "", "x", 1), ("b", "a", "Re: x", 2), ("c", "a b", "Re: x", 3), ("d", "a", "Re: x", 4)],
        ["a", " b", "  c", " d"],
    ),
    "the order in the file makes no difference": (
        [("c", "a b", "Re: x", 3), ("d", "a", "Re: x", 4), ("b", "a", "Re: x", 2), ("a", "", "x", 1)],
        ["a", " b", "  c", " d"],
    ),
    "threads come by their newest letter": (
        [("a", "", "x", 1), ("b", "", "y", 2), ("c", "a", "Re: x", 3)],
        ["b", "a", " c"],
    ),
    "where the nearest letter is missing, the next one counts": (
        [("a", "", "x", 1), ("c", "a b", "Re: x", 3)],
        ["a", " c"],
    ),
    "brothers of a missing letter are below the eldest": (
        [("c", "a", "Re: x", 3), ("b", "a", "Re: y", 2), ("d", "a b", "Re: z", 4)],
        ["b", " c", " d"],
    ),
    "another letter tells whose child a missing letter is": (
        [("a", "", "x", 1), ("d", "a b c", "Re: x", 4), ("c2", "b", "Re: other", 5)],
        ["a", " d", " c2"],
    ),
    "an answer without references is found by its subject": (
        [("a", "", "[list] Pears", 1), ("b", "", "AW: Re[2]: pears", 2), ("c", "", "RE:  [list] Re: PEARS", 3)],
        ["a", " b", " c"],
    ),
    "letters that begin anew with an old subject are no answers": (
        [("a", "", "Statement", 1), ("b", "", "Statement", 31), ("c", "", "Re: Statement", 32)],
        ["a", "b", " c"],
    ),
    "after a season the same subject is another matter": (
        [("a", "", "Hello", 1), ("b", "", "Re: Hello", 400)],
        ["a", "b"],
    ),
    "answers to a letter that is nowhere are below the first of them": (
        [("b", "", "Re: x", 2), ("c", "", "Re: x", 3)],
        ["b", " c"],
    ),
    "no subject is no common subject": ([("a", "", "", 1), ("b", "", "Re:", 2)], ["a", "b"]),
    "letters that are each other's parents do not hide each other": (
        [("a", "b", "x", 2), ("b", "a", "y", 1), ("c", "a", "z", 3)],
        ["b", " a", "  c"],
    ),
    "a letter is not its own parent": ([("a", "a", "x", 1)], ["a"]),
    "copies of a letter stand side by side": (
        [("a", "", "x", 1), ("b", "a", "y", 2), ("b", "a", "y", 2), ("c", "b", "z", 3)],
        ["a", " b", "  c", " b"],
    ),
    "letters without an id have no answers": ([("", "", "x", 1), ("b", "", "y", 2)], ["", "b"]),
}
IDS = st.sampled_from(["", "a", "b", "c", "d", "e", "missing", "nowhere"])
LETTERS = st.lists(
    st.tuples(
        IDS, st.lists(IDS.filter(bool)).map(" ".join), st.sampled_from(["", "x", "Re: x", "Re: y"]), st.integers(0, 9)
    ),
    max_size=12,
)


def drawn(letters: list[Letter]) -> list[str]:
    """The ids in their order, each with a space for each level."""
    ids, days = [one[0] for one in letters], [one[3] * DAY for one in letters]
    found = threads(ids, [one[1] for one in letters], [one[2] for one in letters], days)
    return [" " * depth + ids[at] for at, depth in zip(found.order, found.depths, strict=True)]


@pytest.mark.parametrize("case", CASES)
def test_letters_are_where_they_belong(case: str) -> None:
    """The case says how."""
    letters, shown = CASES[case]

    assert drawn(letters) == shown


@given(LETTERS)
def test_whatever_letters_refer_to_each_is_there_once(letters: list[Letter]) -> None:
    """A child is one level below its parent, and what is below a letter follows it."""
    ids, days = [one[0] for one in letters], [one[3] for one in letters]
    found = threads(ids, [one[1] for one in letters], [one[2] for one in letters], days)

    assert sorted(found.order) == list(range(len(letters)))
    for at, (depth, replies) in enumerate(zip(found.depths, found.replies, strict=True)):
        below = found.depths[at + 1 : at + 1 + replies]
        assert len(below) == replies
        assert not below or (below[0] == depth + 1 and min(below) > depth)
        assert all(now <= before + 1 for before, now in pairwise(below))
        assert at + 1 + replies == len(letters) or found.depths[at + 1 + replies] <= depth
    assert not found.depths or found.depths[0] == 0


@given(LETTERS.filter(lambda letters: len({id_ for id_, *_ in letters if id_}) == sum(bool(one[0]) for one in letters)))
def test_threads_do_not_depend_on_the_order_in_the_file(letters: list[Letter]) -> None:
    """Where ids are unique and no two letters are of one time."""
    letters = [(*one[:3], day) for day, one in enumerate(letters)]
    if letters:
        assert drawn(letters) == drawn(letters[::-1])


def test_long_chains_of_letters_that_are_not_there_are_walked_once() -> None:
    """A hostile hundred thousand of references costs no more than an honest one."""
    count = 3000
    references = [" ".join(f"<{30 * at + one}>" for one in range(31)) for at in range(count)]
    found = threads([""] * count, references, [""] * count, list(range(count)))

    assert found.replies[0] == count - 1


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("Re: AW: Fish", ("fish", True)),
        ("[boats] Re[3]: [boats] Fish", ("fish", True)),
        ("Réunion: today", ("réunion: today", False)),
        ("Reading: a list", ("reading: a list", False)),
        ("[urgent]", ("", False)),
        ("", ("", False)),
    ],
)
def test_a_subject_is_compared_without_what_answers_put_before_it(text: str, base: tuple[str, bool]) -> None:
    """In the languages of those who write."""
    assert subject(text) == base
