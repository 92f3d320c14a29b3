"""HTML of a letter as plain text: what it says, where its links really lead, what its pictures are called.

A converter of our own: inscriptis, the best of the well-kept ones, brings lxml and requests, which are four times this
program, and html2text writes Markdown; neither says where a link leads that calls itself something else.

Never: loading anything, running anything, or hiding a link's target. The text is not yet made safe (``clean``).
"""

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

from core.mail.remote import Page, Target, host, says

LARGEST = 500_000  # characters of HTML that are read; the rest is cut off
_LONGEST_TARGET = 2000
_DEEPEST_QUOTE = 8

_SPACE = re.compile(r"[ \t\n\r\f\xa0]+")
_PADDING = re.compile("[\u00ad\u034f\u200b\u2060\ufeff]|(?:[\u200c\u200d][ \xa0]*){2,}")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_TINY = frozenset(("0", "1", "2", "3", "0px", "1px", "2px", "3px"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|(?:width|height)\s*:\s*[0-3]px", re.IGNORECASE)
_NUMBERED = re.compile(r"(\[\d+\]) (?=[.,;:!?)])")
_BARE = re.compile(r"^(?:https?://|mailto:)|/$", re.IGNORECASE)

_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "body", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "header", "legend", "li", "main", "nav", "ol", "option"),
        *("section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    )
)
_PARAGRAPHS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "blockquote"))
_UNSEEN = frozenset(("script", "style", "title", "template"))


def read(html: str, first: int = 1) -> Page:
    """The page as lines of text; its links are numbered from ``first`` on."""
    page = _Page(first)
    body, tail = _cut(html[:LARGEST])
    try:
        page.feed(body)
        page.close()
    except AssertionError:  # the standard library's answer to some declarations that are none
        return Page(_TAG.sub(" ", html[:LARGEST]))
    page.handle_data(unescape(tail))
    return page.finished()


def _cut(html: str) -> tuple[str, str]:
    """What the parser reads, and the text after the last tag.

    Unclosed ends make the parser search to the end of the text again and again, and a section such as ``<![x``
    makes it raise; so it sees neither.
    """
    end = html.rfind(">") + 1
    return html[:end].replace("<![", "<! ["), html[end:]


