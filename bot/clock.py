"""The clocks: the system's own, and one that can be set for rehearsal. Nothing else asks what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

DENMARK = ZoneInfo("Europe/Copenhagen")
MORNING = time(9)
REHEARSAL_DAY = "rehearsal-day"  # the setting under which a rehearsal's day is kept


def system_clock() -> datetime:
    """The instant it is."""
    return datetime.now(UTC)


class RehearsalClock:
    """A clock that runs from an instant of one's choice."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - system_clock()

    def __call__(self) -> datetime:
        """The instant it is in the rehearsal."""
        return system_clock() + self._ahead

    @property
    def today(self) -> date:
        """The day it is in the rehearsal, in Denmark."""
        return danish_day(self())

    def set_day(self, day: date, *, after: datetime | None = None) -> None:
        """Let it be nine in the morning of a day, or later, so that it is not before `after` on that day."""
        start = morning(day)
        if after is not None and danish_day(after) == day:
            start = max(start, after)
        self._ahead = start - system_clock()


def danish_day(instant: datetime) -> date:
    """The day it is in Denmark at an instant."""
    return instant.astimezone(DENMARK).date()


def morning(day: date) -> datetime:
    """Nine o'clock in Denmark on a day."""
    return datetime.combine(day, MORNING, DENMARK)
