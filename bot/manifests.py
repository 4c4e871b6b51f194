"""What an administrator pastes into a platform before there is a token: app manifests.

Promises: what is printed on standard output is the manifest and nothing else, as JSON in UTF-8; nothing is read but the settings, and
nothing is stored.
"""

from __future__ import annotations

import io
import json
import re
import sys
from argparse import Namespace
from collections.abc import Mapping

from bot.channels.slack_manifest import slack_manifest
from bot.channels.slack_settings import Commands, command_names
from bot.opening import CannotOpenError, Words, bad_settings, settings_from, told

MISUSED = 2
_ADDRESS = re.compile(r"https://[\w-]+(\.[\w-]+)*(:\d{1,5})?")


def for_slack(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Print the app manifest to paste at Slack."""
    address = None if asked.socket_mode else _origin(asked.url)
    if address == "":
        sys.stderr.write(said["manifest.bad_url"].format(url=asked.url) + "\n")
        return MISUSED
    try:
        municipality = settings_from(environment, said, asked.lang).municipality
        commands = command_names(environment)
        if not isinstance(commands, Commands):
            raise bad_settings(commands, said, asked.lang)
    except CannotOpenError as fault:
        return told(fault)
    write(slack_manifest(commands, municipality, asked.lang, address))
    return 0


def write(manifest: Mapping[str, object]) -> None:
    """Put a manifest on standard output, in UTF-8 whatever the terminal is set to."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")


def _origin(url: str) -> str:
    """Return `https://host` or `https://host:port` of an address that is no more than that; "" for any other."""
    plain = url.strip().lower().removesuffix("/")
    return plain if _ADDRESS.fullmatch(plain) else ""
