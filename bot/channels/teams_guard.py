"""What a request to our Teams endpoint must look like before anybody reads what it says.

Promises: what comes in is an activity of bounded size and depth whose parts are of the kinds they must be, and which every database
can keep; anything else is refused with a 4xx and a short code, never a fault. Who sent it is not asked here: see `teams_tokens`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, NoReturn
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from bot.channels.teams_tokens import Refused
from bot.settings import is_loopback

BODY_LIMIT: Final = 256 * 1024  # Teams takes 100 KB a message; ten full answers come back with less
DEPTH_LIMIT: Final = 64  # activities are less than ten deep, and what reads them reads them by recursion

_PARTS: Final[Mapping[str, type]] = {
    **dict.fromkeys(("type", "name", "id", "replyToId", "serviceUrl", "channelId", "locale", "text"), str),
    **dict.fromkeys(("from", "recipient", "conversation", "channelData"), dict),
    **dict.fromkeys(("entities", "attachments", "membersAdded", "membersRemoved"), list),
}
"""Of what kind each part of an activity is, where it is there; what stands in a list is an object."""

_PASSED_ON: Final = (hdrs.FORWARDED, hdrs.X_FORWARDED_FOR, hdrs.X_FORWARDED_HOST)


async def read_activity(request: web.Request) -> dict[str, object] | Refused:
    """The activity that a request brings, or why it is none."""
    if request.content_type != "application/json":
        return Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json")
    raw = await _body(request)
    if isinstance(raw, Refused):
        return raw
    try:
        found: object = json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Refused(HTTPStatus.BAD_REQUEST, "bad_json")
    if not isinstance(found, dict):
        return Refused(HTTPStatus.BAD_REQUEST, "not_an_object")
    reason = _wrong_text(found) or _wrong_parts(found)
    return Refused(HTTPStatus.BAD_REQUEST, reason) if reason else found


async def _body(request: web.Request) -> bytes | Refused:
    """What was sent, counted as it is unpacked: a small parcel may hold a large one."""
    raw = bytearray()
    try:
        async for part in request.content.iter_any():
            raw += part
            if len(raw) > BODY_LIMIT:
                return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    except (web.RequestPayloadError, ConnectionError):  # cut short, or not packed as it says
        return Refused(HTTPStatus.BAD_REQUEST, "bad_body")
    return bytes(raw)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON, though Python reads them


def _wrong_text(activity: Mapping[str, object]) -> str | None:
    """Whether it goes too deep, or holds letters that are none: half a pair, or the NUL that PostgreSQL cannot keep."""
    waiting: list[tuple[int, object]] = [(1, activity)]
    while waiting:
        depth, value = waiting.pop()
        match value:
            case str() if not _is_text(value):
                return "bad_text"
            case dict() | list() if depth > DEPTH_LIMIT:
                return "too_deep"
            case dict():
                waiting += [(depth + 1, part) for pair in value.items() for part in pair]
            case list():
                waiting += [(depth + 1, part) for part in value]
    return None


def _is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _wrong_parts(activity: Mapping[str, object]) -> str | None:
    kind = activity.get("type")
    if not kind:
        return "no_type"
    for name, expected in _PARTS.items():
        value = activity.get(name)
        if value is not None and not isinstance(value, expected):
            return f"bad_{name}"
        if isinstance(value, list) and not all(isinstance(one, dict) for one in value):
            return f"bad_{name}"
    return "no_name" if kind == "invoke" and not activity.get("name") else None


def peer_of(request: web.Request) -> str:
    """The address a request came from; empty if it was passed on to us, or was meant for another name than this machine's.

    A tunnel or a proxy on this machine has this machine's address, and so has the browser of somebody who reads a bad page here.
    """
    if any(name in request.headers for name in _PASSED_ON) or hdrs.ORIGIN in request.headers:
        return ""
    try:
        host = urlsplit(f"//{request.headers.get(hdrs.HOST, '')}").hostname or ""
    except ValueError:
        return ""
    return (request.remote or "").removeprefix("::ffff:") if is_loopback(host) else ""
