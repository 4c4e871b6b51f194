"""`/status` where it was thin: long splits in pages, a round that stays the one looked at, what one is asked oneself, long searches."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.generating import TODAY, grow, municipality, read_pieces
from store import overview
from store import tables as t
from store.database import Database
from store.work import Work
from tests.test_overview import answers, fits, in_the_autumn, opens, town  # noqa: F401 - the town is a fixture
from tests.town import Town, at_nine, library

IN_ROUND = "Du ser en bestemt runde."


def grown(database: Database, units: int) -> Town:
    grow(database, municipality(units, 7, read_pieces()), library(), 7, read_pieces())
    return Town(database, now=at_nine(TODAY))


def test_a_source_of_many_units_comes_in_pages(database: Database) -> None:
    user = grown(database, 30).user("p2@generated.example").says("status politik").presses("Flere enheder")
    assert "Politikker: enhed 11 til 20 af 30" in user.sees
    user.presses("Flere ›")
    assert "enhed 21 til 30 af 30" in user.sees
    assert "Flere ›" not in user.labels
    fits(user.card)
    assert "i gang" in user.presses("‹ Forrige").sees


def test_a_round_stays_the_one_looked_at_down_its_lists_and_back(database: Database) -> None:
    user = grown(database, 30).user("p2@generated.example").says("status efterår 2026")
    assert "Efterårsdialog 2026: 30 af 30" in user.sees
    user.presses("Flere enheder")
    assert IN_ROUND in user.sees
    assert "har svaret" in user.sees
    assert "har ikke svaret" not in user.sees
    user.presses("‹ ")
    assert "Efterårsdialog 2026: 30 af 30" in user.sees
    user.presses("Flere at se på")
    assert IN_ROUND in user.sees
    assert "mangler svar" not in user.sees
    user.presses("‹ ").presses("Politikker")
    assert "Efterårsdialog 2026: 30 af 30" in user.sees
    user.presses("Flere enheder")
    assert IN_ROUND in user.sees


def test_a_list_of_today_says_so_in_a_round(town: Town) -> None:  # noqa: F811
    in_the_autumn(town)
    user = town.user("karen").says("status efterår 2026").presses("Mål ›")
    assert "Listen er, som det står i dag" in user.sees
    assert "Listen er, som det står i dag" not in town.user("karen").says("status").presses("Mål ›").sees
    user.presses("‹ ")
    assert "Efterårsdialog 2026: " in user.sees


def test_up_from_a_unit_in_a_round_is_in_that_round(town: Town) -> None:  # noqa: F811
    in_the_autumn(town)
    answers(town, "ali", "Gennemført")
    user = opens(town.user("karen").says("status efterår 2026"), "Dagtilbud")
    assert "▲ 1 forsinket" in user.sees
    user.presses("‹ Et niveau op")
    assert "Efterårsdialog 2026: 1 af 3 enheder" in user.sees


def test_a_director_who_is_asked_about_one_indsats_finds_it_on_their_status(town: Town) -> None:  # noqa: F811
    town.plan()
    mette = town.user("mette").opens().presses("Start").presses("Bed en anden svare")
    mette.presses("Spørg", person=str(town.id_of(t.person, email="karen@fjordby.example")))
    user = town.user("karen").says("status")
    assert "3 enheder" in user.sees
    assert "Du er bedt om svar på 1 indsats ›" in user.labels
    user.presses("Du er bedt om svar på")
    assert "Mette Søndergaard beder dig svare om én indsats" in user.sees
    assert "Svar" in user.labels
    assert "Du er bedt" not in "".join(town.user("jens").says("status").labels)


def test_a_search_that_is_cut_off_says_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    user = grown(database, 30).user("p2@generated.example").says("søg leverandøren")
    count = int(user.sees.split(" svar")[0].rpartition(" ")[2])
    monkeypatch.setattr(overview, "MOST_FOUND", count)
    assert f"»leverandøren« står i {count} svar" in user.says("søg leverandøren").sees, "nothing is left out"
    monkeypatch.setattr(overview, "MOST_FOUND", count - 1)
    assert f"»leverandøren« står i mange svar. Her er de {count - 1} nyeste" in user.says("søg leverandøren").sees


@pytest.mark.parametrize("words", ["leverandøren", "LEVERANDØREN", "vi ", "findes ikke"])
def test_a_search_finds_the_same_unit_by_unit_and_answer_by_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    grown(database, 40)
    afdelinger = select(t.unit.c.id).where(t.unit.c.kind == "afdeling")
    found: dict[int, list[tuple[tuple[overview.Said, ...], bool]]] = {}
    for many in (0, 1_000_000):
        monkeypatch.setattr(overview, "MANY", many)
        with database.transaction() as connection:
            tops = connection.execute(afdelinger).scalars().all()
            found[many] = [Work(connection).overview.mentions([top], words) for top in tops]
    assert found[0] == found[1_000_000]
    assert any(said for said, _ in found[0]) == (words != "findes ikke")
