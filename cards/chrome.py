"""The local chat's own words by flat key: the page around the conversation, and what an input says beside its question.

Promises: read once a process; the same keys in every language; an unknown key is a fault. Knows nothing of cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

LANGUAGES = ("da", "en")
TEXTS = Path(__file__).parent / "texts"


@cache
def chrome(language: str) -> Mapping[str, str]:
    """Return every text of `language` by key; Danish for a language we do not speak."""
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    found = yaml.safe_load((TEXTS / f"web.{spoken}.yaml").read_text(encoding="utf-8"))
    return MappingProxyType({str(key): str(text) for key, text in found.items()})


def number(count: int, language: str) -> str:
    """Return a whole number with the thousands mark of `language`: 3.000 or 3,000."""
    return f"{count:,}" if language == "en" else f"{count:,}".replace(",", ".")
