"""Who gets a letter: in the house, or by a call."""

import msgspec
import pytest

from core.config import Config
from core.errors import InputError
from core.mail.route import Routes, route


@pytest.mark.parametrize(
    ("recipients", "members", "outside"),
    [
        (["paul"], ("paul",), ()),
        (["Paul@LinuxPC"], ("paul",), ()),
        (["paul@linuxpc.localdomain."], ("paul",), ()),
        (["paul@kitchen.linuxpc"], ("paul",), ()),
        (["paul@localhosting.example"], (), ("paul@localhosting.example",)),
        (["paul@[127.0.0.1]"], ("paul",), ()),
        (["paul@[192.168.1.7]", "luc@[IPv6:fe80::1]"], ("paul", "luc"), ()),
        (["x@[203.0.113.4]"], (), ("x@[203.0.113.4]",)),
        (["PAUL.dupont@HOME.example"], ("paul",), ()),
        (["Paul.Dupont+bills@home.example"], ("paul",), ()),
        (["paul+bills"], ("paul",), ()),
        (["paul.d@old-provider.example"], ("paul",), ()),
        (["paul@home.example"], ("paul",), ()),
        (["paul@old-provider.example"], (), ("paul@old-provider.example",)),
        (["stranger@home.example"], (), ("stranger@home.example",)),
        (["family"], ("paul", "luc", "zoe"), ("grandma@far.example",)),
        (["Family@home.example", "luc"], ("paul", "luc", "zoe"), ("grandma@far.example",)),
        (["family", "Grandma@FAR.example"], ("paul", "luc", "zoe"), ("grandma@far.example",)),
        (["Grandma@far.example", "family"], ("paul", "luc", "zoe"), ("Grandma@far.example",)),
        (["MixedCase@far.example"], (), ("MixedCase@far.example",)),
        (["x@bücher.example"], (), ("x@xn--bcher-kva.example",)),
        (["x@far.example."], (), ("x@far.example",)),
        (["a..b@far.example"], (), ("a..b@far.example",)),
        (['"a b"@far.example'], (), ('"a b"@far.example',)),
        (["root"], ("paul",), ()),
        ([], (), ()),
    ],
)
def test_route(config: Config, recipients: list[str], members: tuple[str, ...], outside: tuple[str, ...]) -> None:
    """Names of the house stay in it, by any of the ways to write them; all else goes out."""
    assert route(recipients, config, str) == Routes(members, outside)


@pytest.mark.parametrize(
    ("recipient", "told"),
    [
        ("pual", 'nobody called "pual" in this house; did you mean paul?'),
        ("pual@linuxpc", "did you mean paul?"),
        ("famyli@localhost", "did you mean family?"),
        ("xyzzy", 'nobody called "xyzzy" in this house'),
        ("", "is no address"),
        ("a b@far.example", "is no address"),
        ("a\n@far.example", "is no address"),
        ("<x@far.example>, y@far.example", "is no address"),
        ("@far.example", "is no address"),
        ("grandma@", '"grandma@" is no address'),
        ("a@b..example", '"a@b..example" is no address'),
        ("a@[203.0.113.4", "is no address"),
        ("Uncle Sam", 'nobody called "uncle sam"'),
    ],
)
def test_route_refuses(config: Config, recipient: str, told: str) -> None:
    """A name that is nobody's, and an address that is none, are refused with what may have been meant."""
    with pytest.raises(InputError) as refusal:
        route(["paul", recipient], config, str)
    assert told in str(refusal.value)


def test_public_address_beats_login(config: Config) -> None:
    """Where Luc's public address looks like Paul's login, a letter to it is Luc's."""
    luc = msgspec.structs.replace(config.members["luc"], address="paul@home.example")
    swapped = msgspec.structs.replace(config, members={**config.members, "luc": luc})
    assert route(["paul@home.example"], swapped, str).members == ("luc",)
    assert route(["paul@linuxpc"], swapped, str).members == ("paul",)


def test_a_longer_public_domain_is_not_local(config: Config) -> None:
    """A public domain below a local one is public, and a machine below the public one is local where it is named."""
    house = msgspec.structs.replace(config.household, local_domains=("example", "pc.home.example"))
    nested = msgspec.structs.replace(config, household=house)
    assert route(["x@home.example"], nested, str).outside == ("x@home.example",)
    assert route(["paul@pc.home.example", "paul@any.example"], nested, str).members == ("paul",)
