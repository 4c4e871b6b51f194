"""Reports: who may have which, and what one is made from; only ever what was sent. On both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, event, insert, select, update

from bot.reporting import Request, Told, findings, kinds_for, make
from bot.settings import Settings
from cards.reports.composing import compose
from cards.reports.facts import Findings
from cards.reports.report import File, Format, Kind
from dialogs.script import Model
from store import tables as t
from store.actions import Agreed
from store.database import Database
from store.records import AnswerRow, Person
from store.work import Work
from tests.test_overview import answers
from tests.test_owners import OCTOBER, dialogue_of, give
from tests.town import Town, at_nine, fjordby, mail

AUTUMN = date(2027, 9, 10)
ALL = {"record", "unit", "joint", "committee", "council"}


@pytest.fixture
def town(database: Database) -> Town:
    """Fjordby in March, with schools beside the day care, and a direktion."""
    town = fjordby(database)
    town.unit("skoler", under="bs", name="Skoler", kind="afdeling")
    town.unit("byskolen", under="skoler", name="Byskolen")
    town.unit("tmk", under="fjordby", name="Teknik og Miljø", kind="forvaltning")
    town.unit("havnen", under="tmk", name="Havnen")
    for name in ("Pia Holm", "Steen Malmberg", "Hans Hav", "Tina Tek"):
        town.person(name)
    town.post("pia", "byskolen")
    town.post("steen", "fjordby", "direktion")
    town.post("hans", "havnen")
    town.post("tina", "tmk")
    for unit in ("byskolen", "havnen"):
        town.agreement(unit)
    town.initiative("byskolen", "Læsebånd", source="politik")
    town.initiative("havnen", "Ny mole", source="politik")
    return town


def unit_id(town: Town, code: str | None) -> int | None:
    return town.id_of(t.unit, code=code) if code else None


def asker(town: Town, who: str | None) -> Person | None:
    if who is None:
        return None
    person_id = town.id_of(t.person, email=mail(who))
    return town.do(lambda connection: Work(connection).person_by_id(person_id))


def found(
    town: Town,
    kind: Kind,
    unit: str | None,
    year: int = 2027,
    *,
    who: str | None = None,
    told: Told | None = None,
    round_id: str = "",
) -> Findings | str:
    request = Request(kind, unit_id(town, unit), year, Format.WORD, "da", round_id)
    return asyncio.run(findings(town.house, town.database, request, asker(town, who), town.now, told))


def of(town: Town, kind: Kind, unit: str | None, year: int = 2027, **more: str) -> Findings:
    one = found(town, kind, unit, year, who=more.get("who"), round_id=more.get("round_id", ""))
    assert isinstance(one, Findings), one
    return one


def units(one: Findings) -> list[str]:
    return [held.unit.code for held in one.held]


def kinds(town: Town, who: str, unit: str | None) -> set[str]:
    person_id, about = town.id_of(t.person, email=mail(who)), unit_id(town, unit)
    return set(town.do(lambda connection: kinds_for(Work(connection), person_id, about, town.now.date())))


def sends(town: Town, unit: str, who: str, *said: AnswerRow, step: str = "status") -> int:
    """The unit's latest dialogue is answered and sent: its first initiative is in progress, unless said otherwise."""
    number = town.dialogue(unit)
    person_id = town.id_of(t.person, email=mail(who))
    with town.database.transaction() as connection:
        work = Work(connection)
        dialogue = work.dialogue(number)
        assert dialogue is not None
        first = work.initiatives(dialogue.agreement_id)[0]
        rows = said or (AnswerRow(f"initiative-{first.id}", step, {"status": "on_plan"}),)
        work.record(dialogue, rows, replaces=dialogue.is_sent, person_id=person_id, platform="web", now=town.now)
        answered = work.dialogue(number)
        assert answered is not None
        work.mark_sent(answered, {}, person_id, town.now)
    return number


def everybody_sends(town: Town) -> None:
    town.plan()
    for unit, who in (("solsikken", "mette"), ("maanen", "ali"), ("byskolen", "pia"), ("havnen", "hans")):
        sends(town, unit, who)


