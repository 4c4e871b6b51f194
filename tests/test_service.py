"""A whole spring dialogue through the service, pressed as people press it, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.ports import Pressed
from cards.card import Press
from store import tables as t
from store.database import Database
from tests.town import SPRING, Town, User, at_nine, fjordby


@pytest.fixture
def town(database: Database) -> Town:
    town = fjordby(database)
    town.plan()
    return town


@pytest.fixture
def mette(town: Town) -> User:
    return town.user("mette")


def test_the_greeting_says_why_how_long_and_by_when(mette: User) -> None:
    sees = mette.opens().sees
    assert "Forårsdialog 2027 for Børnehuset Solsikken" in sees
    assert "Jeg spørger til jeres 3 indsatser. Det tager cirka 3 minutter" in sees
    assert "Frist: torsdag den 1. april." in sees
    assert "Bagefter får Jens Østergaard én side" in sees
    assert mette.labels == ["Start"]


def test_initiatives_are_asked_about_by_source_politics_first(mette: User) -> None:
    titles = []
    mette.opens().presses("Start")
    for _ in range(3):
        titles.append(next(line for line in mette.sees.splitlines() if line.startswith(("Over", "Digi", "Fælles"))))
        mette.presses("I gang")
    assert [title.split()[0] for title in titles] == ["Overleveringsmøder", "Digitale", "Fælles"]


def test_a_healthy_indsats_costs_one_press(mette: User) -> None:
    mette.opens().presses("Start").presses("Gennemført").presses("I gang").presses("Ikke startet")
    assert "Er der andet, du vil tale med Jens om?" in mette.sees


def test_a_delayed_indsats_asks_for_the_challenge_of_that_indsats_only(town: Town, mette: User) -> None:
    mette.opens().presses("Start").presses("Forsinket")
    assert "Hvori består udfordringen, og hvad skyldes den?" in mette.sees
    assert "Jens Østergaard læser svaret" in mette.sees
    mette.presses("Næste", cause="To skoler har ikke svaret.", involve__others="PPR")
    assert "Hvad skal der ske nu?" in mette.sees
    mette.presses("Det aftaler vi på mødet")
    assert "2 af 3" in mette.sees
    assert "Digitale forløb" in mette.sees
    assert town.answers("solsikken")["Overleveringsmøder", "challenge"] == {
        "cause": "To skoler har ikke svaret.",
        "involve": {"people": [], "others": "PPR"},
    }


def answer_everything(user: User) -> User:
    user.opens().presses("Start").presses("Forsinket")
    user.presses("Næste", cause="To skoler har ikke svaret.", remedy="En aftale på chefniveau")
    user.presses("Næste", next="Jens tager det op", new_deadline="2027-09-01")
    return user.presses("I gang").presses("Gennemført").presses("Spring over")


def test_the_review_lists_every_answer_with_a_way_to_change_it(mette: User) -> None:
    answer_everything(mette)
    assert mette.card.kind == "review"
    assert mette.labels.count("Ret") == 6
    assert "Udfordringen: To skoler har ikke svaret." in mette.sees
    assert "Det videre forløb: Jens tager det op" in mette.sees


def test_leaving_the_way_forward_to_the_meeting_is_said_in_the_summary(mette: User) -> None:
    mette.opens().presses("Start").presses("Stoppet").presses("Næste", cause="Puljen er lukket")
    mette.presses("Det aftaler vi på mødet").presses("I gang").presses("I gang").presses("Spring over")
    assert "Det aftaler vi på mødet" in mette.presses("Se opsummeringen").sees


def test_the_preview_shows_what_will_be_posted_and_where(mette: User) -> None:
    answer_everything(mette).presses("Se opsummeringen")
    assert "ud i #boern-og-skole-ledelse. 3 personer kan læse den." in mette.sees
    assert "»To skoler har ikke svaret.«" in mette.sees
    assert "frist 15. maj 2027 → 1. september 2027" in mette.sees
    assert mette.labels == ["Send til Jens", "Ret svar"]


def test_sending_plans_one_summary_in_the_nearest_leaders_room(town: Town, mette: User) -> None:
    before = town.count(t.delivery)
    answer_everything(mette).presses("Se opsummeringen").presses("Send til Jens")
    assert "Tak, Mette" in mette.sees
    assert town.count(t.delivery) == before + 1


def test_sending_twice_is_sending_once(town: Town, mette: User) -> None:
    answer_everything(mette).presses("Se opsummeringen")
    send = mette.button("Send til Jens")
    mette.presses_old(send).presses_old(send)
    assert "Tak, Mette" in mette.sees
    assert (
        town.do(
            lambda connection: len(connection.execute(t.delivery.select().where(t.delivery.c.kind == "summary")).all())
        )
        == 1
    )


def test_the_same_event_twice_changes_nothing_and_answers_again(town: Town, mette: User) -> None:
    mette.opens().presses("Start")
    press = Pressed(mette.button("I gang").press)
    first = mette.send(press, event="same")
    again = mette.send(press, event="same")
    assert first.card == again.card
    assert town.count(t.answer) == 1


def test_a_press_on_an_old_card_changes_nothing_and_shows_the_present_one(town: Town, mette: User) -> None:
    mette.opens().presses("Start")
    old = mette.button("Stoppet")
    mette.presses("I gang").presses_old(old)
    assert "Det er besvaret siden. Her er du nået til:" in mette.sees
    assert "2 af 3" in mette.sees
    assert town.answers("solsikken") == {("Overleveringsmøder", "status"): {"status": "on_plan"}}


def test_a_cpr_number_is_refused_at_the_field_and_nothing_is_stored(town: Town, mette: User) -> None:
    mette.opens().presses("Start").presses("Forsinket").presses("Næste", cause="Barnet 010115-1234 er flyttet")
    assert "ligner et CPR-nummer" in mette.sees
    assert mette.card.inputs[0].value == "Barnet 010115-1234 er flyttet", "what was typed stays in the field"
    assert town.count(t.answer) == 1
    assert town.count(t.draft) == 0
    mette.says("Barnet 010115-1234")
    assert "ligner et CPR-nummer" in mette.sees
    mette.presses("Fortsæt senere", cause="Barnet 010115-1234 er flyttet")
    assert "ligner et CPR-nummer" in mette.sees
    assert town.count(t.draft) == 0


def test_typed_text_is_taken_where_text_is_awaited(town: Town, mette: User) -> None:
    mette.opens().presses("Start").says("det går skidt")
    assert "Jeg har gemt teksten som kladde. Vælg en af knapperne" in mette.sees
    mette.says("forsinket")
    assert mette.card.inputs[0].value == "det går skidt", "what was typed too early is put in where it belongs"
    mette.presses("‹ Tilbage").says("barnet 010115-1234")
    assert "ligner et CPR-nummer" in mette.sees
    mette.says("forsinket").presses("Fortsæt senere", cause="").says("start").presses("Fortsæt")
    mette.says("To skoler har ikke svaret.")
    assert "Jeg har skrevet det ind under »Hvori består udfordringen, og hvad skyldes den?«" in mette.sees
    mette.presses("Næste")
    assert town.answers("solsikken")["Overleveringsmøder", "challenge"] == {"cause": "To skoler har ikke svaret."}
    assert town.count(t.draft) == 0


def test_a_button_can_be_named_instead_of_pressed(town: Town, mette: User) -> None:
    mette.opens().presses("Start").says("Forsinket").says("To skoler har ikke svaret.").says("næste")
    assert "Hvad skal der ske nu?" in mette.sees
    mette.says("det aftaler vi på mødet").says("tilbage")
    assert "Hvad skal der ske nu?" in mette.sees
    assert town.answers("solsikken")["Overleveringsmøder", "way_forward"] == {}


def test_a_pause_keeps_what_was_typed(mette: User) -> None:
    mette.opens().presses("Start").presses("Forsinket").presses("Fortsæt senere", cause="Halvt skrevet")
    assert "Gemt" in mette.sees
    mette.says("start").presses("Fortsæt")
    assert mette.card.inputs[0].value == "Halvt skrevet"


def test_changing_the_answer_to_healthy_takes_the_challenge_off_the_route(town: Town, mette: User) -> None:
    answer_everything(mette).presses("Ret")
    mette.presses("Gennemført")
    assert mette.card.kind == "review"
    mette.presses("Se opsummeringen")
    assert "To skoler" not in mette.sees
    assert ("Overleveringsmøder", "challenge") in town.answers("solsikken"), "history is kept"


def test_an_edit_after_sending_is_previewed_and_corrects_the_post(mette: User) -> None:
    answer_everything(mette).presses("Se opsummeringen").presses("Send til Jens").presses("Ret svar")
    mette.presses("Ret", 3).presses("Gennemført")
    assert "Du har rettet efter afsendelsen. Opslaget er ikke ændret endnu." in mette.sees
    mette.presses("Se det rettede opslag")
    assert "Rettet 10. marts 2027" in mette.sees
    mette.presses("Ret opslaget")
    assert "Jeg retter opslaget i #boern-og-skole-ledelse nu" in mette.sees


def test_what_was_changed_after_sending_is_not_in_the_post_until_it_is_sent(mette: User) -> None:
    answer_everything(mette).presses("Se opsummeringen").presses("Send til Jens").presses("Ret svar")
    mette.presses("Ret", 3).presses("Stoppet").presses("Næste", cause="Hemmeligt endnu")
    other = mette.town.user("dora").opens()
    other.presses_old(mette.button("Det aftaler vi på mødet"))
    post = other.presses_old(Press("post", mette.town.dialogue("solsikken")))
    assert "Hemmeligt endnu" not in post.sees


def test_only_the_leader_the_deputy_and_a_stand_in_may_answer(town: Town, mette: User) -> None:
    start = mette.opens().button("Start")
    assert "Kun Mette Søndergaard og stedfortræderen kan svare" in town.user("ali").presses_old(start).sees
    assert "Overleveringsmøder" in town.user("dora").presses_old(start).sees
    town.away("mette", SPRING, SPRING + timedelta(days=5), stand_in="ali")
    assert "Overleveringsmøder" in town.user("ali").presses_old(start).sees


def test_someone_without_a_role_is_told_whom_to_ask(town: Town) -> None:
    town.person("Ulla Ukendt")
    assert "Sofie Bæk (Fjordby Kommune) kan hjælpe" in town.user("ulla").opens().sees
    assert "Jeg kan ikke finde dig som leder i Fjordby Kommune." in town.user("nobody@nowhere.example").opens().sees


@pytest.mark.parametrize("kind", ["enhed", "stab"])
def test_between_rounds_a_leader_is_told_how_to_answer_and_when_the_next_round_opens(town: Town, kind: str) -> None:
    town.unit("hr", under="fjordby", name="HR", kind=kind, room="direktionen")
    town.agreement("hr", until=date(2028, 6, 30))
    town.person("Inge Rask")
    town.post("inge", "hr")
    inge = town.user("inge").says("hjælp")
    assert "Svar med knapperne." in inge.sees
    assert "Du svarer ikke selv" not in inge.sees
    assert "Den næste åbner fredag den 3. september 2027" in inge.says("start").sees


def test_a_leader_above_the_units_is_told_where_their_summaries_come(town: Town) -> None:
    karen = town.user("karen").says("hjælp")
    assert (
        "Du svarer ikke selv på en dialog. Opsummeringerne fra dine enheder kommer i #boern-og-skole-ledelse."
        in karen.sees
    )


def test_a_colleague_is_named_with_the_unit_they_lead_whatever_else_they_sit_in(town: Town, mette: User) -> None:
    town.post("jens", "fjordby", "direktion")
    town.post("jens", "bs", "deputy")
    mette.opens().presses("Start").presses("Forsinket")
    (people,) = [one for one in mette.card.inputs if one.field == "involve"]
    assert [option.detail for option in people.options if option.label == "Jens Østergaard"] == ["Dagtilbud"]


def test_back_goes_to_the_step_before_with_its_answer(mette: User) -> None:
    mette.opens().presses("Start").presses("I gang").presses("‹ Tilbage")
    assert "1 af 3" in mette.sees
    assert mette.button("I gang").chosen


def test_two_agreements_are_chosen_between(town: Town, mette: User) -> None:
    town.post("mette", "maanen")
    assert "Du har 2 dialoger" in mette.opens().sees
    mette.presses("Start", 1)
    assert "Sprogtrappen" in mette.sees


def test_unchanged_since_last_time_is_one_press(town: Town, mette: User) -> None:
    answer_everything(mette).presses("Se opsummeringen").presses("Send til Jens")
    town.do(lambda connection: connection.execute(t.agreement.update().values(to_day=date(2028, 12, 31))))
    town.now = at_nine(date(2028, 3, 10))
    town.plan()
    mette.opens().presses("Start")
    assert "Sidst, april 2027: ▲ Forsinket – »To skoler har ikke svaret.«" in mette.sees
    mette.presses("Uændret siden sidst")
    assert "2 af 3" in mette.sees, "the challenge and the way forward are kept too"
    assert town.answers("solsikken")["Overleveringsmøder", "challenge"]["cause"] == "To skoler har ikke svaret."


def test_a_leader_of_both_levels_is_not_their_own_nearest_leader(town: Town, mette: User) -> None:
    town.do(
        lambda connection: connection.execute(t.post.update().where(t.post.c.id == 4).values(to_day=date(2026, 1, 1)))
    )
    town.post("mette", "dagtilbud")
    assert "Bagefter får Karen Aagaard" in mette.opens().sees


def test_the_card_of_an_answer_being_changed_leads_back_to_all_the_answers(mette: User) -> None:
    answer_everything(mette).presses("Ret", 2)
    assert "Fortsæt senere" not in mette.labels
    assert mette.presses("Se dine svar").card.kind == "review"


@pytest.mark.parametrize(
    ("away", "stand_in", "expected"), [(False, None, "mette"), (True, "ali", "ali"), (True, None, None)]
)
def test_the_stand_in_is_invited_while_the_leader_is_away_and_the_leader_afterwards(
    database: Database, *, away: bool, stand_in: str | None, expected: str | None
) -> None:
    town = fjordby(database)
    town.do(lambda connection: connection.execute(t.post.delete().where(t.post.c.role == "deputy")))
    if away:
        town.away("mette", SPRING, SPRING + timedelta(days=5), stand_in=stand_in)
    town.plan()
    invited = town.do(lambda connection: connection.execute(select(t.delivery.c.person_id)).scalars().all())
    if expected is not None:
        assert town.id_of(t.person, email=f"{expected}@fjordby.example") in invited
    if expected != "mette":
        assert town.id_of(t.person, email="mette@fjordby.example") not in invited


def test_a_draft_picks_only_colleagues_who_are_still_offered(town: Town, mette: User) -> None:
    ali = town.id_of(t.person, email="ali@fjordby.example")
    mette.opens().presses("Start").presses("Forsinket").presses("Fortsæt senere", cause="Halvt", involve=(str(ali),))
    left = t.post.update().where(t.post.c.person_id == ali).values(to_day=date(2026, 1, 1))
    town.do(lambda connection: connection.execute(left))
    mette.says("start").presses("Fortsæt")
    for one in mette.card.inputs:
        assert set(one.chosen) <= {option.value for option in one.options}, one.field
    assert "Hvad skal der ske nu?" in mette.presses("Næste").sees


def test_what_was_said_last_time_is_shown_in_short(town: Town, mette: User) -> None:
    mette.opens().presses("Start").presses("Forsinket").presses("Næste", cause="linje " * 499).presses("Det aftaler")
    mette.presses("I gang").presses("I gang").presses("Spring over").presses("Se ops").presses("Send")
    town.do(lambda connection: connection.execute(t.agreement.update().values(to_day=date(2028, 12, 31))))
    town.now = at_nine(date(2028, 3, 10))
    town.plan()
    mette.opens().presses("Start")
    assert len(mette.sees) < 1500
    mette.presses("Forsinket")
    assert all(len(one.hint) < 300 for one in mette.card.inputs)
