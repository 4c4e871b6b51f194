"""Agreements: shown to those they concern, signed by both parties, changed and signed anew; on both databases."""

from __future__ import annotations

import logging
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Connection, select, update

from bot.courier import Courier
from bot.ports import Direct, Pressed, Reply
from bot.reportable import kinds_for
from cards import slack, slack_limits, teams, teams_limits, text, web
from cards.card import Card, Points, Press
from dialogs.script import Wording
from store import tables as t
from store.database import Database
from store.work import Work
from tests.test_replying import Pinboard
from tests.town import DENMARK, Town, User, at_nine, fjordby

TITLE = "Dialogaftale for Børnehuset Solsikken"


@pytest.fixture
def town(database: Database) -> Town:
    """Fjordby with a number and a date on the first of Solsikken's three goals, and nobody busy with a dialogue."""
    town = fjordby(database)
    mette = town.id_of(t.person, email="mette@fjordby.example")

    def fill(connection: Connection) -> None:
        first = select(t.goal.c.id).where(t.goal.c.title == "Tryg overgang til skole").scalar_subquery()
        figures = {"measure": "%", "baseline": Decimal(78), "target": Decimal("90.5"), "due_on": date(2028, 12, 31)}
        connection.execute(update(t.goal).where(t.goal.c.id == first).values(figures))
        connection.execute(update(t.initiative).where(t.initiative.c.goal_id == first).values(owner_id=mette))
        both = connection.execute(select(t.initiative.c.goal_id, t.initiative.c.agreement_id)).mappings()
        connection.execute(t.agreement_goal.insert(), [dict(one) for one in both])

    town.do(fill)
    return town


@pytest.fixture
def board() -> Pinboard:
    return Pinboard()


async def deliver(town: Town, board: Pinboard) -> None:
    await Courier(town.house, town.database, {"web": board}).run(town.now)


def signs(user: User) -> User:
    return user.says("aftale").presses("Underskriv").presses("Underskriv")


def solsikken(town: Town) -> int:
    return town.id_of(t.agreement, code="solsikken-2026")


def signatures(town: Town) -> list[tuple[int, str, str]]:
    """Every signature there has been of Solsikken's agreement: version, party, person."""
    number = solsikken(town)
    rows = town.do(lambda connection: Work(connection).agreements.signatures(number))
    return [(row.version, row.party, row.name) for row in rows]


def amend(town: Town, *changes: Wording) -> None:
    number = solsikken(town)
    town.do(lambda connection: Work(connection).agreements.amend(number, changes, None, town.now))


# --- what is shown ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["aftale", "/Aftale", "dialogaftale", "agreement", "min aftale"])
def test_a_leader_who_asks_sees_their_agreement_whole(town: Town, typed: str) -> None:
    sees = town.user("mette").says(typed).sees
    assert TITLE in sees
    assert "1. januar 2026 – 30. juni 2027 · version 1 · 3 mål og 3 indsatser" in sees
    assert "Parter: Mette Søndergaard (Børnehuset Solsikken) og Jens Østergaard." in sees
    assert "Udgangspunkt 78\N{NO-BREAK SPACE}% · måltal 90,5\N{NO-BREAK SPACE}% · frist 31. december 2028" in sees
    assert "Indsats: Overleveringsmøder (Mette Søndergaard · frist 15. maj 2027)" in sees
    assert "Ikke underskrevet endnu. Mangler: Mette Søndergaard og Jens Østergaard." in sees


def test_goals_stand_under_their_source_in_the_models_order(town: Town) -> None:
    sees = town.user("mette").says("aftale").sees
    sources = [sees.index(name) for name in ("Politikker", "Direktionens handlingsplan", "Lokale indsatser")]
    assert sources == sorted(sources)


def test_a_goal_without_a_number_or_a_date_says_so(town: Town) -> None:
    sees = town.user("mette").says("aftale").sees
    assert sees.count("Målet har hverken måltal eller frist.") == 2