# --- what was sent, and nothing else ------------------------------------------------------------------------------------------------


def test_only_what_was_sent_is_in_a_report(town: Town) -> None:
    answers(town, "mette", "Gennemført", "I gang", "I gang")
    town.user("ali").opens().presses("Start").presses("Forsinket").presses("Næste", cause="Hemmeligt endnu")
    one = of(town, Kind.JOINT, "bs")
    assert units(one) == ["solsikken"]
    assert one.of == 3
    assert "Hemmeligt" not in repr(one)
    assert found(town, Kind.RECORD, "maanen") != "nothing-sent", "what was agreed is there before anything is sent"
    assert "Hemmeligt" not in repr(found(town, Kind.RECORD, "maanen"))


def test_what_was_typed_and_not_given_as_an_answer_is_in_no_report(town: Town) -> None:
    answers(town, "mette", "Gennemført", "I gang", "I gang")
    town.add(
        t.draft,
        dialogue_id=town.dialogue("solsikken"),
        subject="initiative-1",
        step="challenge",
        values={"cause": "Halvskrevet"},
        person_id=town.id_of(t.person, email=mail("mette")),
        at=town.now,
    )
    for kind in (Kind.RECORD, Kind.UNIT):
        assert "Halvskrevet" not in repr(of(town, kind, "solsikken"))


def test_an_answer_changed_after_it_was_sent_stands_as_it_was_sent_and_nobody_hears_of_the_change(town: Town) -> None:
    mette = answers(town, "mette", "Forsinket", "I gang", "I gang", cause="To skoler mangler")
    before = of(town, Kind.RECORD, "solsikken").held
    mette.opens().presses("Åbn").presses("Ret", nth=1).presses("Næste", cause="Tre skoler mangler")
    after = of(town, Kind.RECORD, "solsikken").held
    assert "To skoler mangler" in repr(after)
    assert "Tre skoler" not in repr(after)
    assert [one.scene for one in after] == [one.scene for one in before]
    mette.presses("Se det rettede opslag").presses("Ret opslaget")
    assert "Tre skoler mangler" in repr(of(town, Kind.RECORD, "solsikken").held)


def test_what_was_written_to_the_leader_alone_before_it_was_sent_is_in_no_report(town: Town) -> None:
    town.plan()
    number = sends(town, "solsikken", "mette")
    jens = town.id_of(t.person, email=mail("jens"))
    for kind, text in (("word", "Kan du nå det, Mette?"), ("reply", "Tak, det er tydeligt")):
        town.add(t.comment, dialogue_id=number, person_id=jens, kind=kind, text=text, at=town.now)
    assert [one.text for one in of(town, Kind.RECORD, "solsikken").held[0].scene.responses] == ["Tak, det er tydeligt"]
    assert "Kan du nå det" not in repr(of(town, Kind.UNIT, "solsikken"))


def test_a_dialogue_says_who_sent_it_and_the_report_who_leads_today(town: Town) -> None:
    answers(town, "mette", "Gennemført", "I gang", "I gang")
    mette = town.id_of(t.person, email=mail("mette"))
    town.do(lambda c: c.execute(update(t.post).where(t.post.c.person_id == mette).values(to_day=date(2027, 5, 31))))
    town.post("pia", "solsikken", since=date(2027, 6, 1))
    town.now = at_nine(date(2027, 6, 7))
    one = of(town, Kind.UNIT, "solsikken", who="pia")
    assert (one.held[0].sent_by, one.owner, one.owner_title) == ("Mette Søndergaard", "Pia Holm", "leder")
    assert one.asked_by == "Pia Holm"
    assert kinds(town, "mette", "solsikken") == set()


