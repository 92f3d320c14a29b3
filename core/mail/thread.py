"""Threads: which letter answers which, out of Message-ID, References (or In-Reply-To), Subject and date.

After Jamie Zawinski's algorithm: a letter is below the nearest of its references that is there; letters whose common
ancestor is not there are brothers below the eldest of them; an answer that names nothing known is put below an elder
letter with its subject. References may be wrong or hostile: whatever they say, each letter is there once.

Never: a letter's text; the order of letters in their mailbox.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_ANSWER = re.compile(r"(?:re|aw|sv|vs|antw|rif|odp|ynt)(?:\[\d+\]|\(\d+\))? ?: *", re.IGNORECASE)
_TAG = re.compile(r"\[[^\[\]]{1,40}\] *")  # the name of a list, which it puts before every subject
_AGE = 120 * 86400  # seconds after which the same subject is another matter


class Threads(NamedTuple):
    """Letters by their places in what was given: each once, a parent before what is below it, the newest thread last.

    ``depths``: how deep each of them is; ``replies``: how many letters are below it, which are the ones that follow.
    """

    order: list[int]
    depths: list[int]
    replies: list[int]


def subject(text: str) -> tuple[str, bool]:
    """A subject without what answers and lists put before it, for comparing; and whether it is one of an answer."""
    answer, before = False, ""
    while text != before:
        before = text
        text = _TAG.sub("", text, count=1) if text.startswith("[") else text
        if found := _ANSWER.match(text):
            answer, text = True, text[found.end() :]
    return text.strip().casefold(), answer


def threads(ids: Sequence[str], references: Sequence[str], subjects: Sequence[str], dates: Sequence[int]) -> Threads:
    """The threads of letters.

    Args:
        ids: Their Message-IDs; empty where there is none.
        references: The ids that each refers to, with spaces between, the nearest last.
        subjects: Their subjects.
        dates: When they were written, in seconds.
    """
    by_date = sorted(range(len(ids)), key=dates.__getitem__)
    parents = _referred(ids, references, by_date)
    _cut_loops(parents, dates)
    _by_subject(parents, subjects, dates, by_date)
    return _laid_out(parents, by_date)


def _referred(ids: Sequence[str], references: Sequence[str], by_date: list[int]) -> list[int]:
    """The parent of each letter by what it refers to; -1: none."""
    where = {id_: at for at, id_ in zip(range(len(ids) - 1, -1, -1), reversed(ids), strict=True) if id_}
    find = where.get
    parents, lost = [find(named, -1) if named else -1 for named in references], {}
    for at, parent in enumerate(parents):
        if parent < 0 and references[at]:  # several references, or one that is not there
            named = references[at].split(" ")
            parents[at] = next((there for one in reversed(named) if (there := find(one, -1)) >= 0), -1)
            if parents[at] != find(named[-1], -1) or parents[at] < 0:
                lost[at] = named
        if parents[at] == at:
            parents[at] = -1
    if lost:
        _gather(parents, where, lost, by_date)
    return parents


def _gather(parents: list[int], where: dict[str, int], lost: dict[int, list[str]], by_date: list[int]) -> None:
    """Letters that refer to letters which are not there: below an ancestor that is, or the eldest of the family."""
    above: dict[str, str] = {}
    for at in by_date:
        for elder, younger in pairwise(lost.get(at, ())):
            if younger not in where:
                above.setdefault(younger, elder)
    eldest: dict[str, int] = {}
    known: dict[str, str] = {}
    for at in by_date:
        if at in lost and parents[at] < 0:
            top = _top(lost[at][-1], above, where, known)
            parents[at] = where[top] if top in where else eldest.setdefault(top, at)
            if parents[at] == at:
                parents[at] = -1


def _top(id_: str, above: dict[str, str], where: dict[str, int], known: dict[str, str]) -> str:
    """The nearest ancestor of a missing letter that is there, or else the farthest one that is known of."""
    path = []
    while id_ not in where and id_ not in known and id_ in above:
        known[id_] = id_  # where the references go round in a circle, this is its top
        path.append(id_)
        id_ = above[id_]
    top = known.get(id_, id_)
    known.update(dict.fromkeys(path, top))
    return top


def _cut_loops(parents: list[int], dates: Sequence[int]) -> None:
    """Where letters are each other's ancestors, the eldest of them has no parent."""
    done = bytearray(len(parents))  # 1: on the way up from a letter, 2: known to end at the top
    for start in range(len(parents)):
        path, at = [], start
        while at >= 0 and not done[at]:
            done[at] = 1
            path.append(at)
            at = parents[at]
        if at >= 0 and done[at] == 1:
            parents[min(path[path.index(at) :], key=lambda one: (dates[one], one))] = -1
        for one in path:
            done[one] = 2


def _by_subject(parents: list[int], subjects: Sequence[str], dates: Sequence[int], by_date: list[int]) -> None:
    """Answers that stand alone go below the latest elder letter that began with this subject, or the first answer."""
    tops = [(at, *subject(subjects[at])) for at in by_date if parents[at] < 0]
    wanted = {base for _, base, answer in tops if answer and base}
    begun: dict[str, list[int]] = {}
    for at, base, answer in tops:
        if base not in wanted:
            continue
        elders = begun.setdefault(base, [])
        if answer and elders and dates[at] - dates[elders[-1]] <= _AGE:
            parents[at] = elders[-1]
        else:
            elders.append(at)


def _laid_out(parents: list[int], by_date: list[int]) -> Threads:
    below: dict[int, list[int]] = {}
    for at in by_date:
        if parents[at] >= 0:
            below.setdefault(parents[at], []).append(at)
    order: list[int] = []
    depths: list[int] = []
    for top in _tops(parents, by_date):
        waiting = [(top, 0)]
        while waiting:
            at, depth = waiting.pop()
            order.append(at)
            depths.append(depth)
            if at in below:
                waiting.extend([(one, depth + 1) for one in reversed(below[at])])
    count = [0] * len(parents)
    for at in reversed(order):
        if parents[at] >= 0:
            count[parents[at]] += count[at] + 1
    return Threads(order, depths, [count[at] for at in order])


def _tops(parents: list[int], by_date: list[int]) -> list[int]:
    """The letters without a parent, by the newest letter below them."""
    top = [-1] * len(parents)
    for start in by_date:
        path, at = [], start
        while parents[at] >= 0 and top[at] < 0:
            path.append(at)
            at = parents[at]
        found = top[at] if top[at] >= 0 else at
        top[at] = found
        for one in path:
            top[one] = found
    newest = dict.fromkeys(top[at] for at in reversed(by_date))
    return list(newest)[::-1]