def test_in_english_it_says_the_same(town: Town) -> None:
    mette = town.user("mette").says("english").says("agreement")
    assert "Dialogue agreement for Børnehuset Solsikken" in mette.sees
    assert "1 January 2026 – 30 June 2027 · version 1 · 3 goals and 3 initiatives" in mette.sees
    assert "Not signed yet. Missing: Mette Søndergaard and Jens Østergaard." in mette.sees
    assert "Starting point 78% · target 90.5% · deadline 31 December 2028" in mette.sees


def test_help_leads_to_the_agreement(town: Town) -> None:
    assert TITLE in town.user("mette").says("hjælp").presses("Aftaler").sees
    town.plan()
    mette = town.user("mette").says("hjælp")
    assert "aftale – se din enheds aftale, og underskriv den" in mette.sees
    assert TITLE in mette.presses("Aftaler").sees


def test_who_has_several_chooses_among_them_the_closest_first(town: Town) -> None:
    signs(town.user("mette"))
    jens = town.user("jens").says("aftale")
    assert "2 aftaler" in jens.sees
    assert f"{TITLE} 1. januar 2026 – 30. juni 2027 · mangler én underskrift" in jens.sees
    assert "Dialogaftale for Vuggestuen Månen 1. januar 2026 – 30. juni 2027 · ikke underskrevet" in jens.sees
    assert TITLE in jens.presses("Åbn").sees


def test_a_consultant_turns_the_pages_of_all_agreements(town: Town) -> None:
    for number in range(20):
        town.unit(f"u{number:02}", under="dagtilbud", name=f"Enhed {number:02}")
        town.agreement(f"u{number:02}")
    sofie = town.user("sofie").says("aftaler")
    assert "22 aftaler" in sofie.sees
    assert sofie.labels == ["Åbn"] * 10 + ["Flere ›"]
    first = set(sofie.sees.splitlines())
    sofie.presses("Flere ›").presses("Flere ›")
    assert sofie.labels == ["Åbn"] * 2
    assert not first & set(sofie.sees.splitlines()) - {"22 aftaler"} - {""} - {one for one in first if "Åbn" in one}


def test_an_agreement_that_has_ended_is_not_listed_and_one_to_come_is(town: Town) -> None:
    town.agreement("solsikken", since=date(2027, 7, 1), until=date(2028, 12, 31))
    assert "2 aftaler" in town.user("mette").says("aftale").sees
    town.now = at_nine(date(2027, 8, 2))
    assert "1. juli 2027 – 31. december 2028" in town.user("mette").says("aftale").sees


# --- signing ----------------------------------------------------------------------------------------------------------------------


def test_signing_takes_two_presses_and_says_what_and_for_whom_before_the_second(town: Town) -> None:
    mette = town.user("mette").says("aftale").presses("Underskriv")
    assert f"Du er ved at underskrive version 1 af »{TITLE}«." in mette.sees
    assert "Den gælder 1. januar 2026 – 30. juni 2027 og har 3 mål og 3 indsatser." in mette.sees
    assert "Du underskriver som leder af Børnehuset Solsikken." in mette.sees
    assert signatures(town) == []
    mette.presses("Underskriv")
    assert signatures(town) == [(1, "unit", "Mette Søndergaard")]
    assert "Du har underskrevet. Nu mangler Jens Østergaard." in mette.sees
    assert "Underskrevet af Mette Søndergaard den 10. marts 2027. Mangler: Jens Østergaard." in mette.sees
    assert "Underskriv" not in mette.labels


def test_not_now_signs_nothing(town: Town) -> None:
    mette = town.user("mette").says("aftale").presses("Underskriv").presses("Ikke nu")
    assert signatures(town) == []
    assert "Underskriv" in mette.labels


