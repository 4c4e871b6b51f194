"""`/status` as those who lead several units meet it: what is counted, who sees it, and what it costs, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import event, insert, select, update

from bot.generating import TODAY, grow, municipality, read_pieces
from cards import overview as cards
from cards import slack, slack_limits, teams, teams_limits
from cards.card import Card, Press
from dialogs.freezing import thaw
from store import migrations
from store import tables as t
from store.database import Database, open_database
from store.standing import counted, in_words
from store.work import Work
from store.workbook.municipality import read_municipality
from tests.databases import Kind, fresh_database
from tests.town import SPRING, Town, User, at_nine, fjordby, library

AUTUMN = date(2026, 9, 10)


@pytest.fixture
def town(database: Database) -> Town:
    """Fjordby in March, where Solsikken and Månen answered in the autumn; nothing is answered in the spring."""
    town = fjordby(database)
    town.unit("skoler", under="bs", name="Skoler", kind="afdeling")
    town.unit("byskolen", under="skoler", name="Byskolen")
    town.person("Pia Holm")
    town.post("pia", "byskolen")
    town.agreement("byskolen")
    town.initiative("byskolen", "Læsebånd", source="politik")
    return town


def answers(town: Town, who: str, *statuses: str, cause: str = "") -> User:
    """Answer every initiative with a status, in their order, and send it."""
    town.plan()
    user = town.user(who).opens().presses("Start")
    for status in statuses:
        user.presses(status)
        if status in {"Forsinket", "Stoppet"}:
            user.presses("Næste", cause=cause or "Det går langsomt").presses("Det aftaler vi på mødet")
    user.presses("Spring over")
    user.presses("Se opsummeringen")
    return user.presses("Send til")


def karen(town: Town) -> User:
    town.plan()
    return town.user("karen").says("status")


def opens(user: User, name: str) -> User:
    """Press »Åbn« at the row of that name."""
    rows = [part for part in user.card.parts if hasattr(part, "runs") and hasattr(part, "button")]
    row = next(row for row in rows if row.runs[0].text == name)
    return user.presses_old(row.button)


# --- what is counted ----------------------------------------------------------------------------------------------------------------


def test_a_director_sees_who_has_answered_and_by_when(town: Town) -> None:
    answers(town, "mette", "Gennemført", "I gang", "I gang")
    sees = karen(town).sees
    assert "Børn og Skole" in sees
    assert "Forårsdialog 2027: 1 af 3 enheder har svaret, 33 %" in sees
    assert "frist 1. april 2027, om 22 dage" in sees


def test_initiatives_are_counted_by_status_and_by_source_in_words(town: Town) -> None:
    answers(town, "mette", "Gennemført", "Forsinket", "I gang")
    sees = karen(town).sees
    assert "3 indsatser, som der sidst er svaret" in sees
    assert "▲ 1 forsinket" in sees
    assert "Politikker: ● 1 gennemført" in sees
    assert "Direktionens handlingsplan: ▲ 1 forsinket" in sees
    assert "Lokale indsatser: ◐ 1 i gang, efter planen" in sees


def test_what_is_not_sent_is_nobody_elses(town: Town) -> None:
    town.plan()
    town.user("mette").opens().presses("Start").presses("Forsinket").presses("Næste", cause="Hemmeligt endnu")
    user = karen(town)
    assert "0 af 3 enheder har svaret" in user.sees
    assert "forsinket" not in user.sees
    user.says("søg hemmeligt")
    assert "Ingen svar nævner" in user.sees
    user.says("status solsikken")
    assert "Ikke svaret endnu" in user.sees
    assert "Hemmeligt" not in user.sees


def test_a_correction_that_is_not_sent_is_not_shown_either(town: Town) -> None:
    mette = answers(town, "mette", "Forsinket", "I gang", "I gang", cause="To skoler mangler")
    mette.opens().presses("Åbn").presses("Ret", nth=1).presses("Næste", cause="Tre skoler mangler")
    user = karen(town)
    assert "To skoler mangler" in user.sees
    assert "Tre skoler" not in user.sees
    assert "Ingen svar nævner" in user.says("søg tre skoler").sees


def test_the_units_worth_a_look_come_worst_first_with_why_in_the_leaders_words(town: Town) -> None:
    answers(town, "mette", "Stoppet", "Forsinket", "I gang", cause="Vi mangler vikardækning")
    answers(town, "ali", "Forsinket", cause="Lokalet er optaget")
    town.now = at_nine(date(2027, 4, 6))
    sees = karen(town).sees
    worth = sees[sees.index("Værd at se på først") : sees.index("— Enheder")]
    assert worth.index("Børnehuset Solsikken") < worth.index("Vuggestuen Månen") < worth.index("Byskolen")
    assert "▲ 1 forsinket · ■ 1 stoppet" in worth
    assert "»Vi mangler vikardækning«" in worth
    assert "»Lokalet er optaget«" in worth
    assert "mangler svar, fristen var 1. april 2027" in worth


def test_wanting_others_to_take_part_is_a_reason(town: Town) -> None:
    town.plan()
    ali = town.user("ali").opens().presses("Start").presses("Forsinket")
    ali.presses("Næste", cause="Lokalet er optaget", involve__others="Ejendomme").presses("Det aftaler vi på mødet")
    ali.presses("Spring over").presses("Se opsummeringen").presses("Send til")
    assert "vil have andre med i løsningen" in karen(town).sees


def in_the_autumn(town: Town) -> None:
    """Månen's autumn, told as it is kept when it is sent: its one indsats delayed."""
    town.now = at_nine(AUTUMN)
    town.plan()
    sends(town, town.dialogue("maanen"), "delayed")
    town.now = at_nine(SPRING)