def test_what_was_agreed_to_do_is_told_with_how_it_stands(town: Town) -> None:
    town.plan()
    number = sends(town, "solsikken", "mette")
    initiative = town.id_of(t.initiative, title="Fælles vikarkorps")
    agreed = (
        Agreed("Møde med skolerne", "Mette", None, date(2027, 5, 1), initiative),
        Agreed("Ring til HR", "HR", None, None),
    )
    town.do(lambda connection: Work(connection).actions.keep(number, agreed))
    done = town.id_of(t.action, what="Ring til HR")
    town.do(lambda connection: Work(connection).actions.finish(done))
    town.do(
        lambda connection: Work(connection).actions.keep(number, (*agreed, Agreed("Ny aftale", "Jens", None, None)))
    )
    town.do(lambda connection: Work(connection).actions.keep(number, agreed))
    assert [(one.what, one.is_done, one.initiative) for one in of(town, Kind.UNIT, "solsikken").held[0].actions] == [
        ("Møde med skolerne", False, "Fælles vikarkorps"),
        ("Ring til HR", True, ""),
    ]


@pytest.mark.parametrize("as_", [Format.DATA, Format.PAGE])
def test_nothing_that_was_not_sent_is_in_any_report_as_it_is_handed_over(town: Town, as_: Format) -> None:
    mette = answers(town, "mette", "Forsinket", "I gang", "I gang", cause="To skoler mangler")
    mette.opens().presses("Åbn").presses("Ret", nth=1).presses("Næste", cause="Hemmelig rettelse")
    town.user("ali").opens().presses("Start").presses("Forsinket").presses("Næste", cause="Hemmeligt svar")
    pia = town.id_of(t.person, email=mail("pia"))
    dialogue = town.dialogue("byskolen")
    town.add(t.comment, dialogue_id=dialogue, person_id=pia, kind="word", text="Hemmeligt ord", at=town.now)
    draft = {
        "dialogue_id": dialogue,
        "subject": "initiative-1",
        "step": "status",
        "values": {"cause": "Hemmelig kladde"},
    }
    town.add(t.draft, **draft, person_id=pia, at=town.now)
    about = ((Kind.RECORD, "solsikken"), (Kind.UNIT, "solsikken"), (Kind.RECORD, "maanen"), (Kind.JOINT, "bs"))
    for kind, unit in (*about, (Kind.COMMITTEE, "bs"), (Kind.COUNCIL, None)):
        request = Request(kind, unit_id(town, unit), 2027, as_, "da")
        file = asyncio.run(make(town.house, town.database, request, asker(town, "steen"), town.now))
        assert isinstance(file, File), (kind, file)
        written = file.content.decode()
        assert "emmelig" not in written, kind
        assert "To skoler mangler" in written or (kind, unit) in {
            (Kind.RECORD, "maanen"),
            (Kind.COMMITTEE, "bs"),
            (Kind.COUNCIL, None),
        }


# --- whose, and when ----------------------------------------------------------------------------------------------------------------


def test_a_report_has_the_units_from_its_own_down_in_the_order_of_the_tree(town: Town) -> None:
    town.unit("aaen", under="dagtilbud", name="Åhuset")
    town.agreement("aaen")
    town.initiative("aaen", "Uderum")
    town.post("jens", "aaen")
    everybody_sends(town)
    sends(town, "aaen", "jens")
    assert units(of(town, Kind.JOINT, "bs")) == ["solsikken", "maanen", "aaen", "byskolen"], "Å stands last"
    assert units(of(town, Kind.JOINT, "dagtilbud")) == ["solsikken", "maanen", "aaen"]
    assert units(of(town, Kind.JOINT, None)) == ["solsikken", "maanen", "aaen", "byskolen", "havnen"]
    assert units(of(town, Kind.UNIT, "solsikken")) == ["solsikken"]


def test_a_unit_is_told_with_those_above_it_but_not_with_the_municipality(town: Town) -> None:
    everybody_sends(town)
    one = of(town, Kind.JOINT, "bs")
    assert one.unit is not None
    assert one.unit.above == ()
    assert one.held[0].unit.above == ("Børn og Skole", "Dagtilbud")
    alone = of(town, Kind.UNIT, "solsikken").unit
    assert alone is not None
    assert alone.above == ("Børn og Skole", "Dagtilbud")
    assert of(town, Kind.COUNCIL, None).unit is None


