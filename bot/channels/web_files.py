"""Reports in the local chat: where the link on a card leads, and what is answered there.

Promises: a file never runs as a part of the chat: whatever is in it, it is sandboxed, may load nothing, and is read as what it says it
is. Knows nothing of who may have it.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from aiohttp import hdrs, web

from cards import text
from cards.card import Card
from cards.reporting import in_bytes
from cards.reports.report import File
from cards.web import Link

PATH: Final = "/report"
_PAGE: Final = "text/html"
_WIDE: Final = 10_000  # characters: a refusal's lines are the page's own to break
_HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def link(email: str, key: str, file: File, language: str) -> Link:
    """Where a person gets a file they ordered."""
    href = f"{PATH}?" + urlencode({"as": email, "key": key})
    return Link(href, file.name, in_bytes(len(file.content), language), is_page=file.media_type.startswith(_PAGE))


def response(file: File) -> web.Response:
    """The file itself: a page is shown, anything else is kept under its name."""
    shown = "inline" if file.media_type.startswith(_PAGE) else "attachment"
    headers = {
        **_HEADERS,
        hdrs.CONTENT_DISPOSITION: f'{shown}; filename="{file.name}"',
        hdrs.CONTENT_LANGUAGE: file.language,
    }
    return web.Response(body=file.content, headers={**headers, hdrs.CONTENT_TYPE: _typed(file.media_type)})


def _typed(media_type: str) -> str:
    is_text = media_type.startswith("text/") or media_type == "application/json"
    return f"{media_type}; charset=utf-8" if is_text and "charset" not in media_type else media_type


def words_of(card: Card) -> str:
    """What a card says, on one line."""
    return " ".join(text.render(card, width=_WIDE).split())
