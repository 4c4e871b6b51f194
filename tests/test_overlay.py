"""A municipality's own words: laid over ours, or named with file, line and how to mend them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.main import main
from cards.overlay import check_overlay
from cards.wording import texts


def overlay(folder: Path, content: str) -> Path:
    (folder / "texts.da.yaml").write_text(content, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('button.strat: "Begynd"', "texts.da.yaml:1: button.strat findes ikke."),
        ('# vores ord\nbutton.start: "{{ hvem }}"', "texts.da.yaml:2: button.start nævner hvem"),
        ('button.start: "{{ name"', "texts.da.yaml:1: button.start kan ikke læses."),
        ('button.start: "a"\n  x: [', "texts.da.yaml:2: filen kan ikke læses."),
        ("- en liste", "texts.da.yaml: filen kan ikke læses."),
    ],
)
def test_every_fault_names_its_line_and_how_to_mend_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    folder = overlay(tmp_path, content)
    assert [fault.in_("da")[: len(said)] for fault in check_overlay(folder)] == [said]
    assert main(["models", "check", str(folder)]) == 1
    assert said in capsys.readouterr().out


def test_own_words_are_said_instead_of_ours(tmp_path: Path) -> None:
    folder = overlay(tmp_path, 'greeting.deadline: "Senest {{ due|weekday }}."\n')
    assert check_overlay(folder) == ()
    assert texts("da", folder).say("button.start") == "Start"
    assert "Senest" in texts("da", folder).say("greeting.deadline", due=date(2027, 4, 1))
