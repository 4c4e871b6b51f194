"""Who may talk to the local chat at all: this machine, from its own page, in well-formed requests.

Promises: what is refused is refused in plain words with a 4xx, never by a fault; no page of another site can read or press
anything here, not even by giving this machine another name (DNS rebinding). Knows nothing of people or messages.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from aiohttp import hdrs, web

from store.database import DatabaseUnavailableError

BODY_LIMIT = 512 * 1024  # ten full answers, each letter written as %F0%9F%98%80
FIELDS_LIMIT = 1000
EVENT = re.compile(r"[A-Za-z0-9-]{8,64}")

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger("dialogbot.web")


class RefusedError(Exception):
    """The request cannot be met; `key` is the text that says why, `status` the 4xx or 503 that goes with it."""

    def __init__(self, key: str, status: int) -> None:
        super().__init__(key)
        self.key = key
        self.status = status


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_loopback(host: str) -> None:
    """Refuse to be reached from anywhere but this machine: here anybody is whoever they choose to be."""
    if not is_loopback(host):
        raise ValueError(f"the local chat runs on loopback only, not on {host!r}")


def check(request: web.Request) -> None:
    """Refuse what did not come from this machine, under its own name, or from this very page."""
    host = request.headers.get(hdrs.HOST, "")
    if not is_loopback(_hostname(host)) or not _listens_on_loopback(request):
        raise RefusedError("refused_origin", web.HTTPMisdirectedRequest.status_code)
    if request.method in {"GET", "HEAD"}:
        return
    origin = request.headers.get(hdrs.ORIGIN)
    # A program without a page sends neither header, and has nothing to gain here.
    if origin is not None and origin != f"http://{host}":
        raise RefusedError("refused_origin", web.HTTPForbidden.status_code)
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise RefusedError("refused_origin", web.HTTPForbidden.status_code)


def _hostname(netloc: str) -> str:
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _listens_on_loopback(request: web.Request) -> bool:
    ours = request.transport.get_extra_info("sockname") if request.transport else None
    return not isinstance(ours, tuple) or is_loopback(str(ours[0]).removeprefix("::ffff:"))


async def read_form(request: web.Request) -> Mapping[str, tuple[str, ...]]:
    """Return what a form holds, every field with all its values; line breaks as one character."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise RefusedError("refused_input", web.HTTPUnsupportedMediaType.status_code)
    raw = await request.read()
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_LIMIT)
    except ValueError:
        raise RefusedError("refused_input", web.HTTPBadRequest.status_code) from None
    form: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if "\0" in name or "\0" in value:  # PostgreSQL cannot keep it, and nobody can type it
            raise RefusedError("refused_input", web.HTTPBadRequest.status_code)
        form[name] = (*form.get(name, ()), value.replace("\r\n", "\n").replace("\r", "\n"))
    return form


def guarded(refuse: Callable[[web.Request, str, int], web.Response]) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Return the middleware that lets in only what may come in; `refuse` words a refusal."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            check(request)
            return await handler(request)
        except RefusedError as refused:
            return refuse(request, refused.key, refused.status)
        except DatabaseUnavailableError:
            log.exception("the database is away")
            return refuse(request, "trouble", web.HTTPServiceUnavailable.status_code)
        except web.HTTPRequestEntityTooLarge as large:
            return refuse(request, "refused_large", large.status)
        except web.HTTPClientError as error:
            return refuse(request, "refused_page", error.status)

    return guard


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Forbid everything the page does not need, on every answer."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
