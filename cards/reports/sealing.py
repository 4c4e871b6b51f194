"""Word's and Excel's files made the same for the same report: the times in them are the report's day, not the moment of writing.

Promises: nothing but times changes, and what the caller changes itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LOCALES: Final = {"da": "da-DK", "en": "en-GB"}
"""What a document calls the language it is in."""

_EARLIEST: Final = 1980  # a zip file knows no earlier year
_WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def sealed(content: bytes, day: date, change: Callable[[str, bytes], bytes] | None = None) -> bytes:
    """Return the package with every time set to that day; `change` may alter a part, given its name."""
    written = BytesIO()
    moment = (max(day.year, _EARLIEST), day.month, day.day, 0, 0, 0)
    with ZipFile(BytesIO(content)) as before, ZipFile(written, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            if name == "docProps/core.xml":
                part = _WRITTEN.sub(rb"\g<1>" + f"{day.isoformat()}T00:00:00Z".encode(), part)
            info = ZipInfo(name, moment)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            after.writestr(info, change(name, part) if change else part)
    return written.getvalue()