def test_a_municipality_whose_name_is_not_set_is_called_what_the_unit_at_the_top_is(town: Town) -> None:
    everybody_sends(town)
    town.house = replace(town.house, municipality=Settings().municipality)
    assert of(town, Kind.COUNCIL, None).municipality == "Fjordby Kommune"
    town.unit("kultur", name="Kultur", kind="forvaltning")
    one = of(town, Kind.COUNCIL, None)
    assert one.municipality == ""
    made = compose(one)
    assert made.name == "byraad-hele-kommunen-2027"
    assert made.facts.facts[0].label == "År"


def test_a_unit_that_moved_is_where_it_stands_now_with_all_its_year(town: Town) -> None:
    everybody_sends(town)
    moved, above = unit_id(town, "maanen"), unit_id(town, "skoler")
    assert moved is not None
    town.do(lambda c: c.execute(delete(t.unit_closure).where(t.unit_closure.c.descendant_id == moved)))
    town.do(lambda c: c.execute(update(t.unit).where(t.unit.c.id == moved).values(parent_id=above)))
    town.add_to_closure(moved, above)
    assert units(of(town, Kind.JOINT, "skoler")) == ["byskolen", "maanen"]
    assert units(of(town, Kind.JOINT, "dagtilbud")) == ["solsikken"]
    assert kinds(town, "jens", "maanen") == set()


def test_a_unit_that_closed_in_the_year_keeps_what_it_sent(town: Town) -> None:
    everybody_sends(town)
    town.do(lambda c: c.execute(update(t.agreement).values(to_day=date(2027, 4, 30))))
    ali = town.id_of(t.person, email=mail("ali"))
    town.do(lambda c: c.execute(update(t.post).where(t.post.c.person_id == ali).values(to_day=date(2027, 4, 30))))
    town.now = at_nine(date(2027, 11, 1))
    assert "maanen" in units(of(town, Kind.JOINT, "bs", who="karen"))
    assert units(of(town, Kind.UNIT, "maanen", who="jens")) == ["maanen"]
    assert of(town, Kind.UNIT, "maanen").owner == ""


def test_a_year_is_the_deadlines_year_whenever_it_was_sent(town: Town) -> None:
    town.now = at_nine(date(2026, 9, 10))
    town.plan()
    town.now = at_nine(date(2027, 1, 5))
    sends(town, "maanen", "ali")
    assert units(of(town, Kind.UNIT, "maanen", 2026)) == ["maanen"]
    assert found(town, Kind.UNIT, "maanen", 2027) == "nothing-sent"


def test_both_agreements_of_a_year_with_a_renewal_are_in_the_record_with_their_dialogues(town: Town) -> None:
    everybody_sends(town)
    town.agreement("solsikken", since=date(2027, 7, 1), until=date(2029, 12, 31))
    following = town.id_of(t.agreement, code="solsikken-2027")
    goal = town.add(t.goal, code="ny", title="Tryg i alt", source="politik")
    town.add(t.initiative, code="I-ny", goal_id=goal, agreement_id=following, title="Nye overleveringer")
    town.now = at_nine(AUTUMN)
    town.plan()
    sends(town, "solsikken", "mette")
    one = of(town, Kind.RECORD, "solsikken")
    assert [agreement.code for _, agreement in one.agreements] == ["solsikken-2026", "solsikken-2027"]
    assert [held.round_id for held in one.held] == ["2027-spring", "2027-autumn"]
    assert of(town, Kind.UNIT, "solsikken").agreements == (), "a record's alone"
    assert [held.round_id for held in of(town, Kind.RECORD, "solsikken", round_id="2027-autumn").held] == [
        "2027-autumn"
    ]
    assert [agreement.code for _, agreement in of(town, Kind.RECORD, "solsikken", 2028).agreements] == [
        "solsikken-2027"
    ]


def test_a_report_of_one_round_knows_that_it_is(town: Town) -> None:
    everybody_sends(town)
    assert of(town, Kind.JOINT, "bs", round_id="2027-spring").round_id == "2027-spring"
    assert of(town, Kind.JOINT, "bs").round_id == ""


