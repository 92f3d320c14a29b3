"""One house for the tests of letters."""

import pytest

from core.config import Config, parse

HOUSE = """
[household]
host = "linuxpc.localdomain"
local_domains = ["linuxpc", "linuxpc.localdomain", "localhost", "localhost.localdomain", "luc"]
domain = "home.example"
postmaster = "paul"

[members.paul]
name = "Paul Dupont"
address = "Paul.Dupont@home.example"
also = ["paul.d@old-provider.example"]

[members.luc]
name = "Luc Jackson"
address = "Luc.Jackson@home.example"

[members.zoe]
name = "Zoë Jackson"
address = "Zoe.Jackson@home.example"

[aliases]
family = ["paul", "luc", "zoe", "grandma@far.example"]
parents = ["paul", "luc"]
shop = ["zoe"]
"""


@pytest.fixture(scope="session")
def config() -> Config:
    """A house with three people, of whom Luc has a machine called after him."""
    return parse(HOUSE)