def sends(town: Town, dialogue_id: int, status: str) -> None:
    """Månen sends a dialogue, or its correction, with a status of its one indsats."""
    statuses = {town.id_of(t.initiative, title="Sprogtrappen"): status}
    ali = town.id_of(t.person, name="Ali Demir")
    with town.database.transaction() as connection:
        work = Work(connection)
        dialogue = work.dialogue(dialogue_id)
        assert dialogue is not None
        work.mark_sent(dialogue, statuses, ali, town.now)
        work.overview.keep_initiatives(dialogue_id, statuses, concerns=1)


def test_the_change_since_last_round_counts_those_who_have_answered_both(town: Town) -> None:
    in_the_autumn(town)
    assert "▲ 1 forsinket" in karen(town).sees, "whoever has not answered counts as they last did"
    assert "Siden" not in karen(town).sees
    answers(town, "ali", "Gennemført")
    sees = karen(town).sees
    assert "Siden oktober 2026: ▲ 1 færre forsinket · ● 1 flere gennemført" in sees


def test_a_round_that_is_over_is_shown_as_it_told(town: Town) -> None:
    in_the_autumn(town)
    answers(town, "ali", "Gennemført")
    user = town.user("karen").says("status efterår 2026")
    assert "Efterårsdialog 2026: 1 af 3 enheder har svaret" in user.sees
    assert "▲ 1 forsinket" in user.sees
    assert "gennemført" not in user.sees
    assert "Efterårsdialog 2026" in opens(user, "Dagtilbud").sees


def test_correcting_an_earlier_round_does_not_change_how_it_stands_now(town: Town) -> None:
    in_the_autumn(town)
    autumn = town.dialogue("maanen")
    answers(town, "ali", "Gennemført")
    sends(town, autumn, "stopped")
    assert "● Gennemført" in town.user("karen").says("status månen").sees
    assert "Siden oktober 2026: ■ 1 færre stoppet · ● 1 flere gennemført" in karen(town).sees


