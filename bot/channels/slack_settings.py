"""What the Slack channel is told by its environment, read once and checked; without a line of Slack's own code.

Promises: nothing set means no Slack; anything half set gives every fault at once, and how to mend it; secrets are never repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.settings import BadSetting, is_loopback
from dialogs.script import Wording

DEFAULT_API_URL = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How to reach Slack, and how to know it. `app_token` is there for Socket Mode only."""

    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = DEFAULT_API_URL


NAMES = {
    "SLACK_BOT_TOKEN": Wording("appens Bot User OAuth Token: xoxb-…", "the app's Bot User OAuth Token: xoxb-…"),
    "SLACK_SIGNING_SECRET": Wording("appens Signing Secret", "the app's Signing Secret"),
    "SLACK_APP_TOKEN": Wording("appens App-Level Token, kun til Socket Mode: xapp-…", "the app's App-Level Token, for Socket Mode only: xapp-…"),
    "SLACK_API_URL": Wording("Slacks adresse, hvis den ikke er https://slack.com/api/", "Slack's address, if it is not https://slack.com/api/"),
}  # fmt: skip
"""Every setting by name, with what it is."""

_MENDS = {
    "SLACK_BOT_TOKEN": Wording(
        "Kopiér Bot User OAuth Token fra appens side OAuth & Permissions. Det begynder med xoxb-.",
        "Copy the Bot User OAuth Token from the app's page OAuth & Permissions. It begins with xoxb-.",
    ),
    "SLACK_SIGNING_SECRET": Wording(
        "Kopiér Signing Secret fra appens side Basic Information.",
        "Copy the Signing Secret from the app's page Basic Information.",
    ),
    "SLACK_APP_TOKEN": Wording(
        "Lav et App-Level Token på appens side Basic Information. Det begynder med xapp-.",
        "Make an App-Level Token on the app's page Basic Information. It begins with xapp-.",
    ),
    "SLACK_API_URL": Wording(
        "Skriv en adresse, der begynder med https://, eller fjern indstillingen.",
        "Write an address that begins with https://, or remove the setting.",
    ),
}


def read_slack_settings(environment: Mapping[str, str]) -> SlackSettings | tuple[BadSetting, ...] | None:
    """The settings in an environment, None when Slack is not set up, or everything that is wrong with them."""
    told = {name: environment.get(name, "").strip() for name in NAMES}
    bot_token, signing_secret, app_token, api_url = told.values()
    if not any((bot_token, signing_secret, app_token)):
        return None
    is_fine = {
        "SLACK_BOT_TOKEN": bot_token.startswith("xoxb-"),
        "SLACK_SIGNING_SECRET": bool(signing_secret),
        "SLACK_APP_TOKEN": not app_token or app_token.startswith("xapp-"),
        "SLACK_API_URL": not api_url or _is_safe(api_url),
    }
    faults = tuple(BadSetting(name, _MENDS[name]) for name, fine in is_fine.items() if not fine)
    return faults or SlackSettings(bot_token, signing_secret, app_token, api_url or DEFAULT_API_URL)


def _is_safe(url: str) -> bool:
    """Whether the token may be sent there: encrypted, or to this machine alone."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