def test_an_agreement_is_told_as_it_stands_with_who_signed_that_version_and_what_was_changed(town: Town) -> None:
    goal = town.id_of(t.initiative, title="Overleveringsmøder")
    agreement = town.id_of(t.agreement, code="solsikken-2026")
    mette, jens = (town.id_of(t.person, email=mail(who)) for who in ("mette", "jens"))
    for version, party, person in ((1, "unit", mette), (1, "counterpart", jens), (2, "unit", mette)):
        town.add(t.signature, agreement_id=agreement, version=version, party=party, person_id=person, at=town.now)
    town.add(t.amendment, agreement_id=agreement, version=2, what="Fristen er rykket", person_id=jens, at=town.now)
    town.do(lambda c: c.execute(update(t.agreement).where(t.agreement.c.id == agreement).values(version=2)))
    ((unit, one),) = of(town, Kind.RECORD, "solsikken").agreements
    assert (unit.code, one.version, one.counterpart) == ("solsikken", 2, "Jens Østergaard")
    assert [(signed.party, signed.name) for signed in one.signatures] == [("unit", "Mette Søndergaard")]
    assert [(change.version, change.what, change.name) for change in one.amendments] == [
        (2, "Fristen er rykket", "Jens Østergaard")
    ]
    assert f"initiative-{goal}" in [initiative.id for initiative in one.initiatives]
    assert list(one.sources) == ["politik", "direktion", "lokal"]


def test_what_was_measured_later_is_not_in_what_was_sent_earlier(town: Town) -> None:
    agreement = town.id_of(t.agreement, code="solsikken-2026")
    goal = town.add(t.goal, code="M-tryg", title="Tryg overgang", source="politik", measure="%")
    town.do(lambda c: c.execute(insert(t.agreement_goal).values(agreement_id=agreement, goal_id=goal)))
    for day, value in ((date(2027, 2, 1), 70), (date(2027, 8, 1), 80), (date(2028, 2, 1), 90)):
        town.add(t.reading, goal_id=goal, value=Decimal(value), measured_on=day, at=town.now)
    town.plan()
    sends(town, "solsikken", "mette", AnswerRow(f"goal-{goal}", "evaluation", {}))
    one = of(town, Kind.RECORD, "solsikken")
    (asked,) = (subject for subject in one.held[0].scene.subjects if subject.id == f"goal-{goal}")
    assert asked.figures is not None
    assert [reading.value for reading in asked.figures.readings] == [70]
    (stands,) = one.agreements[0][1].goals
    assert stands.figures is not None
    assert [reading.value for reading in stands.figures.readings] == [70, 80], "when the year was over"


# --- owners -------------------------------------------------------------------------------------------------------------------------


def goal_of(town: Town, *units: str, title: str, source: str = "politik") -> None:
    """One goal that each of the units has in its agreement."""
    number = town.add(t.goal, code=title.lower().replace(" ", "-"), title=title, source=source, measure="%")
    for unit in units:
        agreement = select(t.agreement.c.id).join(t.unit).where(t.unit.c.code == unit).scalar_subquery()
        row = insert(t.agreement_goal).values(agreement_id=agreement, goal_id=number)
        with town.database.transaction() as connection:
            connection.execute(row)


def test_the_units_that_were_asked_of_a_goal_are_known_sent_or_not_but_never_the_plan_of_the_executive_board(
    town: Town,
) -> None:
    town.agreement("fjordby", until=date(2028, 6, 30))
    goal_of(town, "solsikken", "maanen", "havnen", "fjordby", title="Ro")
    goal_of(town, "byskolen", title="Lyst")
    town.plan()
    sends(town, "solsikken", "mette")
    steen = town.id_of(t.person, email=mail("steen"))
    plan = select(t.agreement.c.id).join(t.unit).where(t.unit.c.code == "fjordby")
    owned = update(t.dialogue).values(owner_id=steen).where(t.dialogue.c.agreement_id.in_(plan))
    town.do(lambda connection: connection.execute(owned))
    ids = {code: town.id_of(t.unit, code=code) for code in ("solsikken", "maanen", "havnen", "byskolen")}
    below, alone = of(town, Kind.JOINT, "bs").having, of(town, Kind.UNIT, "solsikken").having
    assert {words[0]: units for words, units in below.items()} == {
        "Ro": {ids["solsikken"], ids["maanen"]},
        "Lyst": {ids["byskolen"]},
    }
    assert {words[0]: units for words, units in alone.items()} == {
        "Ro": {ids["solsikken"], ids["maanen"], ids["havnen"]}
    }