def test_goals_are_counted_by_how_far_they_are_reached(town: Town) -> None:
    in_the_autumn(town)
    agreement, dialogue = town.id_of(t.agreement, code="maanen-2026"), town.dialogue("maanen")
    goal = town.add(t.goal, code="trappe", title="Alle børn taler med", source="politik")
    town.do(
        lambda connection: connection.execute(insert(t.agreement_goal).values(agreement_id=agreement, goal_id=goal))
    )
    with town.database.transaction() as connection:
        work = Work(connection)
        work.goals.keep_attainments(agreement, dialogue, {goal: "partly"})
        work.overview.keep_goals(dialogue, {goal: "partly"})
    answers(town, "ali", "I gang")
    user = karen(town)
    assert "◑ 1 delvist nået" in user.sees, "a round that does not ask about goals leaves them as they were"
    user.presses("Mål ›")
    assert "Alle børn taler med\n" in user.sees
    assert "Alle børn taler med" not in user.presses("● Nået").sees


# --- down and back ------------------------------------------------------------------------------------------------------------------


def test_down_by_press_to_one_indsats_and_back(town: Town) -> None:
    answers(town, "mette", "Forsinket", "I gang", "I gang", cause="To skoler mangler")
    user = opens(karen(town), "Dagtilbud")
    assert "1 af 2 enheder har svaret" in user.sees
    opens(user, "Børnehuset Solsikken")
    assert "Forårsdialog 2027: sendt 10. marts 2027" in user.sees
    opens(user, "Overleveringsmøder")
    assert "april 2027: ▲ Forsinket" in user.sees
    assert "»To skoler mangler«" in user.sees
    assert "Svaret af Mette Søndergaard" in user.sees
    user.presses("‹ Børnehuset Solsikken").presses("‹ Et niveau op").presses("‹ Et niveau op")
    assert "3 enheder har svaret" in user.sees
    assert not [label for label in user.labels if label.startswith("‹")], "nothing above is theirs"


def test_a_status_lists_its_indsatser(town: Town) -> None:
    answers(town, "mette", "Forsinket", "I gang", "I gang")
    user = karen(town).presses("▲ Forsinket")
    assert "Overleveringsmøder" in user.sees
    assert "Digitale forløb" not in user.sees
    assert "Forsinket" in town.user("karen").says("status forsinket").sees


def test_a_source_is_split_by_unit(town: Town) -> None:
    answers(town, "mette", "Forsinket", "I gang", "I gang")
    user = town.user("karen").says("status politik")
    assert "Børn og Skole · Politikker" in user.sees
    assert "▲ 1 forsinket" in user.sees
    assert "i gang" not in user.sees
    assert "Dagtilbud\n" in user.sees


def test_a_leader_of_one_unit_sees_their_own_dialogues_and_the_way_to_their_indsatser(town: Town) -> None:
    mette = answers(town, "mette", "Forsinket", "I gang", "I gang").says("status")
    assert "Dine dialoger" in mette.sees
    mette.presses("Indsatser og mål")
    assert "Overleveringsmøder" in mette.sees


def test_somebody_who_leads_units_and_answers_too_reaches_both(town: Town) -> None:
    town.agreement("dagtilbud")
    town.initiative("dagtilbud", "Fælles ledelse")
    town.plan()
    jens = town.user("jens").says("status")
    assert "Dagtilbud selv" in jens.sees
    assert "Forårsdialog 2027 for Dagtilbud" in jens.presses("Dine dialoger").sees


def test_it_is_said_in_english_to_who_speaks_it(town: Town) -> None:
    answers(town, "mette", "Forsinket", "I gang", "I gang")
    town.user("karen").says("english")
    sees = town.user("karen").says("status").sees
    assert "1 of 3 units answered, 33%" in sees
    assert "▲ 1 delayed" in sees
    assert "Worth a look first" in sees


# --- who sees what --------------------------------------------------------------------------------------------------------------------


def test_a_unit_outside_ones_reach_is_answered_as_one_that_does_not_exist(town: Town) -> None:
    town.plan()
    jens = town.user("jens")
    outside = jens.says("status Byskolen").sees
    unknown = jens.says("status Byskulen").sees
    assert outside.replace("Byskolen", "X") == unknown.replace("Byskulen", "X")
    assert "Forårsdialog" in town.user("karen").says("status Byskolen").sees


