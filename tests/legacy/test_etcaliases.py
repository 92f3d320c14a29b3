"""/etc/aliases: entries, continued lines, quotes, and what is refused."""

import pytest

from core.legacy.etcaliases import read

ENTRIES = [
    ("root: paul", {"root": ("paul",)}),
    ("all:paul,luc", {"all": ("paul", "luc")}),
    ("all : paul ,\n\tluc,\n    grandma@far.example", {"all": ("paul", "luc", "grandma@far.example")}),
    ("# a comment\n\nroot: paul # data", {"root": ("paul # data",)}),
    ('"the lamp": paul', {"the lamp": ("paul",)}),
    ('"a:b": paul', {"a:b": ("paul",)}),
    ('x: "Lamp, Old" <lamp@far.example>, paul', {"x": ('"Lamp, Old" <lamp@far.example>', "paul")}),
    ("x: :include:/etc/list", {"x": (":include:/etc/list",)}),
    ("x: paul\nX: luc", {"x": ("paul",)}),
    ("owner-x: paul", {"owner-x": ("paul",)}),
    ("x: |/bin/prog, paul", {"x": ("paul",)}),
    ('x: "|/bin/prog -a, -b"', {}),
    ("x: /dev/null", {}),
    ("x:", {}),
    ("no colon here", {}),
]


@pytest.mark.parametrize(("text", "expected"), ENTRIES)
def test_entries_are_read(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    """Entries are as newaliases reads them; programs and files are left out."""
    assert {entry.name: entry.targets for entry in read(text).entries} == expected


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("a: b", ["understood"]),
        ("a: b\na: c", ["understood", "obsolete"]),
        ("a: |prog", ["unknown"]),
        ("a: |prog, b", ["unknown"]),
        ("a:", ["unknown"]),
        ("nonsense", ["unknown"]),
    ],
)
def test_each_entry_has_its_verdict(text: str, verdicts: list[str]) -> None:
    """What is left out in part is unknown, so that somebody looks at it."""
    assert [remark.verdict for remark in read(text).remarks] == verdicts