async def test_each_party_is_told_when_the_other_has_signed_in_their_own_chat(town: Town, board: Pinboard) -> None:
    signs(town.user("mette"))
    await deliver(town, board)
    assert [where for where, _ in board.posts] == [Direct("jens@fjordby.example")]
    jens = town.user("jens")
    jens.reply = Reply(board.posts[0][1])
    assert f"Mette Søndergaard har underskrevet: {TITLE}." in jens.sees
    jens.presses("Underskriv")
    assert "Du underskriver som leder over Børnehuset Solsikken." in jens.sees
    jens.presses("Underskriv")
    assert "Du har underskrevet. Nu har begge parter underskrevet." in jens.sees
    await deliver(town, board)
    assert [where for where, _ in board.posts[1:]] == [Direct("mette@fjordby.example")]
    assert "Jens Østergaard har underskrevet" in board.seen_by(Direct("mette@fjordby.example"))
    assert "Nu har begge parter underskrevet." in board.seen_by(Direct("mette@fjordby.example"))
    both = "Underskrevet af Mette Søndergaard den 10. marts 2027 og af Jens Østergaard den 10. marts 2027."
    assert both in board.seen_by(Direct("mette@fjordby.example"))


async def test_nobody_is_told_at_night(town: Town, board: Pinboard) -> None:
    town.now = datetime(2027, 3, 13, 21, 30, tzinfo=DENMARK)  # a Saturday
    signs(town.user("mette"))
    await deliver(town, board)
    assert board.posts == []
    town.now = at_nine(date(2027, 3, 15))
    await deliver(town, board)
    assert len(board.posts) == 1


async def test_signing_twice_is_signing_once(town: Town, board: Pinboard) -> None:
    mette = town.user("mette").says("aftale").presses("Underskriv")
    button = mette.button("Underskriv")
    mette.presses_old(button).presses_old(button)
    assert signatures(town) == [(1, "unit", "Mette Søndergaard")]
    assert "Du har underskrevet den i forvejen. Intet er ændret." in mette.sees
    await deliver(town, board)
    assert len(board.posts) == 1


def test_the_same_press_delivered_twice_shows_the_agreement_as_it_stands(town: Town) -> None:
    mette = town.user("mette").says("aftale").presses("Underskriv")
    press = Pressed(mette.button("Underskriv").press, {})
    first = mette.send(press, event="twice")
    again = mette.send(press, event="twice")
    assert (first.is_again, again.is_again) == (False, True)
    assert "Underskrevet af Mette Søndergaard" in text.render(again.card, width=10_000)
    assert len(signatures(town)) == 1


def test_what_was_changed_since_it_was_shown_is_shown_anew_and_not_signed(town: Town) -> None:
    mette = town.user("mette").says("aftale")
    old = mette.button("Underskriv")
    asked = mette.copy().presses("Underskriv").button("Underskriv")
    town.do(lambda connection: connection.execute(update(t.goal).values(title="Et helt andet mål")))
    for button in (old, asked):
        mette.presses_old(button)
        assert "Aftalen er ændret, siden du så den. Læs den igen, før du underskriver." in mette.sees
        assert "Et helt andet mål" in mette.sees
    assert signatures(town) == []
    mette.presses("Underskriv").presses("Underskriv")
    assert len(signatures(town)) == 1