def test_owners_dialogues_are_in_the_reports_of_the_unit_that_has_the_plan(town: Town) -> None:
    agreement = town.agreement("fjordby", until=date(2028, 6, 30))
    town.do(lambda c: c.execute(update(t.agreement).where(t.agreement.c.id == agreement).values(model="handlingsplan")))
    for title, owner in (("Tidlig indsats", "karen"), ("Selvbetjening", "tina")):
        give(town, title, owner, town.initiative("fjordby", title, source="direktion"))
    town.now = at_nine(OCTOBER)
    town.plan()
    theirs = dialogue_of(town, "karen")
    subject = f"initiative-{town.id_of(t.initiative, title='Tidlig indsats')}"
    with town.database.transaction() as connection:
        work = Work(connection)
        said = AnswerRow(subject, "status", {"status": "done"})
        work.record(theirs, (said,), replaces=False, person_id=theirs.owner_id or 0, platform="web", now=town.now)
        answered = work.dialogue(theirs.id)
        assert answered is not None
        work.mark_sent(answered, {}, theirs.owner_id or 0, town.now)
    (held,) = of(town, Kind.UNIT, "fjordby").held
    assert (held.is_owners, held.sent_by, held.unit.code) == (True, "Karen Aagaard", "fjordby")
    assert of(town, Kind.UNIT, "fjordby").of == 2
    assert [one.is_signed for _, one in of(town, Kind.RECORD, "fjordby").agreements] == [False]
    assert [one.is_owners for one in of(town, Kind.COUNCIL, None).held] == [True]
    assert found(town, Kind.JOINT, "bs") == "nothing-sent"


# --- who may ------------------------------------------------------------------------------------------------------------------------

MAY = [
    ("mette", "solsikken", {"record", "unit"}),
    ("dora", "solsikken", {"record", "unit"}),  # its deputy
    ("jens", "solsikken", {"record", "unit"}),
    ("karen", "solsikken", {"record", "unit"}),
    ("sofie", "solsikken", {"record", "unit"}),  # a consultant at the top
    ("steen", "solsikken", {"record", "unit"}),
    ("ali", "solsikken", set()),
    ("tina", "solsikken", set()),
    ("pia", "solsikken", set()),
    ("jens", "dagtilbud", {"joint"}),  # it has no agreement of its own
    ("karen", "dagtilbud", {"joint"}),
    ("mette", "dagtilbud", set()),  # from below
    ("karen", "bs", {"joint", "committee"}),
    ("steen", "bs", {"joint", "committee"}),
    ("sofie", "bs", {"joint", "committee"}),
    ("jens", "bs", set()),
    ("tina", "bs", set()),
    ("steen", "fjordby", {"joint", "council"}),
    ("sofie", "fjordby", {"joint", "council"}),
    ("karen", "fjordby", set()),
    ("steen", None, {"joint", "council"}),
    ("sofie", None, {"joint", "council"}),
    ("karen", None, set()),
    ("mette", None, set()),
]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_who_may_have_which_report_follows_their_posts(town: Town, kind: str) -> None:
    assert [(who, unit, kinds(town, who, unit)) for who, unit, _ in MAY] == MAY, kind


