"""A file on its way into somebody's OneDrive through Teams: asking whether it may, what they answer, and the card that opens it.

Promises: what Teams carries for us is the delivery's key alone, and everything that comes back is read as anybody's: bytes go to
Microsoft's own upload addresses and nowhere else. Knows nothing of Microsoft's library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from bot.channels.teams_settings import TeamsSettings
from bot.settings import is_loopback, is_safe
from cards.reports.report import File

CONSENT: Final = "application/vnd.microsoft.teams.card.file.consent"
INFO: Final = "application/vnd.microsoft.teams.card.file.info"
INVOKE: Final = "fileConsent/invoke"
PIECE: Final = 30 * 320 * 1024  # bytes sent at a time: OneDrive wants a multiple of 320 KiB, under 60 MiB
UPLOAD_SECONDS: Final = 60  # for one of them
SEEN_TO: Final = timedelta(minutes=5)
"""So long after an answer its file is there or will never be: then it can be answered again."""
REFUSED: Final = "upload-refused"
_CONTEXT: Final = "report"
_LONGEST: Final = 4000  # characters of an address that Teams tells us


@dataclass(frozen=True, slots=True)
class Attached:
    """What a message has with it instead of a card of ours."""

    content_type: str
    name: str
    content: Mapping[str, object]
    text: str  # what a notification and a screen reader say
    content_url: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """Where Microsoft wants the bytes, and where the file is found afterwards."""

    url: str
    content_url: str
    name: str
    unique_id: str
    file_type: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody answered: the key of the delivery, and where the file goes; None: they would rather not."""

    key: str
    upload: Upload | None = field(repr=False)


def consent(file: File, key: str, about: str) -> Attached:
    """The card that asks whether a file may be put into somebody's OneDrive."""
    context = {_CONTEXT: key}
    content = {
        "description": about,
        "sizeInBytes": len(file.content),
        "acceptContext": context,
        "declineContext": context,
    }
    return Attached(CONSENT, file.name, content, about)


def info(upload: Upload, text: str) -> Attached:
    """The card that opens a file that was uploaded."""
    content = {"uniqueId": upload.unique_id, "fileType": upload.file_type}
    return Attached(INFO, upload.name, content, text, upload.content_url)


def answered(value: object) -> Consent | None:
    """What an invoke says somebody answered; None when it is none that we can read."""
    context = _within(value, "context")
    key, action = _text(context, _CONTEXT), _text(value, "action")
    if not key or action not in {"accept", "decline"}:
        return None
    if action == "decline":
        return Consent(key, None)
    told = _within(value, "uploadInfo")
    names = ("uploadUrl", "contentUrl", "name", "uniqueId", "fileType")
    url, content_url, name, unique_id, file_type = (_text(told, one) for one in names)
    if not (url and content_url and name):
        return None
    return Consent(key, Upload(url, content_url, name, unique_id, file_type))


def may_take(url: str, settings: TeamsSettings) -> bool:
    """Whether bytes may be sent to an address: Microsoft's own for files, encrypted; in a rehearsal, this machine."""
    if not is_safe(url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if settings.is_local:
        return is_loopback(host)
    return any(host == one or host.endswith(f".{one}") for one in settings.upload_hosts)


def pieces(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes as they are sent: each piece with its Content-Range."""
    for begin in range(0, len(content), PIECE):
        piece = content[begin : begin + PIECE]
        yield f"bytes {begin}-{begin + len(piece) - 1}/{len(content)}", piece


def _within(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _text(value: object, name: str) -> str:
    found = _within(value, name)
    return found if isinstance(found, str) and len(found) <= _LONGEST else ""
