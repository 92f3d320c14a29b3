"""The files that aliases include (``:include:/absolute/file``).

Never: what the lines in them mean (``mail.aliases``).
"""

from pathlib import Path

from core.errors import ConfigError


def include(path: str) -> str:
    """The text of an included file.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: an alias includes this file, but it cannot be read: {error}") from None
