"""`dialogbot report` as it is written in a terminal: the file, what is said of it, and every sentence that refuses one."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cli import parser
from bot.main import main
from cards.reports.report import Format, Kind
from store import tables as t
from store.database import Database
from tests.rooms import ROOT
from tests.test_documents import asked_for, shell_lines
from tests.test_overview import answers
from tests.town import Town, fjordby

REPORTS = ROOT / "docs" / "reports.md"


@pytest.fixture
def town(tmp_path: Path, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Fjordby in the database of the settings, where Solsikken has sent its spring; an empty folder to stand in."""
    town = fjordby(database)
    answers(town, "mette", "Gennemført", "I gang", "I gang")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALOGBOT_MODELS", raising=False)
    monkeypatch.setenv("DIALOGBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("DIALOGBOT_MUNICIPALITY", "Fjordby Kommune")
    monkeypatch.setenv("DIALOGBOT_NOW", "2027-03-12T09:00")
    return town


def refused(capsys: pytest.CaptureFixture[str], *asked: str, language: str = "da") -> str:
    assert main(["--lang", language, "report", *asked]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    return told.err.rstrip("\n")


# --- written ------------------------------------------------------------------------------------------------------------------------


def test_a_report_is_a_word_file_named_after_it_and_said_to_be_written(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "unit", "--year", "2027", "--unit", "solsikken"]) == 0
    (written,) = tmp_path.glob("*.docx")
    assert capsys.readouterr().err == f"Skrevet: {written.name}\n"
    assert "word/document.xml" in zipfile.ZipFile(written).namelist()
    noted = town.do(
        lambda c: c.execute(select(t.audit.c.object, t.audit.c.reason).where(t.audit.c.act == "report")).all()
    )
    assert [tuple(one) for one in noted] == [(f"unit 2027 unit {town.id_of(t.unit, code='solsikken')}", "by command")]


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("as_", list(Format))
def test_the_format_is_the_one_asked_for_or_the_one_the_file_ends_in(
    town: Town, tmp_path: Path, kind: str, as_: Format
) -> None:
    begins = {Format.WORD: b"PK", Format.EXCEL: b"PK", Format.PAGE: b"<!", Format.DATA: b"{"}[as_]
    asked = ["report", "joint", "--year", "2027", "--unit", "Børn og Skole"]
    assert main([*asked, "--out", f"en.{as_.value}"]) == 0, (town, kind)
    assert main([*asked, "--out", "to", "--format", as_.value]) == 0
    assert (tmp_path / f"en.{as_.value}").read_bytes().startswith(begins)
    assert (tmp_path / "to").read_bytes().startswith(begins)


@pytest.mark.parametrize("about", list(Kind))
def test_every_kind_can_be_made_in_both_languages(town: Town, tmp_path: Path, about: Kind) -> None:
    unit = {Kind.RECORD: "solsikken", Kind.UNIT: "solsikken", Kind.COUNCIL: None}.get(about, "bs")
    for language in ("da", "en"):
        named = ["--unit", unit] if unit else []
        asked = ["--lang", language, "report", about.value, "--year", "2027", *named, "--out", f"{language}.json"]
        assert main(asked) == 0, town
        told = json.loads((tmp_path / f"{language}.json").read_text(encoding="utf-8"))
        assert (told["kind"], told["language"]) == (about.value, language)
        made = [section["id"] for section in told["sections"]]
        row = next(
            line for line in REPORTS.read_text("utf-8").splitlines() if line.startswith(f"| `{about.value}` | `")
        )
        documented = re.findall(r"`(\w+)`", row)[1:]
        # Only spring is sent here: a unit's and a forvaltning's year has then nothing to say of goals, and leaves them out.
        left_out = {"shared", "goals", "not_reached", "economy"} if about in {Kind.UNIT, Kind.JOINT} else set()
        assert made == [one for one in documented if one not in left_out]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_file_that_is_there_is_left_as_it_is_unless_it_is_asked_for(
    town: Town, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["report", "unit", "--year", "2027", "--unit", "solsikken"]
    assert main(asked) == 0, (town, kind)
    (written,) = tmp_path.glob("*.docx")
    written.write_text("rettet i Word", encoding="utf-8")
    capsys.readouterr()
    for again in ([], ["--out", written.name]):
        assert main([*asked, *again]) == 1
        assert capsys.readouterr().err == f"{written.name} findes allerede. Vælg et andet navn, eller brug --force.\n"
        assert written.read_text(encoding="utf-8") == "rettet i Word"
    assert main([*asked, "--force"]) == 0
    assert written.read_bytes().startswith(b"PK")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_template_is_written_for_word_and_the_report_is_made_from_it_when_it_is_the_municipalitys(
    town: Town, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models" / "reports").mkdir(parents=True)
    own = tmp_path / "models" / "reports" / "unit.da.docx"
    assert main(["report", "unit", "--template", str(own)]) == 0, (town, kind)
    assert capsys.readouterr().err == f"Skrevet: {own}\n"
    assert main(["report", "unit", "--template", str(own)]) == 1
    monkeypatch.setenv("DIALOGBOT_MODELS", str(tmp_path / "models"))
    asked = ["report", "unit", "--year", "2027", "--unit", "solsikken", "--out", "egen.docx"]
    assert main(asked) == 0
    own.write_bytes(b"not a Word file")
    capsys.readouterr()
    assert main([*asked, "--force"]) == 1
    assert "unit.da.docx" in capsys.readouterr().err


# --- refused ------------------------------------------------------------------------------------------------------------------------

REFUSED = [
    (["unit", "--year", "2027", "--unit", "nix"], "Der er ingen enhed med koden eller navnet »nix«."),
    (
        ["unit", "--year", "2027", "--unit", "Børnehuset Solsiken"],
        "Der er ingen enhed med koden eller navnet »Børnehuset Solsiken«. Mener du en af disse? Børnehuset Solsikken (solsikken).",
    ),
    (
        ["unit", "--year", "2027", "--unit", "en"],
        "3 enheder passer på »en«. Skriv koden eller hele navnet: Børnehuset Solsikken (solsikken), Staben (stab), Vuggestuen Månen (maanen).",
    ),
    (["unit", "--year", "2027"], "Om hele kommunen kan du lave: joint, council. Eller vælg en enhed med --unit."),
    (["council", "--year", "2027", "--unit", "bs"], "Om Børn og Skole kan du lave: joint, committee."),
    (["unit", "--year", "2026", "--unit", "solsikken"], "Der er intet at lave rapporten af: ingen dialog med frist i 2026 er sendt (Børnehuset Solsikken)."),
    (["joint", "--year", "2027", "--round", "efterår"], "Der er ingen runde »efterår« i 2027. Der er: 2027-spring."),
    (["joint", "--year", "1999"], "Året 1999 kan ikke bruges. Vælg et fra 2000 til 2099."),
    (["joint", "--year", "2027", "--unit", "stab"], "Den rapport kan ikke laves om Staben. Den har ingen aftale og ingen enheder under sig."),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_cannot_be_made_is_refused_in_a_sentence(
    town: Town, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town.unit("stab", under="fjordby", name="Staben", kind="stab")
    assert [(asked, refused(capsys, *asked)) for asked, _ in REFUSED] == REFUSED, kind
    assert list(tmp_path.glob("*.docx")) == []


def test_one_round_alone_is_known_with_and_without_its_year(town: Town, tmp_path: Path) -> None:
    for number, name in enumerate(("spring", "2027-spring")):
        asked = [
            "report",
            "record",
            "--year",
            "2027",
            "--unit",
            "Solsikken",
            "--round",
            name,
            "--out",
            f"{number}.json",
        ]
        assert main(asked) == 0, town
    assert (tmp_path / "0.json").read_bytes() == (tmp_path / "1.json").read_bytes()


def test_it_speaks_english(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "unit", "--year", "2027", "--unit", "nix", language="en") == (
        "There is no unit with the code or name “nix”."
    ), town
    assert refused(capsys, "unit", "--year", "2027", language="en") == (
        "About the whole municipality you can make: joint, council. Or choose a unit with --unit."
    )


def test_without_a_database_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALOGBOT_MODELS", raising=False)
    monkeypatch.delenv("DIALOGBOT_DATABASE_URL", raising=False)
    assert refused(capsys, "joint", "--year", "2027") == "Der er ingen database endnu. Læs arbejdsbogen ind først."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "asked", [["unit"], ["unit", "--year", "2027", "--template", "a.docx"], ["årsrapport", "--year", "2027"]]
)
def test_what_is_asked_for_wrongly_ends_with_two(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["report", *asked])
    assert left.value.code == 2
    assert "Se »dialogbot report --help«." in capsys.readouterr().err


@pytest.mark.parametrize("line", shell_lines(REPORTS))
def test_every_command_of_the_page_about_reports_is_one_that_there_is(line: str) -> None:
    _, (program, *arguments) = asked_for(line)
    assert program == "dialogbot"
    assert parser("da").parse_args(arguments).command == "report"


def test_the_page_about_reports_names_every_kind_and_format_there_is() -> None:
    page = REPORTS.read_text(encoding="utf-8")
    assert [one for one in Kind if f"| `{one.value}` |" not in page] == []
    assert [one for one in Format if f"`.{one.value}`" not in page] == []