def test_what_one_may_not_have_is_refused_when_it_is_made_too(town: Town) -> None:
    everybody_sends(town)
    for who, unit, theirs in MAY:
        for name in sorted(ALL - theirs):
            refused = found(town, Kind(name), unit, who=who)
            assert refused == ("no-such-report" if theirs else "not-theirs-to-see"), (who, unit, name)
    assert found(town, Kind.UNIT, "solsikken", who="ali") == "not-theirs-to-see"
    missing = Request(Kind.UNIT, 4711, 2027, Format.WORD, "da")
    for person in (asker(town, "steen"), None):
        refused = asyncio.run(findings(town.house, town.database, missing, person, town.now))
        assert refused == ("not-theirs-to-see" if person else "no-such-report")


def test_whoever_stands_in_for_a_leader_who_is_away_may_have_what_they_may(town: Town) -> None:
    assert kinds(town, "tina", "bs") == set()
    town.away("karen", date(2027, 3, 8), date(2027, 3, 12), "tina")
    assert kinds(town, "tina", "bs") == {"joint", "committee"}
    town.now = at_nine(date(2027, 3, 15))
    assert kinds(town, "tina", "bs") == set()


def test_a_post_that_has_ended_gives_nothing_even_while_the_report_is_made(town: Town) -> None:
    everybody_sends(town)

    async def leaves(done: int, of_all: int) -> None:
        if done == of_all:
            town.do(lambda c: c.execute(update(t.post).values(to_day=date(2027, 3, 1))))

    assert found(town, Kind.JOINT, "bs", who="karen", told=leaves) == "not-theirs-to-see"


def test_where_there_are_no_forvaltninger_the_topmost_unit_is_the_committees(town: Town) -> None:
    town.do(lambda c: c.execute(update(t.unit).values(kind="afdeling")))
    assert kinds(town, "steen", "fjordby") == {"joint", "committee", "council"}
    assert kinds(town, "steen", "bs") == {"joint"}


def test_several_units_at_the_top_are_a_municipality_to_those_who_reach_them_all(town: Town) -> None:
    town.unit("kultur", name="Kultur", kind="forvaltning")
    assert kinds(town, "steen", None) == set()
    assert kinds(town, "steen", "fjordby") == {"joint"}
    town.post("steen", "kultur", "direktion")
    assert kinds(town, "steen", None) == {"joint", "council"}


# --- nothing to tell ----------------------------------------------------------------------------------------------------------------


def test_a_year_without_anything_sent_makes_no_report(town: Town) -> None:
    town.plan()
    for kind, unit in ((Kind.UNIT, "solsikken"), (Kind.JOINT, "bs"), (Kind.COMMITTEE, "bs"), (Kind.COUNCIL, None)):
        assert found(town, kind, unit) == "nothing-sent"
    assert found(town, Kind.RECORD, "solsikken", 2024) == "nothing-sent", "there was no agreement either"
    assert found(town, Kind.RECORD, "solsikken", round_id="2027-spring") == "nothing-sent"
    assert of(town, Kind.RECORD, "solsikken").held == ()


def test_the_years_there_is_something_of_are_known_and_how_much(town: Town) -> None:
    everybody_sends(town)
    bs = unit_id(town, "bs")
    assert town.do(lambda c: Work(c).reports.years(bs)) == (2027,)
    assert town.do(lambda c: Work(c).reports.counted(bs, 2027, town.now.date())) == (3, 3)
    assert town.do(lambda c: Work(c).reports.counted(None, 2027, town.now.date())) == (4, 4)
    assert town.do(lambda c: Work(c).reports.counted(bs, 2026, town.now.date())) == (0, 0)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_template_of_the_municipalitys_that_cannot_be_used_is_a_refusal_and_no_fault(
    town: Town, kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    everybody_sends(town)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "unit.da.docx").write_bytes(b"no Word file")
    house = replace(town.house, own_folder=tmp_path)
    request = Request(Kind.UNIT, unit_id(town, "solsikken"), 2027, Format.WORD, "da")
    assert asyncio.run(make(house, town.database, request, asker(town, "mette"), town.now)) == "bad-template", kind
    assert "unit.da.docx" in caplog.text
    for other in (replace(request, format=Format.EXCEL), replace(request, language="en")):
        assert isinstance(asyncio.run(make(house, town.database, other, asker(town, "mette"), town.now)), File)


