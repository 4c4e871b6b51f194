"""What the Slack channel is told by its environment, read once and checked; without a line of Slack's own code.

Promises: nothing set means no Slack; anything half set gives every fault at once, and how to mend it; secrets are never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.settings import BadSetting, is_safe
from dialogs.script import Wording

DEFAULT_API_URL = "https://slack.com/api/"
DEFAULT_COMMAND, DEFAULT_STATUS_COMMAND = "/dialog", "/dialogstatus"

RESERVED = frozenset(
    "/" + name
    for name in [
        "archive",
        "away",
        "call",
        "collapse",
        "dm",
        "dnd",
        "expand",
        "feed",
        "feedback",
        "help",
        "install-shortcut",
        "invite",
        "invite_people",
        "join",
        "kick",
        "leave",
        "list",
        "me",
        "msg",
        "mute",
        "open",
        "part",
        "pref",
        "prefs",
        "rename",
        "remind",
        "remove",
        "search",
        "shortcuts",
        "shrug",
        "star",
        "status",
        "topic",
        "unarchive",
        "unmute",
        "who",
    ]
)
"""Commands that are Slack's own: a manifest that holds one of them is refused whole."""

_COMMAND = re.compile(r"/[a-zæøå0-9_-]{1,31}")


@dataclass(frozen=True, slots=True)
class Commands:
    """What the slash commands are called in this workspace."""

    command: str = DEFAULT_COMMAND
    status: str = DEFAULT_STATUS_COMMAND


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How to reach Slack, and how to know it. With an `app_token` Slack is listened to in Socket Mode, and nothing is served to it."""

    bot_token: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = DEFAULT_API_URL
    command: str = DEFAULT_COMMAND
    status_command: str = DEFAULT_STATUS_COMMAND

    @property
    def is_socket(self) -> bool:
        """Whether we call Slack, and Slack never calls us."""
        return bool(self.app_token)


NAMES = {
    "SLACK_BOT_TOKEN": Wording("appens Bot User OAuth Token: xoxb-…", "the app's Bot User OAuth Token: xoxb-…"),
    "SLACK_SIGNING_SECRET": Wording("appens Signing Secret", "the app's Signing Secret"),
    "SLACK_APP_TOKEN": Wording("appens App-Level Token, kun til Socket Mode: xapp-…", "the app's App-Level Token, for Socket Mode only: xapp-…"),
    "SLACK_COMMAND": Wording("kommandoens navn i Slack, hvis det ikke er /dialog", "the command's name in Slack, if it is not /dialog"),
    "SLACK_STATUS_COMMAND": Wording("statuskommandoens navn i Slack, hvis det ikke er /dialogstatus", "the status command's name in Slack, if it is not /dialogstatus"),
    "SLACK_API_URL": Wording("Slacks adresse, hvis den ikke er https://slack.com/api/", "Slack's address, if it is not https://slack.com/api/"),
}  # fmt: skip
"""Every setting by name, with what it is."""

_RENAME = Wording(
    "Vælg et andet navn: en skråstreg og højst 31 små bogstaver eller tal, ikke et af Slacks egne, og ikke det samme to gange.",
    "Choose another name: a slash and at most 31 small letters or digits, none of Slack's own, and not the same one twice.",
)
_MENDS = {
    "SLACK_COMMAND": _RENAME,
    "SLACK_STATUS_COMMAND": _RENAME,
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
    bot_token, signing_secret, app_token = (
        told["SLACK_BOT_TOKEN"],
        told["SLACK_SIGNING_SECRET"],
        told["SLACK_APP_TOKEN"],
    )
    if not any((bot_token, signing_secret, app_token)):
        return None
    commands = command_names(environment)
    is_fine = {
        "SLACK_BOT_TOKEN": bot_token.startswith("xoxb-"),
        "SLACK_SIGNING_SECRET": bool(signing_secret) or app_token.startswith("xapp-"),
        "SLACK_APP_TOKEN": not app_token or app_token.startswith("xapp-"),
        "SLACK_API_URL": not told["SLACK_API_URL"] or is_safe(told["SLACK_API_URL"]),
    }
    faults = tuple(BadSetting(name, _MENDS[name]) for name, fine in is_fine.items() if not fine)
    if faults or not isinstance(commands, Commands):
        return faults + (() if isinstance(commands, Commands) else commands)
    url = told["SLACK_API_URL"] or DEFAULT_API_URL
    return SlackSettings(bot_token, signing_secret, app_token, url, commands.command, commands.status)


def command_names(environment: Mapping[str, str]) -> Commands | tuple[BadSetting, ...]:
    """What the commands are called; also where no token is set yet, because the manifest is made before there is one."""
    command = environment.get("SLACK_COMMAND", "").strip() or DEFAULT_COMMAND
    status = environment.get("SLACK_STATUS_COMMAND", "").strip() or DEFAULT_STATUS_COMMAND
    is_fine = {
        "SLACK_COMMAND": _is_free(command),
        "SLACK_STATUS_COMMAND": _is_free(status) and status != command,
    }
    faults = tuple(BadSetting(name, _MENDS[name]) for name, fine in is_fine.items() if not fine)
    return faults or Commands(command, status)


def _is_free(name: str) -> bool:
    return bool(_COMMAND.fullmatch(name)) and name not in RESERVED
