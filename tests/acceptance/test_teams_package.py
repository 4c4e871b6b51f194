"""The written app package, held to the schemas Microsoft publishes, offline; and the icons, held to their drawings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.app_icons import FOLDER, SIZES, draw
from tests.rooms import ROOT
from tests.test_teams_manifest import picture

pytestmark = pytest.mark.acceptance

PEERS: Final = ROOT / "tests" / "acceptance" / "peers"
SCHEMA: Final = "https://developer.microsoft.com/json-schemas/teams/v1.30/MicrosoftTeams.schema.json"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as the command writes it."""
    path = tmp_path_factory.mktemp("package") / "dialogbot.zip"
    environment = {
        **os.environ,
        "MICROSOFT_APP_ID": "01234567-89ab-cdef-0123-456789abcdef",
        "DIALOGBOT_MUNICIPALITY": "Fjordby Kommune",
    }
    command = [sys.executable, "-m", "bot.main", "manifest", "teams", "--out", str(path)]
    subprocess.run(
        [*command, "--url", "https://bot.fjordby.example"], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    return path


@pytest.fixture
def unpacked(written: Path, tmp_path: Path) -> Path:
    """A copy of its files, to read or to break."""
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(written) as archive:
        archive.extractall(folder)
    return folder


def node() -> str:
    beside = Path(sys.executable).parent / "node"
    found = str(beside) if beside.exists() else shutil.which("node")
    assert found, "no Node.js: `make acceptance` installs one"
    return found


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [node(), str(PEERS / "check_manifest.mjs"), str(folder)], capture_output=True, text=True, check=False
    )


def test_microsofts_schemas_accept_the_package(unpacked: Path) -> None:
    done = checked(unpacked)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"checked manifest.json, en.json against {SCHEMA}"]
    assert done.returncode == 0


def broken(name: str, path: Path) -> None:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    match name:
        case "a name that is too long":
            content["name"]["short"] = "D" * 31
        case "no privacy page":
            del content["developer"]["privacyUrl"]
        case "an id that is none":
            content["bots"][0]["botId"] = "dialogbot"
        case "an unknown property":
            content["colour"] = "x"
        case "a place that is none":
            content["bots[1].title"] = "x"
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a name that is too long", "manifest.json"),
        ("no privacy page", "manifest.json"),
        ("an id that is none", "manifest.json"),
        ("an unknown property", "manifest.json"),
        ("a place that is none", "en.json"),
    ],
)
def test_microsofts_schemas_refuse_a_broken_package(unpacked: Path, name: str, file: str) -> None:
    broken(name, unpacked / file)
    done = checked(unpacked)
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stdout.splitlines()[:-1]] == [file]


def test_a_schema_that_is_not_installed_is_not_fetched(unpacked: Path) -> None:
    path = unpacked / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace("v1.30", "v9.99"), encoding="utf-8")
    done = checked(unpacked)
    assert done.returncode == 1
    assert "not installed" in done.stderr


async def test_the_icons_are_what_their_drawings_say(tmp_path: Path) -> None:
    await draw(tmp_path)
    for name in SIZES:
        kept, drawn = (picture((folder / f"{name}.png").read_bytes()) for folder in (FOLDER, tmp_path))
        assert len(kept.pixels) == len(drawn.pixels)
        pairs = zip(chain(*kept.pixels), chain(*drawn.pixels), strict=True)
        # Another Chromium may round an edge a little differently.
        assert sum(abs(one - other) for one, other in pairs) < len(kept.pixels)
