"""The coordinators' dialogues: who has an initiative of the executive board's plan answers for it, and the board reads the summary."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from bot import access
from bot.courier import Courier
from bot.ports import Direct, Room
from cards.card import Press
from store import tables as t
from store.database import Database
from store.records import Dialogue
from store.work import Work
from tests.test_replying import Pinboard
from tests.town import Town, User, at_nine, mail

APRIL, OCTOBER = date(2027, 4, 5), date(2027, 10, 4)
BOARD = Room("direktionen")


@pytest.fixture
def town(database: Database) -> Town:
    """The municipality's plan: Inge coordinates two initiatives, Nanna one; HR has initiatives of its own for the same goal."""
    town = Town(database, now=at_nine(APRIL))
    town.unit("top", name="Fjordby Kommune", kind="forvaltning", room="direktionen")
    town.unit("hr", under="top", name="HR", kind="stab")
    for name in ("Steen Malmberg", "Karen Aagaard", "Inge Rask", "Nanna Falk", "Ali Demir", "Mette Søndergaard"):
        town.person(name)
    town.post("steen", "top")
    town.post("karen", "top", "direktion")
    town.post("inge", "hr")
    agreement = town.agreement("top", until=date(2028, 6, 30))
    town.do(
        lambda connection: connection.execute(
            update(t.agreement).where(t.agreement.c.id == agreement).values(model="handlingsplan")
        )
    )
    theirs = town.agreement("hr", until=date(2028, 6, 30))
    for title, owner in (("Tidlig indsats", "inge"), ("Fælles opfølgning", "inge"), ("Selvbetjening", "nanna")):
        give(town, title, owner, town.initiative("top", title, source="direktion", goal=f"Mål for {title}"))
    share(town, "Tidlig indsats", agreement, theirs, {"on_plan": 2, "delayed": 1, None: 3})
    town.plan()
    return town


def give(town: Town, title: str, owner: str, initiative: int | None = None) -> None:
    """Make somebody the coordinator of an initiative."""
    number = initiative or town.id_of(t.initiative, title=title)
    person = town.id_of(t.person, email=mail(owner))
    town.do(
        lambda connection: connection.execute(
            update(t.initiative).where(t.initiative.c.id == number).values(owner_id=person)
        )
    )


def share(town: Town, title: str, ours: int, theirs: int, statuses: dict[str | None, int]) -> None:
    """The same goal in two agreements, with initiatives of the second that have those statuses."""
    goal = town.do(
        lambda connection: connection.execute(
            select(t.initiative.c.goal_id).where(t.initiative.c.title == title)
        ).scalar_one()
    )
    for agreement in (ours, theirs):
        town.add(t.agreement_goal, agreement_id=agreement, goal_id=goal)
    for status, number in statuses.items():
        for count in range(number):
            code = f"U-{status}-{count}"
            town.add(t.initiative, code=code, goal_id=goal, agreement_id=theirs, title=code, last_status=status)


def dialogue_of(town: Town, who: str) -> Dialogue:
    """The coordinator's latest dialogue."""
    owner = town.id_of(t.person, email=mail(who))
    asked = select(t.dialogue.c.id).where(t.dialogue.c.owner_id == owner).order_by(t.dialogue.c.due_on.desc()).limit(1)
    found = town.do(lambda connection: Work(connection).dialogue(connection.execute(asked).scalar_one()))
    assert found is not None
    return found


def answers_all(town: Town, who: str, first: str = "I gang") -> User:
    """Answer every question: the first initiative as told, the others are on plan."""
    user = town.user(who).opens().presses("Start").presses(first)
    while user.card.kind == "step":
        if any(label.startswith("Spring over") for label in user.labels):
            user.presses("Spring over")
        elif any("I gang" in label for label in user.labels):
            user.presses("I gang")
        elif any("Det aftaler vi" in label for label in user.labels):
            user.presses("Det aftaler vi på mødet")
        else:
            user.presses("Næste", cause="To enheder er ikke med endnu.")
    return user


def sends(user: User) -> User:
    return user.presses("Se opsummeringen").presses("Send")


def test_each_coordinator_is_asked_about_their_own_initiatives_alone(town: Town) -> None:
    assert town.count(t.dialogue) == 2  # Inge's and Nanna's
    assert "de 2 indsatser, du er tovholder for" in town.user("inge").opens().sees
    nanna = town.user("nanna").opens()
    assert "Tovholderdialog i april 2027 for Direktionens handlingsplan" in nanna.sees
    assert "den indsats, du er tovholder for" in nanna.sees
    assert "Frist: fredag den 30. april" in nanna.sees
    nanna.presses("Start")
    assert "Selvbetjening" in nanna.sees
    nanna.presses("I gang")
    assert "direktionen" in nanna.sees
    nanna.presses("Spring over")
    assert nanna.card.kind == "review"


def test_nobody_else_answers_for_a_coordinator_not_even_the_board(town: Town) -> None:
    card = town.user("nanna").opens().button("Start")
    for other in ("inge", "steen", "karen"):
        user = town.user(other).presses_old(card)
        assert "Her svarer Nanna Falk om sine egne indsatser." in user.sees
        assert town.count(t.answer) == 0