# --- political packs ----------------------------------------------------------------------------------------------------------------


def test_a_pack_says_which_sources_are_political_and_when_it_is_to_be_there(town: Town) -> None:
    everybody_sends(town)
    committee = of(town, Kind.COMMITTEE, "bs", who="karen")
    assert committee.political == {"politik"}
    assert committee.milestone == date(2027, 11, 1)
    assert (committee.owner, committee.owner_title) == ("Karen Aagaard", "direktør")
    town.post("steen", "fjordby")
    council = of(town, Kind.COUNCIL, None)
    assert council.milestone == date(2027, 12, 1)
    assert (council.owner, council.owner_title) == ("Steen Malmberg", "kommunaldirektør")
    assert of(town, Kind.JOINT, "bs").political == frozenset()
    assert of(town, Kind.JOINT, "bs").milestone is None


def test_a_unit_of_a_model_without_such_a_milestone_has_the_date_of_one_that_has_it(town: Town) -> None:
    everybody_sends(town)
    town.do(lambda c: c.execute(update(t.unit).where(t.unit.c.code == "bs").values(model="institutionsaftale")))
    one = of(town, Kind.COMMITTEE, "bs")
    assert one.political == {"politik"}
    assert one.milestone == date(2027, 11, 1)


def test_where_no_model_says_what_is_political_there_is_no_pack(town: Town) -> None:
    everybody_sends(town)
    without: dict[str, Model] = {
        name: replace(model, milestones=()) for name, model in town.house.library.models.items()
    }
    town.house = replace(town.house, library=replace(town.house.library, models=without))
    assert found(town, Kind.COMMITTEE, "bs") == "no-political-goals"
    assert found(town, Kind.COUNCIL, None, who="steen") == "no-political-goals"
    assert isinstance(found(town, Kind.JOINT, "bs"), Findings)


# --- what it costs --------------------------------------------------------------------------------------------------------------------


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    run: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        run.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield run
    event.remove(database.engine, "before_cursor_execute", note)


def cost(town: Town) -> int:
    with counting(town.database) as run:
        assert isinstance(found(town, Kind.JOINT, "bs", who="karen"), Findings)
    return len(run)


def test_another_unit_costs_as_many_statements_as_the_one_before(town: Town) -> None:
    everybody_sends(town)
    of(town, Kind.JOINT, "bs")  # scripts are read once
    three = cost(town)
    costs = []
    for number in range(2):
        for beside in range(4):  # twice as many as are read at once
            code = f"u{number}{beside}"
            town.unit(code, under="skoler")
            town.post("pia", code)
            town.agreement(code)
            town.initiative(code, "Læsebånd")
            town.plan()
            sends(town, code, "pia")
        costs.append(cost(town))
    assert costs[0] - three == costs[1] - costs[0]
    assert costs[1] - costs[0] < 4 * 12


def test_more_units_that_sent_nothing_cost_nothing_more(town: Town) -> None:
    everybody_sends(town)
    of(town, Kind.JOINT, "bs")
    before = cost(town)
    for number in range(5):
        town.unit(f"tom{number}", under="skoler")
        town.agreement(f"tom{number}")
    assert cost(town) == before


def test_progress_is_told_from_none_to_all(town: Town) -> None:
    everybody_sends(town)
    heard: list[tuple[int, int]] = []

    async def told(done: int, of_all: int) -> None:
        heard.append((done, of_all))

    found(town, Kind.JOINT, "bs", told=told)
    assert heard == [(0, 3), (2, 3), (3, 3)]
    for number in range(3):
        town.unit(f"u{number}", under="skoler")
        town.post("pia", f"u{number}")
        town.agreement(f"u{number}")
        town.initiative(f"u{number}", "Læsebånd")
        town.plan()
        sends(town, f"u{number}", "pia")
    heard.clear()
    found(town, Kind.JOINT, "bs", told=told)
    assert heard == [(0, 6), (2, 6), (4, 6), (6, 6)]
