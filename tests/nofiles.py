"""What a pretended channel is that nobody orders a report through."""

from __future__ import annotations

from datetime import datetime

from bot.ports import Destination, Keep, Outcome
from cards.card import Card
from cards.reports.report import File


class NoFiles:
    """Takes no files."""

    async def hand_over(
        self,
        destination: Destination,  # noqa: ARG002
        file: File,  # noqa: ARG002
        card: Card,  # noqa: ARG002
        key: str,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
        *,
        stands: str | None = None,  # noqa: ARG002
        keep: Keep,  # noqa: ARG002
    ) -> Outcome:
        raise AssertionError("nobody ordered a report")
