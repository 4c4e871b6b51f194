"""Slack's app manifest: everything an app must be allowed and told, as one object to paste.

Promises: what is pasted is what this program needs and no more; nothing in it is secret. The same scopes are what `doctor` looks for.
A command that Slack keeps for itself never gets here: the settings refuse it.
"""

from __future__ import annotations

from typing import Any, Final

from bot.channels.slack_settings import Commands
from dialogs.script import Wording

PATH: Final = "/slack/events"
NAME: Final = "dialogbot"
COLOUR: Final = "#1f4e79"

SCOPES: Final = (
    "chat:write",
    "im:write",
    "im:history",
    "users:read",
    "users:read.email",
    "commands",
    "files:write",
    "channels:read",
    "groups:read",
    "channels:history",
    "groups:history",
)
"""What the bot asks to be allowed; docs/slack.md says what each is for."""

EVENTS: Final = (
    "message.im",
    "app_home_opened",
    "member_joined_channel",
    "member_left_channel",
    "user_change",
    *(f"{kind}_{change}" for kind in ("channel", "group") for change in ("rename", "archive", "unarchive")),
)

NAME_MOST, SHORT_MOST, LONG_LEAST, LONG_MOST = 35, 140, 175, 4000  # characters, by Slack's own schema

_SHORT = Wording(
    "Opfølgning på dialogaftalerne i {municipality}", "Follow-up on the dialogue agreements in {municipality}"
)
_LONG = Wording(
    "Botten holder opfølgningsdialogen om dialogaftalerne i {municipality}. Den stiller lederen ét spørgsmål ad gangen, gemmer hvert "
    "svar, og viser lederen præcis det, der bliver delt, før det bliver delt. Opsummeringen kommer i nærmeste leders kanal med de få "
    "punkter, der er værd at tale om. Skriv »start« til botten for at begynde, og »hjælp« for at se, hvad den kan.",
    "The bot holds the follow-up dialogue on the dialogue agreements in {municipality}. It asks the leader one question at a time, "
    "keeps every answer, and shows the leader exactly what will be shared before it is shared. The summary arrives in the nearest "
    "leader’s channel with the few points worth talking about. Write “start” to the bot to begin, and “help” to see what it can do.",
)
_DIALOGUE = Wording("Begynd på din dialog, eller fortsæt den", "Begin your dialogue, or go on with it")
_STATUS = Wording("Se, hvor langt dine dialoger er", "See how far your dialogues are")
_HINT = Wording("[start | status | rapport | hjælp]", "[start | status | report | help]")


def slack_manifest(commands: Commands, municipality: str, language: str, address: str | None) -> dict[str, Any]:
    """Return the manifest for an app that Slack reaches at `address`, as `https://host`; None: in Socket Mode."""
    where = {} if address is None else {"request_url": f"{address}{PATH}"}
    return {
        "display_information": {
            "name": NAME,
            "description": _cut(_SHORT.in_(language).format(municipality=municipality), SHORT_MOST),
            "long_description": _cut(_LONG.in_(language).format(municipality=municipality), LONG_MOST),
            "background_color": COLOUR,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "slash_commands": _commands(commands, language, address),
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**where, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **where},
            "org_deploy_enabled": False,
            "socket_mode_enabled": address is None,
            "token_rotation_enabled": False,
        },
    }


def _commands(commands: Commands, language: str, address: str | None) -> list[dict[str, Any]]:
    where = {} if address is None else {"url": f"{address}{PATH}"}
    dialogue = {
        "command": commands.command,
        "description": _DIALOGUE.in_(language),
        "usage_hint": _HINT.in_(language),
        "should_escape": False,
    }
    status = {"command": commands.status, "description": _STATUS.in_(language), "should_escape": False}
    return [{**dialogue, **where}, {**status, **where}]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
