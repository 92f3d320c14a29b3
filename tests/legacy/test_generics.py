"""A genericstable: logins and addresses."""

import pytest

from core.legacy.generics import read


@pytest.mark.parametrize(
    ("text", "entries", "verdicts"),
    [
        ("paul\tPaul.Dupont@home.example", [("paul", "", "Paul.Dupont@home.example")], ["understood"]),
        ("Paul@linuxpc  P@h.example", [("paul", "linuxpc", "P@h.example")], ["understood"]),
        ("paul: P@h.example", [("paul", "", "P@h.example")], ["understood"]),
        ("paul Paul.Dupont", [("paul", "", "Paul.Dupont")], ["understood"]),
        ("# note\n\npaul a@b.example\npaul c@d.example", [("paul", "", "a@b.example")], ["understood", "obsolete"]),
        ("@linuxpc %1@h.example", [], ["unknown"]),
        ("paul", [], ["unknown"]),
        ("paul a b", [], ["unknown"]),
    ],
)
def test_table_is_read(text: str, entries: list[tuple[str, str, str]], verdicts: list[str]) -> None:
    """Of two lines for a login the first counts, and each line has its verdict."""
    table = read(text)

    assert [(entry.login, entry.host, entry.address) for entry in table.entries] == entries
    assert [remark.verdict for remark in table.remarks] == verdicts