class _Page(HTMLParser):
    """Collects lines while the parser goes through the page."""

    def __init__(self, first: int) -> None:
        super().__init__(convert_charrefs=True)
        self._first = first
        self._pictures: list[str] = []
        self._counters: list[str] = []
        self._says: dict[str, str] = {}
        self._lines: list[str] = []
        self._line: list[str] = []
        self._targets: dict[str, int] = {}
        self._anchor: tuple[str, list[str]] | None = None
        self._unseen = ""
        self._verbatim = False
        self._depth = 0
        self._bullet = ""  # stands before the next line that says something
        self._lists: list[int] = []  # of each open list the number of its last item; -1: it has bullets

    def finished(self) -> Page:
        """The page, all of it."""
        self._end_anchor()
        self._break()
        targets = tuple(Target(number, url, self._says.get(url, "")) for url, number in self._targets.items())
        return Page("\n".join(self._lines).strip("\n"), targets, tuple(self._pictures), tuple(self._counters))

    def set_cdata_mode(self, *_: object, **__: object) -> None:
        """Scripts are parsed as anything else, and skipped: one that never ends must cost no time."""

    def handle_data(self, data: str) -> None:
        """Text: white space is one space, but for preformatted text."""
        if self._unseen:
            return
        first, *more = data.split("\n") if self._verbatim else [_SPACE.sub(" ", data)]
        self._say(first)
        for line in more:
            self._break(empty=True)
            self._say(line)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        if self._unseen:
            return
        given = {key: value or "" for key, value in reversed(attrs)}
        if tag in _UNSEEN:
            self._unseen = tag
        elif tag in _PARAGRAPHS:
            self._paragraph(tag, +1)
        elif tag in _BLOCKS:
            self._break()
        if tag == "a":
            self._begin_anchor(given)
        elif tag == "img":
            self._begin_image(given)
        elif begin := _BEGIN.get(tag):
            begin(self)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element written ``<x/>``: the slash means nothing in HTML, but is the end of what is never seen."""
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if self._unseen:
            self._unseen = "" if tag == self._unseen else self._unseen
        elif tag == "a":
            self._end_anchor()
        elif tag in _PARAGRAPHS:
            self._paragraph(tag, -1)
        elif tag in _BLOCKS:
            self._break()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()

    def _say(self, words: str) -> None:
        words = _PADDING.sub("", words)
        self._line.append(words)
        if self._anchor:
            self._anchor[1].append(words)

    def _break(self, *, empty: bool = False) -> None:
        """The line ends, if there is one; ``empty``: also if there is none."""
        line = "".join(self._line)
        line = line.rstrip() if self._verbatim else _NUMBERED.sub(r"\1", _SPACE.sub(" ", line)).strip()
        self._line = []
        if line or empty:
            self._lines.append(("> " * self._depth + (self._bullet if line else "") + line).rstrip())
        if line:
            self._bullet = ""

    def _paragraph(self, tag: str, step: int) -> None:
        """A paragraph begins (+1) or ends (-1): an empty line, never two."""
        self._break()
        if tag == "blockquote" and step < 0:
            self._depth = max(0, self._depth - 1)
        if self._lines and self._lines[-1].strip("> "):
            self._break(empty=True)
        elif self._lines and step < 0:
            self._lines[-1] = ("> " * self._depth).rstrip()
        if tag == "blockquote" and step > 0:
            self._depth = min(_DEEPEST_QUOTE, self._depth + 1)
        if tag == "pre":
            self._verbatim = step > 0

    def _end_anchor(self) -> None:
        if self._anchor is None:
            return
        (target, said), self._anchor = self._anchor, None
        words = "".join(said).strip()
        if words and target and _BARE.sub("", words) != _BARE.sub("", target):
            self._line.append(f" [{self._targets.setdefault(target, len(self._targets) + self._first)}] ")
            if named := says(words, target):
                self._says.setdefault(target, named)

    def _begin_anchor(self, given: dict[str, str]) -> None:
        """``<a>``: one inside another ends the first."""
        self._end_anchor()
        target = _SPACE.sub(" ", given.get("href", "")).strip()[:_LONGEST_TARGET]
        if target and not target.startswith("#"):
            self._anchor = (target, [])

    def _begin_image(self, given: dict[str, str]) -> None:
        """``<img>``: its own words; else its file's name, where it came with the letter or is all that a link has."""
        tiny = bool({given.get("width"), given.get("height")} & _TINY or _HIDDEN.search(given.get("style", "")[:500]))
        if there := host(given.get("src", "")):
            (self._counters if tiny else self._pictures).append(there[:100])
        matters = not tiny and (not there or self._anchor is not None)
        name = given["alt"] if "alt" in given else _file(given.get("src", "")) if matters else ""
        if name.strip():
            self._say(f"[image: {_SPACE.sub(' ', name).strip()[:200]}]")

    def begin_list(self) -> None:
        """``<ul>``."""
        self._lists.append(-1)

    def begin_numbered(self) -> None:
        """``<ol>``."""
        self._lists.append(0)

    def begin_item(self) -> None:
        """``<li>``."""
        if self._lists and self._lists[-1] >= 0:
            self._lists[-1] += 1
            self._bullet = f"{self._lists[-1]}. "
        else:
            self._bullet = "- "

    def begin_cell(self) -> None:
        """``<td>``: cells of a row stand side by side."""
        if "".join(self._line).strip():
            self._line.append(" | ")

    def begin_line(self) -> None:
        """``<br>``."""
        self._break(empty=True)

    def begin_rule(self) -> None:
        """``<hr>``."""
        self._break()
        self._line.append("-" * 20)
        self._break()


_BEGIN: dict[str, Callable[[_Page], None]] = {
    "ul": _Page.begin_list,
    "ol": _Page.begin_numbered,
    "li": _Page.begin_item,
    "td": _Page.begin_cell,
    "th": _Page.begin_cell,
    "br": _Page.begin_line,
    "hr": _Page.begin_rule,
}


def _file(source: str) -> str:
    """What a picture is called that has no words: the last name of its address."""
    if source.startswith("data:"):
        return "picture"
    return re.split(r"[/\\:]", re.split("[?#]", source[:_LONGEST_TARGET])[0].rstrip("/"))[-1] or "picture"
