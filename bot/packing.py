"""The app package for Teams, written to a file that an administrator uploads.

Promises: nothing is read but the settings and nothing is stored; a file that is there is not overwritten unasked.
"""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from bot.channels.teams_manifest import TeamsApp, is_app_id, package
from bot.opening import CannotOpenError, Words, settings_from, told

MISUSED = 2
_ADDRESS = re.compile(r"https://[\w-]+(\.[\w-]+)*(:\d{1,5})?")


def for_teams(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Write the app package to upload at Teams."""
    address = asked.url.strip().lower().removesuffix("/")
    if not _ADDRESS.fullmatch(address):
        sys.stderr.write(said["manifest.bad_address"].format(url=asked.url) + "\n")
        return MISUSED
    for page in (asked.website, asked.privacy, asked.terms):
        if page and not _is_page(page):
            sys.stderr.write(said["manifest.bad_page"].format(url=page) + "\n")
            return MISUSED
    try:
        app = _app(asked, address, said, environment)
        _write(asked.out, package(app), said, force=asked.force)
    except CannotOpenError as fault:
        return told(fault)
    sys.stderr.write(said["manifest.packed"].format(path=asked.out) + "\n")
    return 0


def _app(asked: Namespace, address: str, said: Words, environment: Mapping[str, str]) -> TeamsApp:
    municipality = settings_from(environment, said, asked.lang).municipality
    app_id = environment.get("MICROSOFT_APP_ID", "").strip().lower()
    if not is_app_id(app_id):
        raise CannotOpenError(said["manifest.no_app_id"])
    return TeamsApp(app_id, version("dialogbot"), municipality, address, asked.website, asked.privacy, asked.terms)


def _write(path: Path, content: bytes, said: Words, *, force: bool) -> None:
    try:
        with path.open("wb" if force else "xb") as file:
            file.write(content)
    except FileExistsError:
        raise CannotOpenError(said["exists"].format(path=path)) from None
    except OSError as fault:
        raise CannotOpenError(said["cannot_write"].format(path=path, reason=fault.strerror)) from None


def _is_page(url: str) -> bool:
    """Whether anybody may be sent there."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" and bool(host) and not parts.username and re.search(r"\s", url) is None
