"""Teams' app package: the manifest an administrator uploads, its English words, and the icons.

Promises: pure but for the icons, which lie beside this module; the same app gives the same bytes everywhere; nothing in it is secret.
Danish stands in the manifest itself, so that whoever uses Teams in a third language reads Danish too.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final
from urllib.parse import urlsplit

from dialogs.script import Wording

VERSION: Final = "1.30"
SCHEMAS: Final = f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}"
COLOUR: Final = "#0b5a69"  # the browser chat's accent, and the ground of the colour icon
NAME: Final = "Dialogbot"
SCOPES: Final = (
    "personal",
    "team",
)  # a leader's own chat, and the nearest leader's channel; nothing is said in group chats
ICONS: Final = ("color.png", "outline.png")

DEVELOPER_MOST, NAME_MOST, FULL_MOST, SHORT_MOST = 32, 30, 100, 80  # characters, by Teams' own schema

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day a zip can tell of: what is packed again is the same file
_READABLE = 0o644 << 16
_BY_UNIX = 3

_FULL = Wording(
    "Dialogbot: opfølgning på aftalerne i {municipality}", "Dialogbot: follow-up on the agreements in {municipality}"
)
_SHORT = Wording(
    "Hold opfølgningsdialogen i chatten: ét spørgsmål ad gangen.",
    "Hold the follow-up dialogue in chat: one question at a time.",
)
_LONG = Wording(
    "Botten holder opfølgningsdialogen om aftalerne i {municipality}. Den stiller dig ét spørgsmål ad gangen og gemmer hvert svar, så du "
    "kan holde pause, når du vil. Før noget bliver delt, ser du præcis, hvad der bliver delt, og hvor. Bagefter får din nærmeste leder én "
    "side i sin kanal med de få punkter, I kan tale ud fra.\n\n"
    "Skriv »start« for at begynde, »status« for at se, hvor langt du er, og »hjælp« for at se, hvad botten kan.",
    "The bot holds the follow-up dialogue on the agreements in {municipality}. It asks you one question at a time and keeps every answer, "
    "so you can pause whenever you like. Before anything is shared, you see exactly what will be shared, and where. Afterwards your "
    "nearest leader gets one page in their channel with the few points to talk about.\n\n"
    "Write “start” to begin, “status” to see how far you are, and “help” to see what the bot can do.",
)
COMMANDS: Final = (
    (
        Wording("start", "start"),
        Wording("Begynd på din dialog, eller fortsæt den", "Begin your dialogue, or go on with it"),
    ),
    (Wording("status", "status"), Wording("Se, hvor langt dine dialoger er", "See how far your dialogues are")),
    (Wording("aftale", "agreement"), Wording("Se din aftale, og skriv den under", "See your agreement, and sign it")),
    (Wording("rapport", "report"), Wording("Få en rapport som fil", "Get a report as a file")),
    (Wording("hjælp", "help"), Wording("Se, hvad botten kan", "See what the bot can do")),
)
"""What can be typed to the bot, and what it does."""


@dataclass(frozen=True, slots=True)
class TeamsApp:
    """An app of one municipality: `address` is where the bot is reached, the rest of the pages are for people to read."""

    app_id: str
    version: str
    municipality: str
    address: str
    website: str = ""
    privacy: str = ""
    terms: str = ""


def is_app_id(text: str) -> bool:
    """Whether it has the form of an id that Microsoft gives an app."""
    return bool(_GUID.fullmatch(text))


def release(version: str) -> str:
    """Return a version as Teams wants it, three numbers: 0.2.0 for 0.2.0rc1."""
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    parts = (numbers[0] if numbers else "0").split(".")
    return ".".join(str(int(part)) for part in [*parts, "0", "0"][:3])


def manifest(app: TeamsApp) -> dict[str, Any]:
    """Return the manifest, in Danish.

    It asks for no resource-specific consent and names no web application: the bot hears only what is said to it, an installed bot may
    look up the e-mail address of whoever it talks with, and may post where it is installed. Single sign-on is not used.
    """
    said = _said(app, "da")
    return {
        "$schema": f"{SCHEMAS}/MicrosoftTeams.schema.json",
        "manifestVersion": VERSION,
        "version": release(app.version),
        "id": app.app_id,
        "developer": {
            "name": _cut(app.municipality, DEVELOPER_MOST),
            "websiteUrl": app.website or app.address,
            "privacyUrl": app.privacy or app.address,
            "termsOfUseUrl": app.terms or app.address,
        },
        "name": {"short": said["name.short"], "full": said["name.full"]},
        "description": {"short": said["description.short"], "full": said["description.full"]},
        "localizationInfo": {
            "defaultLanguageTag": "da",
            "additionalLanguages": [{"languageTag": "en", "file": "en.json"}],
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": COLOUR,
        "bots": [
            {
                "botId": app.app_id,
                "scopes": list(SCOPES),
                "isNotificationOnly": False,
                "supportsFiles": True,  # without it a file cannot be offered to a person at all; it counts in the personal chat alone
                "commandLists": [
                    {"scopes": [scope], "commands": _commands(number, said)} for number, scope in enumerate(SCOPES)
                ],
            }
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [urlsplit(app.address).hostname or ""],
        "defaultInstallScope": "personal",
        "defaultGroupCapability": {"team": "bot"},
    }


def english(app: TeamsApp) -> dict[str, str]:
    """Return the words of the manifest in English, by where they stand in it."""
    return {"$schema": f"{SCHEMAS}/MicrosoftTeams.Localization.schema.json", **_said(app, "en")}


def package(app: TeamsApp) -> bytes:
    """Return the zip to upload."""
    icons = resources.files("bot.channels") / "teams_package"
    files = {
        "manifest.json": _as_json(manifest(app)),
        "en.json": _as_json(english(app)),
        **{name: (icons / name).read_bytes() for name in ICONS},
    }
    packed = io.BytesIO()
    # Not compressed: what a zip library makes of the same text differs from one version to the next, and this is a few kilobytes.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = _BY_UNIX, _READABLE
            archive.writestr(entry, files[name])
    return packed.getvalue()


def _said(app: TeamsApp, language: str) -> dict[str, str]:
    """Every word a person reads, by where it stands in the manifest, as Teams writes such places."""
    named = {
        "name.short": NAME,
        "name.full": _cut(_FULL.in_(language).format(municipality=app.municipality), FULL_MOST),
        "description.short": _SHORT.in_(language),
        "description.full": _LONG.in_(language).format(municipality=app.municipality),
    }
    commands = {
        f"{_place(scope, number)}.{part}": words.in_(language)
        for scope in range(len(SCOPES))
        for number, (title, does) in enumerate(COMMANDS)
        for part, words in (("title", title), ("description", does))
    }
    return named | commands


def _commands(scope: int, said: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {part: said[f"{_place(scope, number)}.{part}"] for part in ("title", "description")}
        for number in range(len(COMMANDS))
    ]


def _place(scope: int, command: int) -> str:
    return f"bots[0].commandLists[{scope}].commands[{command}]"


def _as_json(content: Mapping[str, object]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
