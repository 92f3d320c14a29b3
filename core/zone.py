"""The zone of this house: that of this machine, with its summer time.

``datetime.astimezone()`` keeps the offset of one moment for ever; the price of a call next Sunday needs another.

Never: a time; ``core.open.clock`` tells it.
"""

from datetime import UTC, datetime, timedelta, tzinfo


class _Here(tzinfo):
    """What this machine's own clock on the wall shows."""

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        """By the system's rules; in the hour that comes twice, ``fold`` tells which it is."""
        return _naive(when).astimezone().utcoffset() if when else None

    def dst(self, when: datetime | None) -> timedelta | None:
        """Not known apart."""
        del when
        return None

    def tzname(self, when: datetime | None) -> str | None:
        """As the system calls it."""
        return _naive(when).astimezone().tzname() if when else None

    def fromutc(self, when: datetime) -> datetime:
        """The wall clock at this moment of UTC."""
        there = when.replace(tzinfo=UTC).astimezone()
        first = there.replace(tzinfo=None, fold=0)
        fold = int(first.astimezone().utcoffset() != there.utcoffset())
        return there.replace(tzinfo=self, fold=fold)


def _naive(when: datetime) -> datetime:
    return when.replace(tzinfo=None)


HERE = _Here()


def local(moment: datetime) -> datetime:
    """The same moment on the wall clock of this house."""
    return moment.astimezone(HERE)