def test_a_stand_in_answers_while_a_coordinator_is_away(town: Town) -> None:
    town.away("nanna", date(2027, 4, 1), date(2027, 4, 9), "ali")
    user = answers_all(town, "ali")
    assert "Nanna Falk" in town.user("ali").opens().sees
    assert user.card.kind == "review"
    town.now = at_nine(date(2027, 4, 12))
    assert "Selvbetjening" not in town.user("ali").opens().sees


def test_the_units_own_initiatives_are_told_across(town: Town) -> None:
    inge = town.user("inge").opens()
    at = dialogue_of(town, "inge").id
    assert inge.card is not None
    start = next(button for button in inge.card.buttons if button.press.dialogue == at)
    inge.presses_old(start)
    assert "Enhedernes indsatser til målet: ◐\u00a02\u00a0i gang" in inge.sees
    assert "▲\u00a01\u00a0forsinket. 3 har ikke meldt noget endnu." in inge.sees
    inge.presses("I gang")
    assert "Fælles opfølgning" in inge.sees
    assert "Enhedernes indsatser" not in inge.sees  # nobody else has that goal


async def test_the_summary_goes_to_the_boards_channel_and_any_of_the_board_replies(town: Town) -> None:
    board = Pinboard()
    courier = Courier(town.house, town.database, {"web": board})
    sends(answers_all(town, "nanna", "Forsinket"))
    await courier.run(town.now)
    post = board.seen_by(BOARD)
    assert "Tovholderdialog i april 2027 · Direktionens handlingsplan" in post
    assert "Nanna Falk" in post
    assert "To enheder er ikke med endnu." in post
    number = dialogue_of(town, "nanna").id
    for who, reply in (("karen", "Jeg hjælper med de to."), ("steen", "Godt set.")):
        card = next(card for where, card in board.posts if where == BOARD)
        press = next(button for button in card.buttons if button.label == "Svar")
        town.user(who).presses_old(press).presses("Send", text=reply)
    town.user("inge").presses_old(press)
    said = town.do(lambda connection: [one.text for one in Work(connection).responses(number)])
    assert said == ["Jeg hjælper med de to.", "Godt set."]
    await courier.run(town.now)
    assert "Jeg hjælper med de to." in board.seen_by(Direct("nanna@fjordby.example"))


def test_a_member_of_the_board_who_coordinates_is_answered_by_the_others(town: Town) -> None:
    give(town, "Selvbetjening", "steen")
    town.plan()
    dialogue = dialogue_of(town, "steen")
    holders = town.do(lambda connection: Work(connection).holders_for(dialogue, APRIL))
    nearest = access.nearest_leader(holders)
    assert nearest is not None
    assert nearest.name == "Karen Aagaard"
    assert not access.may_reply(dialogue.owner_id or 0, holders)


def test_a_new_coordinator_is_asked_and_the_old_one_no_more(town: Town) -> None:
    answers_all(town, "nanna")
    give(town, "Selvbetjening", "ali")
    town.plan()
    assert "Selvbetjening" not in town.user("nanna").opens().sees
    ali = town.user("ali").opens()
    assert "den indsats, du er tovholder for" in ali.sees
    ali.presses("Start")
    assert "Selvbetjening" in ali.sees


def test_in_october_the_new_coordinator_sees_what_the_old_one_said_in_april(town: Town) -> None:
    sends(answers_all(town, "nanna", "Forsinket"))
    give(town, "Selvbetjening", "ali")
    town.now = at_nine(OCTOBER)
    town.plan()
    ali = town.user("ali").opens().presses("Start")
    assert "Sidst, april 2027: ▲ Forsinket" in ali.sees
    assert "To enheder er ikke med endnu." in ali.sees
    inge = dialogue_of(town, "inge")
    assert inge.previous_id is None  # she sent nothing in April


def test_planning_twice_opens_nothing_twice(town: Town) -> None:
    before = town.count(t.dialogue)
    town.plan()
    town.plan()
    assert town.count(t.dialogue) == before


def test_the_boards_own_plan_is_shown_and_signed_by_nobody(town: Town) -> None:
    steen = town.user("steen").says("aftale")
    if steen.card.kind == "agreements":
        steen.presses("Åbn")
    assert "Handlingsplan for Fjordby Kommune" in steen.sees
    assert "Tidlig indsats" in steen.sees
    assert "nderskr" not in steen.sees
    assert "Parter" not in steen.sees


async def test_what_a_former_coordinator_sent_stays_as_it_was_sent(town: Town) -> None:
    board = Pinboard()
    courier = Courier(town.house, town.database, {"web": board})
    sends(answers_all(town, "nanna", "Forsinket"))
    number = dialogue_of(town, "nanna").id
    give(town, "Selvbetjening", "ali")
    town.plan()
    town.user("karen").presses_old(Press("respond", number, value="at_meeting"))
    await courier.run(town.now)
    assert "To enheder er ikke med endnu." in board.seen_by(BOARD)
    assert "To enheder er ikke med endnu." in town.user("karen").presses_old(Press("post", number)).sees


def test_who_coordinates_nothing_any_more_sends_nothing(town: Town) -> None:
    nanna = town.user("nanna").opens()
    start = nanna.button("Start")
    give(town, "Selvbetjening", "ali")
    town.plan()
    assert "Der er ikke noget, du skal svare på her længere." in nanna.presses_old(start).sees
    assert dialogue_of(town, "nanna").sent_revision is None
