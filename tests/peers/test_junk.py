"""Junk told by the real bogofilter, taught with the junk key's own commands."""

from pathlib import Path

import pytest

from core import junk, read
from core.events import Trouble
from tests.flows.test_junk import with_junk
from tests.flows.town import letter, town
from tests.peers.servers import need

pytestmark = pytest.mark.peers
GOOD = [f"the garden after the storm, and the hens in the kitchen {n}\n" for n in range(12)]
BAD = [f"cheap pills and casino bonus, act now and win {n}\n" for n in range(12)]


@pytest.fixture(autouse=True)
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bogofilter with words of its own."""
    need("bogofilter")
    (tmp_path / "words").mkdir()
    monkeypatch.setenv("BOGOFILTER_DIR", str(tmp_path / "words"))


async def test_bogofilter_learns_and_tells(tmp_path: Path) -> None:
    """Before it knows anything it says so; then what is like the junk goes there, and the rest stays."""
    folder = tmp_path / "house"
    folder.mkdir()
    waiting = [letter("paul@home.example", "yours", GOOD[0]), letter("paul@home.example", "win", BAD[0])]
    async with town(folder, waiting[:1]) as here:
        house = with_junk(here, 'kind = "bogofilter"\n')
        await here.run()
        assert any("it knows no letters yet" in one.why for one in here.events if isinstance(one, Trouble))
        await junk.train(house, [letter("paul@home.example", "hello", text) for text in GOOD], good=True)
        await junk.train(house, [letter("paul@home.example", "win", text) for text in BAD], good=False)
        assert (await junk.look(house, house.config.junk)).what == "bogofilter tells junk"

    async with town(folder, waiting) as here:
        path = folder / "household.toml"
        path.unlink()
        house = with_junk(here, 'kind = "bogofilter"\n')
        await here.run()

        assert (here.subjects("paul")["yours"], here.subjects("paul", "junk")) == (1, {"win": 1})
        ids = [row.id for row in read.rows(house, "paul", "junk")]
        message = junk.letters(house, "paul", "junk", ids)
        assert message == (waiting[1],)
