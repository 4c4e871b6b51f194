"""Slack's own checks for `dialogbot doctor`: the token, the scopes, the secret, the channels and the people.

Promises: asks Slack only what changes nothing, and each list once; whatever Slack refuses becomes a finding. Knows Slack only through
`SlackChannel`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.channels.slack_manifest import SCOPES
from bot.channels.slack_settings import SlackSettings
from bot.channels.slack_workspace import NAME, Installation, NotInstalledError, SlackChannel
from bot.findings import Finding, Roll, fault, fine, warning

_SECRET = re.compile(r"[0-9a-f]{32}")
_SILENT = re.compile(r"no-answer|http-\d+|.*rate_?limited|.*_error|service_unavailable|request_timeout")

_ROOM: Final = {
    "channel-not-found": "slack.room_unknown",
    "is-archived": "slack.room_archived",
    "not-in-channel": "slack.room_not_joined",
}
_PERSON: Final = {
    "no-account": "slack.person_unknown",
    "user-disabled": "slack.person_disabled",
    "guest": "slack.person_guest",
}


class SlackCheck:
    """Looks one workspace over."""

    platform = NAME

    def __init__(self, settings: SlackSettings) -> None:
        self._settings = settings

    async def findings(self, roll: Roll) -> tuple[Finding, ...]:
        """Everything that was looked at in the workspace; what is behind a refused token is not looked at."""
        channel = SlackChannel(self._settings)
        try:
            found = await self._installed(channel)
            return found if isinstance(found, tuple) else await self._looked(channel, found, roll)
        finally:
            await channel.close()

    async def _installed(self, channel: SlackChannel) -> Installation | tuple[Finding, ...]:
        try:
            return await channel.installation()
        except NotInstalledError as refused:
            reason = str(refused)
            if _SILENT.fullmatch(reason):
                told = fault("slack.unreachable", url=self._settings.api_url, reason=reason)
            else:
                told = fault("slack.token_refused", reason=reason)
            return (told, *(() if self._settings.is_socket else (self._secret(),)))

    async def _looked(self, channel: SlackChannel, here: Installation, roll: Roll) -> tuple[Finding, ...]:
        found = [fine("slack.token", team=here.team, bot=here.bot), *_scopes(here)]
        found.append(await self._socket(channel) if self._settings.is_socket else self._secret())
        try:
            if roll.rooms:
                found += _rooms(await channel.rooms(), roll, here)
            if roll.people:
                found += _people(await channel.accounts(), roll)
        except NotInstalledError as refused:
            found.append(fault("slack.not_listed", reason=refused))
        return tuple(found)

    def _secret(self) -> Finding:
        """Only a request that Slack signs can prove the secret."""
        looks_right = _SECRET.fullmatch(self._settings.signing_secret)
        return fine("slack.secret") if looks_right else warning("slack.secret_odd")

    async def _socket(self, channel: SlackChannel) -> Finding:
        try:
            await channel.try_socket(self._settings.app_token)
        except NotInstalledError as refused:
            return fault("slack.socket_refused", reason=refused)
        return fine("slack.socket")


def _scopes(here: Installation) -> Iterator[Finding]:
    if here.scopes is None:
        yield warning("slack.scopes_untold")
        return
    missing = [scope for scope in SCOPES if scope not in here.scopes]
    for scope in missing:
        yield fault("slack.scope_missing", scope=scope)
    if not missing:
        yield fine("slack.scopes")


def _rooms(there: dict[str, str], roll: Roll, here: Installation) -> Iterator[Finding]:
    """Whether the bot may post in each channel that the workbook names, by its name or its id."""
    are_fine = True
    for room, units in roll.rooms.items():
        reason = there.get(room, there.get(room.lower(), "channel-not-found"))
        if reason:
            are_fine = False
            yield fault(_ROOM[reason], room=room, units=units, bot=here.bot)
    if are_fine:
        yield fine("slack.rooms", count=len(roll.rooms))


def _people(there: dict[str, str], roll: Roll) -> Iterator[Finding]:
    """Whether everybody with a post today has an account that they may use the bot with."""
    are_fine = True
    for email, name in roll.people.items():
        reason = there.get(email.lower(), "no-account")
        if reason:
            are_fine = False
            yield warning(_PERSON.get(reason, "slack.person_refused"), name=name, email=email, reason=reason)
    if are_fine:
        yield fine("slack.people", count=len(roll.people))
