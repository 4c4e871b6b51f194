"""The running product: several processes may plan at once, and what is planned is delivered whatever becomes of the planning."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import update

from store import tables as t
from store.database import Database
from store.work import Work
from tests.test_nudging import OPENS, Days, without_deputy
from tests.town import at_nine, fjordby, mail


@pytest.fixture
def days(database: Database) -> Days:
    return Days(without_deputy(fjordby(database)))


async def test_what_is_planned_is_delivered_even_when_planning_fails(
    days: Days, caplog: pytest.LogCaptureFixture
) -> None:
    days.town.now = at_nine(OPENS)
    days.town.plan()
    days.town.do(lambda connection: connection.execute(t.setting.delete()))  # so that it is looked over again
    nowhere = update(t.person).where(t.person.c.email == mail("sofie")).values(timezone="Ingen/Steder")
    days.town.do(lambda connection: connection.execute(nowhere))
    await days.product.tick()
    assert "planning failed; the next tick tries again" in caplog.messages
    assert sorted(who for _, who, _ in days.letters.sent) == ["ali", "mette"]


async def test_a_process_does_not_plan_while_another_does(days: Days) -> None:
    if days.town.database.kind == "sqlite":
        pytest.skip("there every transaction is alone")
    days.town.now = at_nine(OPENS)
    begun, ended = threading.Event(), threading.Event()

    def other(work: Work) -> None:
        assert work.outbox.may_be_filled()
        begun.set()
        assert ended.wait(30)

    def at_it() -> None:
        days.town.do(lambda connection: other(Work(connection)))

    thread = threading.Thread(target=at_it)
    thread.start()
    assert begun.wait(30)
    try:
        assert await days.product.plan() == 0
    finally:
        ended.set()
        thread.join()
    assert await days.product.plan() == 2
    assert await days.product.plan() == 0, "planned once"
