"""Teams' own checks for `dialogbot doctor`: the token, Microsoft's keys, the channels and the people.

Promises: asks Microsoft only what changes nothing, and writes to nobody. Teams cannot be asked who has the app: that is what those who
installed it have told the bot since, and the same holds for the channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.channels.teams import Connector
from bot.channels.teams_settings import TeamsSettings
from bot.channels.teams_tokens import Keys
from bot.channels.teams_workspace import NAME, LoginError, NoAnswerError
from bot.clock import system_clock
from bot.findings import Finding, Roll, fault, fine, warning
from store import places


class TeamsCheck:
    """Looks one tenant over."""

    platform = NAME

    def __init__(self, settings: TeamsSettings) -> None:
        self._settings = settings

    async def findings(self, roll: Roll) -> tuple[Finding, ...]:
        """Everything that was looked at; what we were told of channels and people does not depend on a token."""
        if self._settings.is_local:
            return (warning("teams.local"),)
        return (await self._token(), await self._keys(), *_rooms(roll), *_people(roll))

    async def _token(self) -> Finding:
        connector = Connector(self._settings)
        try:
            await connector.log_in()
        except LoginError as refused:
            return fault("teams.token_refused", reason=refused)
        except NoAnswerError as silent:
            return fault("teams.unreachable", url=self._settings.login_url, reason=silent)
        finally:
            await connector.close()
        return fine("teams.token", app=self._settings.app_id)

    async def _keys(self) -> Finding:
        """Whether Microsoft's keys can be fetched; no key has this id."""
        url = self._settings.openid_metadata_url
        if await Keys(url).find("doctor", system_clock()) == "unreachable":
            return fault("teams.keys_unreachable", url=url)
        return fine("teams.keys")


_ROOM_FAULTS: Final = {"channel-ambiguous": "teams.room_ambiguous"}


def _rooms(roll: Roll) -> Iterator[Finding]:
    """Whether the bot was let into each channel that the workbook names."""
    are_fine = True
    for room, units in roll.rooms.items():
        if reason := places.why_not(roll.places, room):
            are_fine = False
            key = "teams.room_left" if places.meant(roll.places, room) else "teams.room_unknown"
            yield fault(_ROOM_FAULTS.get(reason, key), room=room, units=units)
    if are_fine and roll.rooms:
        yield fine("teams.rooms", count=len(roll.rooms))


def _people(roll: Roll) -> Iterator[Finding]:
    """Whether everybody with a post today has the app and can be written to."""
    are_fine = True
    for email, name in roll.people.items():
        reason = roll.homes.get(email.lower())
        if reason is None:
            are_fine = False
            yield warning("teams.person_without", name=name, email=email)
        elif reason:
            are_fine = False
            key = "teams.person_blocked" if reason == "blocked" else "teams.person_gone"
            yield warning(key, name=name, email=email)
    if are_fine and roll.people:
        yield fine("teams.people", count=len(roll.people))