@pytest.mark.parametrize("view", ["", "unit", "status", "goals", "worth", "source", "round"])
def test_a_guessed_button_shows_nothing_outside_ones_reach(town: Town, view: str) -> None:
    town.plan()
    unit = town.id_of(t.unit, code="byskolen")
    value = f"{unit}-2027-spring" if view == "round" else str(unit)
    for who in ("mette", "jens"):
        user = town.user(who).presses_old(Press("overview", subject=view, step="delayed", value=value))
        assert "ikke blandt dem, du kan se status for" in user.sees
        assert "Byskolen" not in user.sees


def test_an_indsats_outside_ones_reach_has_no_history(town: Town) -> None:
    answers(town, "mette", "Forsinket", "I gang", "I gang", cause="To skoler mangler")
    initiative = town.id_of(t.initiative, title="Overleveringsmøder")
    own = town.id_of(t.unit, code="byskolen")
    press = Press("overview", subject=f"initiative-{initiative}", value=str(own))
    assert "To skoler" not in town.user("pia").presses_old(press).sees
    assert "To skoler" in town.user("jens").presses_old(press).sees


def test_an_old_button_shows_nothing_after_a_move(town: Town) -> None:
    user = karen(town)
    button = next(one for one in user.card.buttons if one.press.act == "overview" and one.press.value != "0")
    who = town.id_of(t.person, name="Karen Aagaard")
    ended = update(t.post).where(t.post.c.person_id == who).values(to_day=date(2027, 3, 9))
    town.do(lambda connection: connection.execute(ended))
    assert "ikke blandt dem" in user.presses_old(button).sees


def test_a_stand_in_sees_it_while_the_leader_is_away_and_no_longer(town: Town) -> None:
    town.away("karen", date(2027, 3, 1), date(2027, 3, 20), "pia")
    town.plan()
    assert "3 enheder" in town.user("pia").says("status").sees
    town.now = at_nine(date(2027, 3, 22))
    assert "Børn og Skole" not in town.user("pia").says("status").sees


def test_a_consultant_sees_what_the_post_covers(town: Town) -> None:
    town.plan()
    assert "3 enheder" in town.user("sofie").says("status").sees


def test_part_of_a_name_finds_the_unit_and_several_are_offered(town: Town) -> None:
    town.unit("maanestien", under="dagtilbud", name="Månestien")
    user = karen(town).says("status solsik")
    assert "Børnehuset Solsikken" in user.sees
    user.says("status måne")
    assert "2 enheder passer på »måne«" in user.sees
    assert "Vuggestuen Månen" in opens(user, "Vuggestuen Månen").sees


def test_names_like_it_are_suggested(town: Town) -> None:
    user = karen(town).says("status byskulen")
    assert "Mener du en af disse?" in user.sees
    assert "Byskolen" in user.sees


def test_what_is_typed_as_an_answer_stays_an_answer(town: Town) -> None:
    town.agreement("dagtilbud")
    town.initiative("dagtilbud", "Fælles ledelse")
    town.plan()
    jens = town.user("jens").opens().presses("Start").presses("Forsinket")
    jens.says("Status er, at vi mangler folk")
    assert "Status er, at vi mangler folk" in jens.sees
    assert "Forårsdialog 2027: " in town.user("jens").says("/status solsikken").sees


# --- searching ------------------------------------------------------------------------------------------------------------------------


def test_a_search_says_where_who_and_when(town: Town) -> None:
    answers(town, "mette", "Forsinket", "I gang", "I gang", cause="Sygefraværet er 50 % højere, og ØKONOMIEN_er stram")
    user = karen(town).says("søg sygefravær")
    assert "»sygefravær« står i 1 svar" in user.sees
    assert "»Sygefraværet er 50 % højere" in user.sees
    assert "Overleveringsmøder · Mette Søndergaard, 10. marts 2027" in user.sees
    for words, count in (("50 %", 1), ("0_%", 0), ("økonomien_er", 1), ("cause", 0), ("delayed", 0)):
        assert (f"står i {count} svar" if count else "Ingen svar nævner") in user.says(f"søg {words}").sees
    assert "Sygefraværet" not in town.user("pia").says("søg sygefravær").sees


