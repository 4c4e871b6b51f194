"""Teams' app package: its limits, its two languages, its icons, and the command that writes it."""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Final

import pytest

from bot.channels.teams_manifest import (
    COLOUR,
    COMMANDS,
    DEVELOPER_MOST,
    FULL_MOST,
    ICONS,
    NAME_MOST,
    SCOPES,
    SHORT_MOST,
    TeamsApp,
    english,
    is_app_id,
    manifest,
    package,
    release,
)
from bot.main import main
from bot.talk import Command, command
from tests.rooms import ROOT

ID: Final = "01234567-89ab-cdef-0123-456789abcdef"
APP: Final = TeamsApp(ID, "0.1.0", "Fjordby Kommune", "https://bot.fjordby.example")
LONG: Final = replace(APP, municipality="Fjordby og Omegns Meget Store Kommune på Den Anden Side af Sundet, " * 2)

# --- what the manifest says ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("app", [APP, LONG], ids=["Fjordby", "a long name"])
def test_no_text_is_longer_than_teams_allows(app: TeamsApp) -> None:
    said = manifest(app)
    for name, description in (
        (said["name"], said["description"]),
        tuple({part: english(app)[f"{of}.{part}"] for part in ("short", "full")} for of in ("name", "description")),
    ):
        assert len(name["short"]) <= NAME_MOST
        assert len(name["full"]) <= FULL_MOST
        assert len(description["short"]) <= SHORT_MOST
        assert len(description["full"]) <= 4000
    assert len(said["developer"]["name"]) <= DEVELOPER_MOST


def test_what_is_cut_shows_that_it_is() -> None:
    assert manifest(LONG)["developer"]["name"] == "Fjordby og Omegns Meget Store K…"
    assert manifest(APP)["developer"]["name"] == "Fjordby Kommune"


def test_the_bot_is_for_a_persons_own_chat_and_for_channels() -> None:
    said = manifest(APP)
    (bot,) = said["bots"]
    assert (said["id"], bot["botId"]) == (ID, ID)
    assert bot["scopes"] == list(SCOPES) == ["personal", "team"]
    assert [one["scopes"] for one in bot["commandLists"]] == [["personal"], ["team"]]
    assert said["validDomains"] == ["bot.fjordby.example"]
    assert said["accentColor"] == COLOUR


def test_the_apps_colour_is_the_browser_chats() -> None:
    assert f"--accent: {COLOUR};" in (ROOT / "bot" / "web" / "style.css").read_text(encoding="utf-8")
    assert f'fill="{COLOUR}"' in (ROOT / "bot" / "channels" / "teams_package" / "color.svg").read_text()


def test_the_pages_for_people_are_the_bots_own_address_until_others_are_given() -> None:
    named = {"websiteUrl", "privacyUrl", "termsOfUseUrl"}
    assert {manifest(APP)["developer"][name] for name in named} == {"https://bot.fjordby.example"}
    app = replace(
        APP, website="https://a.example/bot", privacy="https://a.example/data", terms="https://a.example/vilkår"
    )
    told = manifest(app)["developer"]
    assert told["websiteUrl"] == "https://a.example/bot"
    assert told["privacyUrl"] == "https://a.example/data"
    assert told["termsOfUseUrl"] == "https://a.example/vilkår"


@pytest.mark.parametrize(
    ("version", "released"), [("0.1.0", "0.1.0"), ("1.2", "1.2.0"), ("0.2.0rc1", "0.2.0"), ("1.2.3.4", "1.2.3")]
)
def test_a_version_has_three_numbers(version: str, released: str) -> None:
    assert release(version) == released


@pytest.mark.parametrize("text", ["", "dialogbot", ID[:-1], f"{ID}0", f"{{{ID}}}", f"{ID}\n"])
def test_what_is_not_an_app_id_is_seen(text: str) -> None:
    assert not is_app_id(text)
    assert is_app_id(ID)


# --- both languages ---------------------------------------------------------------------------------------------------------------


def at(place: str, said: object) -> object:
    """What stands at a place such as `bots[0].commandLists[1].commands[2].title`."""
    for step in re.findall(r"\w+", place):
        match said:
            case dict():
                said = said[step]
            case list():
                said = said[int(step)]
    return said


