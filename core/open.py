"""Which household folder, its time, and opening it: every command and the screens begin here.

Never: a household made or changed.
"""

import os
from datetime import datetime
from pathlib import Path

import platformdirs

from core import config
from core.errors import ConfigError
from core.household import Household
from core.mail import rules
from core.store.ledger import open_ledger
from core.store.spool import Spool


def folder_of(given: str | None) -> Path:
    """The household folder: as given, else $MAILRUN_HOUSEHOLD, else in the platform's user data folder."""
    return Path(given or os.environ.get("MAILRUN_HOUSEHOLD") or platformdirs.user_data_path("mailrun"))


def clock() -> datetime:
    """The time of the house."""
    return datetime.now().astimezone()


def open_household(folder: Path) -> Household:
    """Open a household folder; its stores are made where they are missing.

    Raises:
        ConfigError: household.toml is missing or wrong, or a name in it leads nowhere.
        StoreError: the stores cannot be opened.
    """
    path = folder / config.FILE
    settings = rules.usable(config.load(path), str(path))
    return Household(folder, settings, Spool(folder / "spool"), open_ledger(folder / "ledger.db"))


def parsed(path: Path) -> config.Config:
    """Settings that are only tried: as those of a household, but others may read the file.

    Raises:
        ConfigError: the file cannot be read or is wrong, or a name in it leads nowhere.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    return rules.usable(config.parse(text, str(path)), str(path))
