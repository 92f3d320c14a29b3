"""format=flowed (RFC 3676): paragraphs that were cut into lines for the wire, made whole again.

Never: the wrapping of what we write ourselves (``compose``).
"""

from collections.abc import Iterator


def unwrap(text: str, *, delsp: bool = False) -> str:
    """``text`` with each flowed paragraph on one line; quotes are marked ``> > `` by their depth.

    Args:
        text: lines as they came, quotes with their ``>``.
        delsp: the DelSp parameter: the space at a soft line end is not part of the text.
    """
    done: list[str] = []
    depth, flowing = 0, False
    for level, line in map(_quoted, text.split("\n")):
        soft = line.endswith(" ") and line != "-- "
        words = line[:-1] if soft and delsp else line
        if flowing and level == depth and line != "-- ":
            done[-1] += words
        else:
            done.append("> " * level + words)
        depth, flowing = level, soft
    return "\n".join(_trimmed(done))


def _quoted(line: str) -> tuple[int, str]:
    """The depth of a line's quotes, and the line without them and without space-stuffing."""
    line = line.removesuffix("\r")
    rest = line.lstrip(">")
    return len(line) - len(rest), rest.removeprefix(" ")


def _trimmed(lines: list[str]) -> Iterator[str]:
    """Without the spaces that only marked soft ends; the signature's line keeps its own."""
    return (line if line.endswith("-- ") else line.rstrip(" ") for line in lines)