def words_of(said: object, place: str = "") -> dict[str, str]:
    """Every text under a part of the manifest, by its place."""
    match said:
        case dict():
            parts = {f"{place}.{name}" if place else name: part for name, part in said.items()}
        case list():
            parts = {f"{place}[{number}]": part for number, part in enumerate(said)}
        case _:
            return {place: str(said)}
    return {where: text for name, part in parts.items() for where, text in words_of(part, name).items()}


def test_every_english_text_has_a_danish_one_in_its_place() -> None:
    places = [place for place in english(APP) if place != "$schema"]
    assert [place for place in places if not isinstance(at(place, manifest(APP)), str)] == []


def test_every_danish_text_has_an_english_one() -> None:
    said = manifest(APP)
    read = {part: said[part] for part in ("name", "description")}
    commands = [{"commandLists": [{"commands": one["commands"]} for one in said["bots"][0]["commandLists"]]}]
    assert set(words_of(read) | words_of({"bots": commands})) == set(english(APP)) - {"$schema"}


def test_the_two_languages_are_two() -> None:
    same = {place for place, text in english(APP).items() if place != "$schema" and at(place, manifest(APP)) == text}
    commands = {f"bots[0].commandLists[{scope}].commands[{number}].title" for scope in (0, 1) for number in (0, 1)}
    assert same == {"name.short"} | commands  # start and status are words in both


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_bot_understands_every_command_it_offers(language: str) -> None:
    assert [command(title.in_(language)) for title, _ in COMMANDS] == [
        Command.START,
        Command.STATUS,
        Command.AGREEMENT,
        Command.REPORT,
        Command.HELP,
    ]


# --- the package ------------------------------------------------------------------------------------------------------------------


def test_the_same_app_gives_the_same_bytes() -> None:
    assert package(APP) == package(APP)
    with zipfile.ZipFile(io.BytesIO(package(APP))) as archive:
        assert archive.testzip() is None
        assert [one.date_time for one in archive.infolist()] == [(1980, 1, 1, 0, 0, 0)] * 4


def test_the_package_holds_everything_at_its_top_and_nothing_else() -> None:
    with zipfile.ZipFile(io.BytesIO(package(APP))) as archive:
        assert archive.namelist() == ["color.png", "en.json", "manifest.json", "outline.png"]
        said = json.loads(archive.read("manifest.json"))
        assert said == manifest(APP)
        assert json.loads(archive.read("en.json")) == english(APP)
        named = [*said["icons"].values(), *(one["file"] for one in said["localizationInfo"]["additionalLanguages"])]
        assert set(named) <= set(archive.namelist())


def test_the_icons_are_installed_with_the_program(tmp_path: Path) -> None:
    folder = resources.files("bot.channels") / "teams_package"
    assert all((folder / name).is_file() for name in ICONS)
    # What a wheel would hold, asked of the same build that makes it.
    script = "import setuptools; setuptools.setup(script_args=['-q', 'build', '-b', r'{}'])".format(tmp_path / "built")
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)
    built = tmp_path / "built" / "lib" / "bot" / "channels" / "teams_package"
    assert sorted(path.name for path in built.iterdir()) == sorted(ICONS)


# --- the icons --------------------------------------------------------------------------------------------------------------------