def test_a_long_search_comes_in_pages_with_its_words(town: Town) -> None:
    agreement = town.id_of(t.agreement, code="byskolen-2026")
    for number in range(12):
        goal = town.add(t.goal, code=f"G{number}", title="Et mål", source="lokal")
        town.add(t.initiative, code=f"N{number}", goal_id=goal, agreement_id=agreement, title=f"Indsats {number}")
    answers(town, "pia", *["Forsinket"] * 13, cause="Sygefravær igen")
    user = karen(town).says("søg sygefravær")
    assert user.labels.count("Åbn") == 10
    user.presses("Flere ›")
    assert user.labels.count("Åbn") == 3
    assert user.card.inputs[0].value == "sygefravær"


# --- what it costs, and where it must fit ------------------------------------------------------------------------------------------


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """Every statement that is run meanwhile."""
    run: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        run.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def grown(database: Database, units: int) -> Town:
    grow(database, municipality(units, 7, read_pieces()), library(), 7, read_pieces())
    return Town(database, now=at_nine(TODAY))


def test_the_number_of_statements_does_not_grow_with_the_units(kind: Kind, tmp_path: Path) -> None:
    counts = {}
    for units in (5, 50):
        with (
            fresh_database(kind, tmp_path) as url,
            open_database(url) as database,
        ):
            town = grown(database, units)
            user = town.user("p0@generated.example")
            asked = ("status", "status forsinket", "status politik", "søg ikke")
            for words in asked:  # reads the frozen scripts, once a process
                user.says(words)
            steps = []
            for words in asked:
                with counting(database) as run:
                    user.says(words)
                steps.append(len(run))
            counts[units] = steps
    assert counts[5] == counts[50]
    assert max(counts[50]) < 20


def test_three_hundred_units_fit_in_slack_and_teams_page_by_page(database: Database) -> None:
    town = grown(database, 300)
    user = town.user("p1@generated.example").says("status")
    assert "af 300 enheder har svaret" in user.sees
    seen = [user.card]
    seen += [user.copy().presses(label).card for label in user.labels if label not in {"Åbn", "Søg i svarene"}]
    for words in ("status", "status forsinket", "status mål", "status politik", "søg leverandøren"):
        seen.append(user.says(words).card)
    for card in seen:
        fits(card)
    boss = town.user("p0@generated.example").says("status")
    pages = opens(boss, "Børn og Skole")
    fits(pages.card)


def fits(card: Card) -> None:
    for below in slack.render(card):
        assert slack_limits.problems(below.blocks) == ()
    for message in teams.render(card):
        assert teams_limits.problems(message.card) == ()


def test_a_level_of_many_units_comes_in_pages(database: Database) -> None:
    town = grown(database, 30)
    user = town.user("p2@generated.example").says("status").presses("Flere enheder")
    assert "enhed 11 til 20 af 30" in user.sees
    user.presses("Flere ›")
    assert "enhed 21 til 30 af 30" in user.sees
    assert "Flere ›" not in user.labels
    assert "enhed 11 til 20" in user.presses("‹ Forrige").sees


# --- municipalities made up -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_same_seed_makes_the_same_municipality_and_another_another(database: Database) -> None:
    pieces = read_pieces()
    assert municipality(20, 3, pieces) == municipality(20, 3, pieces)
    assert municipality(20, 3, pieces) != municipality(20, 4, pieces)
    made = municipality(20, 3, pieces)
    grow(database, made, library(), 3, pieces)
    with database.transaction() as connection:
        assert read_municipality(connection).units == made.units
        assert read_municipality(connection).initiatives == made.initiatives
        scripts = connection.execute(select(t.script.c.body)).scalars().all()
    assert {thaw(body).id for body in scripts} == {"autumn", "spring"}