# --- who may sign -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["dora", "karen", "sofie"])
def test_a_deputy_a_director_and_a_consultant_see_it_and_cannot_sign(
    town: Town, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    offered = town.user("mette").says("aftale").button("Underskriv")
    user = town.user(who)
    user.presses_old(Press("agreement", value=str(solsikken(town))))
    assert TITLE in user.sees
    assert "Underskriv" not in user.labels
    with caplog.at_level(logging.WARNING):
        user.presses_old(offered)
    line = f"{TITLE} underskrives af Mette Søndergaard og Jens Østergaard."
    assert line in user.sees
    user.presses_old(Press("sign_now", step=offered.press.step, revision=1, value=offered.press.value))
    assert line in user.sees
    assert signatures(town) == []
    assert "not-theirs-to-sign" in caplog.text


def test_a_deputy_signs_while_the_leader_is_away_and_the_card_says_for_whom(town: Town) -> None:
    town.away("mette", date(2027, 3, 1), date(2027, 3, 31))
    dora = town.user("dora").says("aftale").presses("Underskriv")
    assert "Du underskriver for Børnehuset Solsikken, mens Mette Søndergaard er væk." in dora.sees
    dora.presses("Underskriv")
    assert signatures(town) == [(1, "unit", "Dora Dam")]


def test_a_deputy_signs_for_a_unit_without_a_leader(town: Town) -> None:
    mette = town.id_of(t.person, email="mette@fjordby.example")
    left = update(t.post).where(t.post.c.person_id == mette).values(to_day=date(2027, 2, 1))
    town.do(lambda connection: connection.execute(left))
    dora = town.user("dora").says("aftale")
    assert "Parter: ingen registreret lige nu (Børnehuset Solsikken) og Jens Østergaard." in dora.sees
    dora.presses("Underskriv")
    assert "Du underskriver for Børnehuset Solsikken, som ikke har en leder registreret lige nu." in dora.sees
    dora.presses("Underskriv")
    assert signatures(town) == [(1, "unit", "Dora Dam")]


async def test_a_stand_in_signs_and_is_told_while_the_nearest_leader_is_away(town: Town, board: Pinboard) -> None:
    town.away("jens", date(2027, 3, 1), date(2027, 3, 31), stand_in="ali")
    signs(town.user("mette"))
    await deliver(town, board)
    assert [where for where, _ in board.posts] == [Direct("ali@fjordby.example")]
    ali = town.user("ali")
    ali.reply = Reply(board.posts[0][1])
    ali.presses("Underskriv")
    assert "Du underskriver som leder over Børnehuset Solsikken, mens Jens Østergaard er væk." in ali.sees
    ali.presses("Underskriv")
    assert signatures(town)[1] == (1, "counterpart", "Ali Demir")


def test_nobody_signs_for_both_parties(town: Town) -> None:
    town.away("mette", date(2027, 3, 1), date(2027, 3, 31), stand_in="jens")
    jens = town.user("jens").presses_old(Press("agreement", value=str(solsikken(town)))).presses("Underskriv")
    assert "Du underskriver som leder over Børnehuset Solsikken." in jens.sees
    jens.presses("Underskriv")
    assert "Underskriv" not in jens.labels
    assert signatures(town) == [(1, "counterpart", "Jens Østergaard")]


def test_a_named_counterpart_signs_instead_of_the_nearest_leader(town: Town) -> None:
    karen = town.id_of(t.person, email="karen@fjordby.example")
    town.do(lambda connection: connection.execute(update(t.agreement).values(counterpart_id=karen)))
    number = str(solsikken(town))
    jens = town.user("jens").presses_old(Press("agreement", value=number))
    assert "Parter: Mette Søndergaard (Børnehuset Solsikken) og Karen Aagaard." in jens.sees
    assert "Underskriv" not in jens.labels
    assert "Underskriv" in town.user("karen").presses_old(Press("agreement", value=number)).labels


def test_an_agreement_that_has_ended_is_no_longer_signed(town: Town) -> None:
    town.do(lambda connection: connection.execute(update(t.agreement).values(to_day=date(2027, 3, 9))))
    mette = town.user("mette").presses_old(Press("agreement", value=str(solsikken(town))))
    assert TITLE in mette.sees
    assert mette.labels == []


# --- who may see it ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["agreement", "sign", "sign_now"])
def test_nobody_sees_an_agreement_out_of_their_reach(town: Town, act: str, caplog: pytest.LogCaptureFixture) -> None:
    button = town.user("mette").says("aftale").button("Underskriv").press
    with caplog.at_level(logging.WARNING):
        ali = town.user("ali").presses_old(Press(act, step=button.step, revision=button.revision, value=button.value))
    assert "Der er ingen aftale, du kan se her." in ali.sees
    assert TITLE not in ali.sees
    assert "not-theirs-to-see" in caplog.text
    assert signatures(town) == []


def test_a_leader_beside_lists_only_their_own(town: Town) -> None:
    assert "Dialogaftale for Vuggestuen Månen" in town.user("ali").says("aftale").sees


def test_who_has_no_post_has_no_agreement(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    town.person("Ulla Uden")
    with caplog.at_level(logging.WARNING):
        assert "Der er ingen aftale, du kan se her." in town.user("ulla").says("aftale").sees
    assert "no-agreement" in caplog.text


@pytest.mark.parametrize("role", ["leader", "deputy", "consultant", "direktion"])
def test_whoever_may_have_the_record_of_a_unit_may_see_its_agreement(town: Town, role: str) -> None:
    town.person("Vera Vang")
    press = Press("agreement", value=str(solsikken(town)))
    assert "Der er ingen aftale" in town.user("vera").says("aftale").sees
    assert "Der er ingen aftale" in town.user("vera").presses_old(press).sees
    assert reports_for(town, "vera", "solsikken") == set()
    town.post("vera", "dagtilbud", role)
    assert "2 aftaler" in town.user("vera").says("aftale").sees
    assert TITLE in town.user("vera").presses_old(press).sees
    assert reports_for(town, "vera", "solsikken") == {"record", "unit"}


def reports_for(town: Town, who: str, unit: str) -> set[str]:
    person_id, unit_id = town.id_of(t.person, email=f"{who}@fjordby.example"), town.id_of(t.unit, code=unit)
    return set(town.do(lambda connection: kinds_for(Work(connection), person_id, unit_id, town.now.date())))


def test_a_deputy_above_signs_only_while_they_act_for_their_leader(town: Town) -> None:
    town.person("Vera Vang")
    town.post("vera", "dagtilbud", "deputy")
    press = Press("agreement", value=str(solsikken(town)))
    assert "Underskriv" not in town.user("vera").presses_old(press).labels
    town.away("jens", date(2027, 3, 1), date(2027, 3, 31))
    assert "Underskriv" in town.user("vera").presses_old(press).labels


def test_an_agreement_that_is_not_there_is_said_so(town: Town) -> None:
    for value in ("999999", "", "x"):
        assert "Den aftale findes ikke længere." in town.user("mette").presses_old(Press("agreement", value=value)).sees


async def test_who_left_meanwhile_is_not_told(town: Town, board: Pinboard) -> None:
    signs(town.user("mette"))
    jens = town.id_of(t.person, email="jens@fjordby.example")
    town.do(
        lambda connection: connection.execute(
            update(t.post).where(t.post.c.person_id == jens).values(to_day=date(2027, 3, 9))
        )
    )
    await deliver(town, board)
    assert board.posts == []


# --- amended ----------------------------------------------------------------------------------------------------------------------

CHANGE = Wording("Nyt mål: »Flere børn cykler«.", "New goal: “Flere børn cykler”.")


async def test_an_amendment_asks_both_anew_and_keeps_who_signed_before(town: Town, board: Pinboard) -> None:
    signs(town.user("mette"))
    jens = town.user("jens").presses_old(Press("agreement", value=str(solsikken(town))))
    old = jens.button("Underskriv")
    amend(town, CHANGE)
    mette = town.user("mette").says("aftale")
    assert "version 2" in mette.sees
    assert "Ændret 10. marts 2027" in mette.sees
    assert "Nyt mål: »Flere børn cykler«." in mette.sees
    assert "Ikke underskrevet endnu. Mangler: Mette Søndergaard og Jens Østergaard." in mette.sees
    assert "Aftalen er ændret, siden du så den." in jens.presses_old(old).sees
    await deliver(town, board)
    assert board.posts == [], "what was signed has been changed since"
    signs(mette)
    jens.says("aftale").presses("Åbn").presses("Underskriv").presses("Underskriv")
    assert signatures(town) == [
        (1, "unit", "Mette Søndergaard"),
        (2, "unit", "Mette Søndergaard"),
        (2, "counterpart", "Jens Østergaard"),
    ]


def test_the_changes_of_earlier_versions_are_folded_away(town: Town) -> None:
    amend(town, CHANGE)
    amend(town, Wording("Frist for »x« er ændret.", "The deadline of “x” has changed."))
    mette = town.user("mette").says("english").says("agreement")
    assert "Earlier changes" in mette.sees
    assert "Version 2, 10 March 2027: New goal: “Flere børn cykler”." in mette.sees
    assert "The deadline of “x” has changed." in mette.sees


def test_of_two_who_sign_for_one_party_at_once_the_first_has_signed(town: Town) -> None:
    number = solsikken(town)
    mette, dora = (town.id_of(t.person, email=f"{who}@fjordby.example") for who in ("mette", "dora"))

    def both(connection: Connection) -> tuple[int | None, int | None]:
        agreements = Work(connection).agreements
        agreement = agreements.agreement(number, lock=True)
        assert agreement is not None
        return agreements.sign(agreement, "unit", mette, town.now), agreements.sign(agreement, "unit", dora, town.now)

    first, second = town.do(both)
    assert first is not None
    assert second is None
    assert signatures(town) == [(1, "unit", "Mette Søndergaard")]


# --- within what the platforms take -------------------------------------------------------------------------------------------------


def platform_problems(card: Card) -> list[str]:
    found = [one for message in slack.render(card) for one in slack_limits.problems(message.blocks)]
    found += [one for message in teams.render(card) for one in teams_limits.problems(message.card)]
    assert web.render(card)
    return found


@pytest.mark.parametrize("long", [False, True])
def test_an_agreement_of_sixty_goals_stays_within_every_platform(town: Town, *, long: bool) -> None:
    agreement = solsikken(town)
    for number in range(60):
        title = f"Mål {number} " + "som er skrevet meget langt " * (36 if long else 1)
        goal = town.add(t.goal, code=f"X{number}", title=title, source="lokal", evidence="Spørgeskema " * 80)
        town.add(t.agreement_goal, goal_id=goal, agreement_id=agreement)
        for more in range(3):
            town.add(
                t.initiative, code=f"X{number}-{more}", goal_id=goal, agreement_id=agreement, title=f"I{more} {title}"
            )
    amend(town, *(Wording(f"Ændring {number} " + "x" * 900, f"Change {number} " + "x" * 900) for number in range(30)))
    mette = town.user("mette").says("aftale")
    assert platform_problems(mette.card) == []
    assert "62 mål mangler måltal eller frist." in mette.sees
    assert "Alle mål og indsatser står i tråden." in mette.sees
    assert "Og 20 ændringer mere." in mette.sees
    items = [
        item for below in mette.card.thread for part in below.parts if isinstance(part, Points) for item in part.items
    ]
    assert len(items) == 63, "every goal stands whole in the thread"
    assert platform_problems(mette.presses("Underskriv").card) == []


def test_every_card_about_agreements_is_within_every_platform(town: Town) -> None:
    cards = [town.user("sofie").says("aftaler").card, town.user("mette").says("aftale").card]
    cards += [town.user("mette").says("aftale").presses("Underskriv").card, signs(town.user("mette")).card]
    for card in cards:
        assert platform_problems(card) == []
        assert all(Press.parse(button.press.token) == button.press for button in card.buttons)


# --- who is asked to sign ------------------------------------------------------------------------------------------------------------


def asked(town: Town) -> list[str]:
    """What is planned to be asked, by the key."""
    keys = town.do(
        lambda connection: (
            connection.execute(select(t.delivery.c.key).where(t.delivery.c.kind == "to_sign").order_by(t.delivery.c.id))
            .scalars()
            .all()
        )
    )
    return list(keys)


async def test_an_amended_agreement_is_brought_to_both_parties_once(town: Town, board: Pinboard) -> None:
    signs(town.user("mette"))
    jens = town.user("jens").presses_old(Press("agreement", value=str(solsikken(town))))
    jens.presses("Underskriv").presses("Underskriv")
    town.plan()
    assert asked(town) == []  # nothing has a day of signing here, and nothing is changed
    amend(town, Wording("Fristen er flyttet til 1. september.", "The deadline is now 1 September."))
    town.now = at_nine(date(2027, 3, 11))
    town.plan()
    town.plan()
    assert len(asked(town)) == 2
    await deliver(town, board)
    for who in ("mette", "jens"):
        told = board.seen_by(Direct(f"{who}@fjordby.example"))
        assert f"{TITLE} er ændret, siden den blev underskrevet." in told
        assert "Fristen er flyttet til 1. september." in told
    town.now = at_nine(date(2027, 3, 12))
    town.plan()
    assert len(asked(town)) == 2


async def test_nobody_is_asked_who_has_signed_meanwhile(town: Town, board: Pinboard) -> None:
    signs(town.user("mette"))
    amend(town, Wording("En ændring.", "A change."))
    town.plan()
    assert len(asked(town)) == 2
    signs(town.user("mette"))
    await deliver(town, board)
    assert "underskriv den, som den er nu" not in board.seen_by(Direct("mette@fjordby.example"))
    assert "underskriv den, som den er nu" in board.seen_by(Direct("jens@fjordby.example"))


def yearly(town: Town) -> int:
    """Solsikken's next agreement is a yearly one, to be signed by the end of January."""
    unit = town.id_of(t.unit, code="solsikken")
    return town.add(
        t.agreement,
        code="solsikken-2028",
        unit_id=unit,
        from_day=date(2028, 1, 1),
        to_day=date(2028, 12, 31),
        model="institutionsaftale",
    )


@pytest.mark.parametrize(
    ("day", "times"),
    [
        (date(2028, 1, 14), 0),
        (date(2028, 1, 17), 1),
        (date(2028, 1, 28), 1),
        (date(2028, 1, 31), 1),
        (date(2028, 2, 1), 1),
    ],
)
async def test_both_are_asked_before_the_day_of_signing_and_once_more_just_before(
    town: Town, board: Pinboard, day: date, times: int
) -> None:
    yearly(town)
    town.now = at_nine(day)
    town.plan()
    assert len(asked(town)) == 2 * times
    await deliver(town, board)
    told = board.seen_by(Direct("mette@fjordby.example"))
    late = day > date(2028, 1, 31)
    assert ("skal være underskrevet senest mandag den 31. januar" in told) == (times > 0 and not late)
    assert ("skulle være underskrevet senest mandag den 31. januar" in told) == late


async def test_they_are_asked_twice_and_no_more(town: Town, board: Pinboard) -> None:
    yearly(town)
    for day in (date(2028, 1, 17), date(2028, 1, 18), date(2028, 1, 31), date(2028, 2, 1), date(2028, 2, 2)):
        town.now = at_nine(day)
        town.plan()
        await deliver(town, board)
    assert len(asked(town)) == 2 * 2


async def test_who_has_several_to_sign_is_asked_in_one_message(town: Town, board: Pinboard) -> None:
    yearly(town)
    unit = town.id_of(t.unit, code="maanen")
    days = {"from_day": date(2028, 1, 1), "to_day": date(2028, 12, 31)}
    town.add(t.agreement, code="maanen-2028", unit_id=unit, model="institutionsaftale", **days)
    town.now = at_nine(date(2028, 1, 17))
    town.plan()
    await deliver(town, board)
    told = board.seen_by(Direct("jens@fjordby.example"))
    assert told.count("2 aftaler venter på din underskrift") == 1
    assert "Børnehuset Solsikken" in told
    assert "Vuggestuen Månen" in told
    town.now = at_nine(date(2028, 1, 18))
    before = len(board.posts)
    town.plan()
    await deliver(town, board)
    assert len(board.posts) == before


def test_who_has_signed_before_the_day_is_not_asked(town: Town) -> None:
    number = yearly(town)
    town.now = at_nine(date(2028, 1, 17))
    mette = town.user("mette").presses_old(Press("agreement", value=str(number))).presses("Underskriv")
    mette.presses("Underskriv")
    town.plan()
    jens = town.id_of(t.person, email="jens@fjordby.example")
    assert [key.rpartition(":")[2] for key in asked(town)] == [str(jens)]
