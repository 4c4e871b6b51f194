"""A file on its way into somebody's Slack: what of it stands, and how an upload can end.

Promises: which file was uploaded is known before it is shared, so that one that may have been shared is looked for and never doubled.
Knows nothing of Slack's library.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from bot.ports import Ambiguous, Busy, Dead, Outcome

UPLOAD_SECONDS: Final = 30  # for the bytes of one file
REFUSED: Final = "upload-refused"
MISSING_SCOPE: Final = Dead("missing-scope")
"""An installation that may do all but this: nothing else is to wait for it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a report stands: in which conversation, the card that followed its making, and the file itself; "" where there is none."""

    place: str
    stamp: str = ""
    file: str = ""

    @classmethod
    def read(cls, reference: str) -> Standing:
        """The one behind a reference; that of a message alone is one too."""
        place, stamp, file = (*reference.split(":"), "", "")[:3]
        return cls(place, stamp, file)

    @property
    def reference(self) -> str:
        """What the outbox keeps of it; "" while nothing stands."""
        if self.file:
            return f"{self.place}:{self.stamp}:{self.file}"
        return f"{self.place}:{self.stamp}" if self.stamp else ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where Slack wants the bytes of a file, and what the file is called from then on."""

    url: str
    file: str


class UploadError(Exception):
    """Slack's upload service refused the bytes; `retry_after` is how many seconds it wants to be let be."""

    def __init__(self, status: int, retry_after: int) -> None:
        super().__init__(f"{status}")
        self.status = status
        self.retry_after = retry_after

    def outcome(self, now: datetime) -> Outcome:
        """What it means for the delivery: nothing was shared, so all of it can be done again."""
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Busy(now + timedelta(seconds=self.retry_after), is_for_all=False)
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.status == HTTPStatus.REQUEST_TIMEOUT:
            return Ambiguous(f"http-{self.status}")
        return Dead(REFUSED)


def with_what_stands(outcome: Outcome, stands: str) -> Outcome:
    """How it ended, with where it stands as far as it has come."""
    match outcome:
        case Busy(until, is_for_all=is_for_all) if stands:
            return Busy(until, stands, is_for_all=is_for_all)
        case Ambiguous(reason) if stands:
            return Ambiguous(reason, stands=stands)
    return outcome