Pixel = tuple[int, ...]
CHANNELS: Final = {2: 3, 6: 4}  # colour types of a PNG: RGB, RGBA


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG of eight bits a channel, read."""

    width: int
    height: int
    pixels: tuple[Pixel, ...]

    def drawn(self, ground: Pixel) -> tuple[int, int, int, int]:
        """The box around everything that is not the ground: left, top, right, bottom, in whole pixels."""
        places = [divmod(number, self.width) for number, pixel in enumerate(self.pixels) if pixel != ground]
        rows, columns = [row for row, _ in places], [column for _, column in places]
        return min(columns), min(rows), max(columns) + 1, max(rows) + 1


def icon_of(name: str) -> Picture:
    return picture((resources.files("bot.channels") / "teams_package" / name).read_bytes())


def picture(content: bytes) -> Picture:
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks: dict[bytes, bytes] = {}
    at_byte = 8
    while at_byte < len(content):
        (length,) = struct.unpack(">I", content[at_byte : at_byte + 4])
        kind = content[at_byte + 4 : at_byte + 8]
        chunks[kind] = chunks.get(kind, b"") + content[at_byte + 8 : at_byte + 8 + length]
        at_byte += 12 + length
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, interlaced) == (8, 0)
    return Picture(width, height, unfiltered(zlib.decompress(chunks[b"IDAT"]), width, CHANNELS[colour]))


def unfiltered(lines: bytes, width: int, channels: int) -> tuple[Pixel, ...]:
    size = width * channels
    above = bytes(size)
    pixels: list[Pixel] = []
    for start in range(0, len(lines), size + 1):
        how, line = lines[start], bytearray(lines[start + 1 : start + 1 + size])
        for number in range(size):
            left = line[number - channels] if number >= channels else 0
            corner = above[number - channels] if number >= channels else 0
            line[number] = (line[number] + predicted(how, left, above[number], corner)) % 256
        above = bytes(line)
        pixels += [tuple(above[number : number + channels]) for number in range(0, size, channels)]
    return tuple(pixels)


def predicted(how: int, left: int, up: int, corner: int) -> int:
    """What a PNG's filter takes a byte to be from those before it."""
    nearest = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
    return (0, left, up, (left + up) // 2, nearest)[how]


def test_the_colour_icon_is_a_full_square_with_its_mark_where_no_mask_reaches() -> None:
    icon = icon_of("color.png")
    ground = tuple(bytes.fromhex(COLOUR.removeprefix("#")))
    corners = {icon.pixels[number] for number in (0, 191, 191 * 192, 192 * 192 - 1)}
    assert (icon.width, icon.height) == (192, 192)
    assert corners == {ground}
    left, top, right, bottom = icon.drawn(ground)
    assert min(left, top) >= 36
    assert max(right, bottom) <= 156


def test_the_outline_icon_is_white_and_nothing_else() -> None:
    icon = icon_of("outline.png")
    assert (icon.width, icon.height) == (32, 32)
    assert {pixel[:3] for pixel in icon.pixels if pixel[3]} == {(255, 255, 255)}
    assert {pixel[3] for pixel in icon.pixels} >= {0, 255}
    left, top, right, bottom = icon.drawn((0, 0, 0, 0))
    assert (left, top, 32 - right, 32 - bottom) == (2, 3, 2, 3)


# --- the command ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MICROSOFT_APP_ID", ID.upper())
    monkeypatch.setenv("DIALOGBOT_MUNICIPALITY", "Fjordby Kommune")
    return tmp_path / "dialogbot.zip"


def asked(out: Path, *more: str, language: str = "da") -> list[str]:
    return ["--lang", language, "manifest", "teams", "--out", str(out), "--url", "https://bot.fjordby.example", *more]


def test_the_command_writes_the_package_and_says_so(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(out)) == 0
    with zipfile.ZipFile(out) as archive:
        assert json.loads(archive.read("manifest.json"))["id"] == ID
        assert json.loads(archive.read("en.json"))["name.full"].endswith("Fjordby Kommune")
    said = capsys.readouterr()
    assert said.out == ""
    assert f"Skrevet: {out}." in said.err


def test_a_file_that_is_there_is_not_overwritten_unasked(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out.write_text("mine")
    assert main(asked(out)) == 1
    assert out.read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert main(asked(out, "--force")) == 0
    assert zipfile.is_zipfile(out)


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("app_id", ["", "dialogbot"])
def test_without_an_app_id_one_is_told_how_to_get_it(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], app_id: str, language: str
) -> None:
    monkeypatch.setenv("MICROSOFT_APP_ID", app_id)
    assert main(asked(out, language=language)) == 1
    said = capsys.readouterr().err
    assert "MICROSOFT_APP_ID" in said
    assert {"da": "Azure Bot, Single Tenant", "en": "Azure Bot, Single Tenant"}[language] in said
    assert not out.exists()


@pytest.mark.parametrize(
    "url", ["http://bot.fjordby.example", "bot.fjordby.example", "https://bot.fjordby.example/sti", "https://", ""]
)
def test_an_address_that_teams_cannot_use_is_refused(out: Path, capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert main(["manifest", "teams", "--out", str(out), "--url", url]) == 2
    assert f"»{url}«" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    "page", ["http://a.example", "a.example", "https://x y.example", "https://[", "https://me@a.example"]
)
@pytest.mark.parametrize("option", ["--website", "--privacy", "--terms"])
def test_a_page_nobody_should_be_sent_to_is_refused(
    out: Path, capsys: pytest.CaptureFixture[str], option: str, page: str
) -> None:
    assert main(asked(out, option, page)) == 2
    assert f"»{page}«" in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_that_is_not_there_is_told(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(out.parent / "nowhere" / "dialogbot.zip")) == 1
    assert "kan ikke skrives" in capsys.readouterr().err
