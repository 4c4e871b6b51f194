"""What `dialogbot doctor` finds, and what it asks of a platform's own checks.

Promises: a finding is a value: how bad it is, a key into cards/texts/doctor.*.yaml, and what fills the sentence. A check knows its
platform and is told what the workbook says; it never reads the database, and it answers with findings where anything is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from store.places import Place


class Level(StrEnum):
    """How bad it is."""

    FINE = "fine"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. Its sentence is the text `key`; what to do about it, if anything, the text `mend.<key>`."""

    level: Level
    key: str
    values: Mapping[str, object] = field(default_factory=dict)


def fine(key: str, **values: object) -> Finding:
    """Something that is as it should be."""
    return Finding(Level.FINE, key, values)


def warning(key: str, **values: object) -> Finding:
    """Something that works, but perhaps not as it was meant."""
    return Finding(Level.WARNING, key, values)


def fault(key: str, **values: object) -> Finding:
    """Something that must be mended."""
    return Finding(Level.FAULT, key, values)


@dataclass(frozen=True, slots=True)
class Roll:
    """What the workbook says that a platform should know: `people` who hold a post today, by e-mail, and `rooms` with their units.

    And what the platform has told of itself: `homes`, by e-mail, with why nothing can be sent there, and the `places` it has.
    """

    people: Mapping[str, str]
    rooms: Mapping[str, tuple[str, ...]]
    homes: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Place, ...] = ()


class Check(Protocol):
    """A platform's own checks; `platform` is the channel's name, under which its rooms stand in the store."""

    platform: str

    async def findings(self, roll: Roll) -> tuple[Finding, ...]:
        """Everything that was looked at on the platform."""
