"""Where the screens begin: the household is opened, and at the end the line is down and the terminal as it was.

Never: a screen.
"""

import os
from pathlib import Path

from tui.app import Mailrun
from tui.bridge import open_bridge
from tui.theme import fitting


async def show(folder: Path, member: str = "") -> int:
    """Open the screens on a household folder, in a loop that is running already; the exit status.

    Raises:
        ConfigError, StoreError, InputError: the household cannot be opened, or nobody of that name lives there.
    """
    bridge = open_bridge(folder, member)
    app = Mailrun(bridge, bridge.config.keys, fitting(os.environ))
    try:
        await app.run_async()
    finally:
        await bridge.close()  # even when the screens crashed
    return app.return_code or 0
