import pytest

from core import passphrase


def test_a_passphrase_fits_its_own_hash_only() -> None:
    """The right passphrase is taken, another is not."""
    hashed = passphrase.hash("the plum tree")

    assert passphrase.verify("the plum tree", hashed)
    assert not passphrase.verify("the plum tree ", hashed)


def test_a_hash_has_its_own_salt() -> None:
    """Two members with one passphrase have two hashes, and neither holds the passphrase."""
    one, two = passphrase.hash("winter"), passphrase.hash("winter")

    assert one != two
    assert "winter" not in one


@pytest.mark.parametrize(
    "hashed",
    [
        "",
        "winter",
        "scrypt$1$8$1$c2FsdA==$",
        "scrypt$x$8$1$c2FsdA==$AAAA",
        "scrypt$1048576$8$1$c2FsdA==$AAAA",
        "md5$16384$8$1$c2FsdA==$AAAA",
        "scrypt$16384$8$1$%%%$AAAA",
        "scrypt$3$8$1$c2FsdA==$AAAA",
    ],
)
def test_what_is_no_hash_fits_nothing(hashed: str) -> None:
    """A hand-written or broken hash lets nobody in, and does not raise."""
    assert not passphrase.verify("winter", hashed)