def test_what_a_generated_dialogue_told_is_what_its_answers_say(database: Database) -> None:
    town = grown(database, 8)
    sent = select(t.dialogue.c.id, t.dialogue.c.told_initiatives, t.dialogue.c.concerns).where(
        t.dialogue.c.sent_revision.is_not(None)
    )
    with town.database.transaction() as connection:
        for dialogue, told, concerns in connection.execute(sent).all():
            answered = Work(connection).answers_sent(dialogue)
            statuses = sorted(str(one.values["status"]) for one in answered if one.step == "status")
            assert statuses == sorted(state for (_, state), number in counted([told]).items() for _ in range(number))
            assert concerns == sum(one in {"delayed", "stopped"} for one in statuses)


def test_new_rows_follow_those_that_were_planted(database: Database) -> None:
    town = grown(database, 5)
    assert town.person("Ny Leder") > 5


def test_a_leader_of_a_generated_municipality_can_answer(database: Database) -> None:
    town = grown(database, 20)
    waiting = (
        select(t.person.c.email)
        .join(t.post, t.post.c.person_id == t.person.c.id)
        .join(t.agreement, t.agreement.c.unit_id == t.post.c.unit_id)
        .join(t.dialogue, t.dialogue.c.agreement_id == t.agreement.c.id)
        .where(t.dialogue.c.sent_revision.is_(None))
    )
    leader = town.do(lambda connection: connection.execute(waiting).scalars().first())
    assert leader is not None
    assert "Forårsdialog 2027" in town.user(leader).opens().sees


def test_what_was_sent_before_dialogues_kept_what_they_told_is_counted_too(database: Database) -> None:
    town = grown(database, 8)
    before = told_by_dialogue(town)
    alone = migrations._alone_on_sqlite if database.kind == "sqlite" else migrations._alone_on_postgresql  # noqa: SLF001
    with alone(database) as connection:
        command.downgrade(migrations.alembic_config(connection), "0006")
    migrations.migrate(database)
    after = told_by_dialogue(town)
    assert any(told for told, _ in after.values())
    latest = {dialogue for dialogue, (told, _) in after.items() if told}
    assert {one: after[one] for one in latest} == {one: before[one] for one in latest}


def told_by_dialogue(town: Town) -> dict[int, tuple[str | None, int | None]]:
    """What each dialogue told of its initiatives, and how many of them go badly."""
    asked = select(t.dialogue.c.id, t.dialogue.c.told_initiatives, t.dialogue.c.concerns)
    return town.do(lambda connection: {row[0]: (row[1], row[2]) for row in connection.execute(asked)})


# --- as text ----------------------------------------------------------------------------------------------------------------------------


def test_what_is_told_is_kept_and_counted_as_words() -> None:
    told = {("politik", "on_plan"): 2, ("politik", "delayed"): 1, ("lokal", "delayed"): 1}
    assert in_words(told) == "lokal:delayed*1 politik:delayed*1,on_plan*2"
    assert in_words({}) is None
    assert counted([in_words(told), None, in_words(told)]) == {pair: 2 * number for pair, number in told.items()}


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Sygefraværet stiger", "sygefravær", "Sygefraværet stiger"),
        ("Intet her", "syge", ""),
        ("a " * 60 + "midten " + "b " * 60, "midten", None),
    ],
)
def test_a_snippet_holds_the_words_and_says_where_it_is_cut(text: str, words: str, shown: str | None) -> None:
    found = cards.snippet(text, words)
    if shown is not None:
        assert found == shown
    else:
        assert "midten" in found
        assert found.startswith("… ")
        assert found.endswith(" …")


def test_a_director_on_the_executive_board_begins_at_what_they_lead_and_may_go_up(town: Town) -> None:
    town.post("karen", "fjordby", "direktion")
    user = karen(town)
    assert user.sees.startswith("Børn og Skole")
    user.presses("‹")
    assert user.sees.startswith("Fjordby Kommune")


@pytest.mark.parametrize(
    "press",
    [
        Press(cards.ACT, value="9" * 40),
        Press(cards.ACT, subject="initiative-" + "9" * 20),
        Press(cards.ACT, subject="initiative-x"),
        Press(cards.ACT, value="-"),
    ],
)
def test_a_forged_press_is_answered_and_no_fault(town: Town, press: Press) -> None:
    user = karen(town).presses_old(press)
    assert user.card.parts
