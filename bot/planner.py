"""What is due, put into the outbox: dialogues opened when their round opens, invitations, summaries that had nowhere to go.

Promises: may be run any number of times, by any number of processes; what is planned has a unique key and is planned once.
A message to a person is due on a working day between 08:00 and 16:00 in their zone.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import access
from bot.clock import danish_day
from bot.gathering import House
from bot.outcome import plan_summary
from dialogs import rounds
from dialogs.freezing import freeze
from dialogs.rounds import Round
from dialogs.script import Script
from store.records import AgreementInForce
from store.work import Work, digest_of


def plan(house: House, work: Work, now: datetime) -> int:
    """Plan everything that is due now; how many deliveries were planned."""
    today = danish_day(now)
    planned = sum(_open_round(work, one, now) for one in _opened(house, work, today))
    return planned + _late_summaries(work, today, now)


def _opened(house: House, work: Work, today: date) -> list[tuple[Round, Script, list[AgreementInForce]]]:
    """The rounds that are open today, with the agreements whose dialogue is not open yet."""
    by_model: dict[str, list[AgreementInForce]] = defaultdict(list)
    for agreement in work.agreements_in_force(today, house.default_model):
        by_model[agreement.model].append(agreement)
    found = []
    for model_id, agreements in by_model.items():
        model = house.model(model_id)
        for one in rounds.rounds_open(model, today) if model else ():
            open_already = work.has_dialogues(one.id, (agreement.id for agreement in agreements))
            waiting = [agreement for agreement in agreements if agreement.id not in open_already]
            if model and waiting:
                found.append((one, model.scripts[one.script], waiting))
    return found


def _open_round(
    work: Work, opened: tuple[Round, Script, list[AgreementInForce]], now: datetime
) -> int:  # fmt: skip
    """Open the dialogues of a round, their script frozen, and plan one invitation a person."""
    one, script, agreements = opened
    body = freeze(script)
    digest = digest_of(body)
    work.keep_script(digest, body)
    today = danish_day(now)
    invited: set[int] = set()
    for agreement in agreements:
        if work.open_dialogue(agreement, one.id, one.opens_on, one.due_on, digest) is not None:
            invited |= set(access.invited(work.holders(agreement.unit_id, today)))
    return sum(_invite(work, one, person_id, now) for person_id in sorted(invited))


def _invite(work: Work, one: Round, person_id: int, now: datetime) -> bool:
    person = work.person_by_id(person_id)
    due_at = rounds.within_working_hours(now, ZoneInfo(person.timezone))
    return work.outbox.plan(f"invitation:{one.id}:{person_id}", "invitation", due_at=due_at, person_id=person_id)


def _late_summaries(work: Work, today: date, now: datetime) -> int:
    """Summaries sent while nobody led above, now that somebody does."""
    planned = 0
    for dialogue_id in work.outbox.sent_without_summary():
        dialogue = work.dialogue(dialogue_id)
        nearest = access.nearest_leader(work.holders(dialogue.unit_id, today)) if dialogue else None
        if dialogue and nearest and dialogue.sent_revision is not None:
            planned += plan_summary(work, dialogue, nearest, dialogue.sent_revision, now)
    return planned
