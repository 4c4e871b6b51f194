"""What is due, put into the outbox: dialogues opened when their round opens, the day's messages, summaries that had nowhere to go.

Promises: may be run any number of times, by any number of processes; what is planned has a unique key and is planned once.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from bot import access, reminding
from bot.clock import danish_day
from bot.gathering import House
from bot.outcome import plan_summary
from bot.signing import plan_to_sign
from dialogs import rounds
from dialogs.calendar import of_unit
from dialogs.freezing import freeze
from dialogs.rounds import Round
from dialogs.script import AnsweredBy, Model, Script
from store.records import AgreementInForce
from store.work import Work, digest_of


def plan(house: House, work: Work, now: datetime) -> int:
    """Plan everything that is due now; how many deliveries were planned."""
    today = danish_day(now)
    opened = sum(_open_round(work, one) for one in openings(house, work, today))
    told = reminding.plan(house, work, now, has_opened=opened > 0) + plan_to_sign(house, work, now)
    return told + _late_summaries(work, today, now)


@dataclass(frozen=True, slots=True)
class Answering:
    """An agreement, and whose dialogue about it: an owner's, or the unit's."""

    agreement: AgreementInForce
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A round that is open, with those whose dialogue in it is not open yet."""

    model: Model
    round: Round
    waiting: tuple[Answering, ...]


def openings(house: House, work: Work, today: date) -> list[Opening]:
    """The rounds that are open today and still have dialogues to be opened."""
    found = []
    for model, agreements in _by_dates(house, work, today):
        answering = _answering(work, model, agreements)
        for one in rounds.rounds_open(model, today, house.library.days_off):
            there = work.dialogues_in(one.id)
            waiting = tuple(one for one in answering if (one.agreement.id, one.owner_id) not in there)
            if waiting:
                found.append(Opening(model, one, waiting))
    return found


def _answering(work: Work, model: Model, agreements: list[AgreementInForce]) -> list[Answering]:
    """Who answers about the agreements: the unit of each, or each owner of an initiative in it."""
    if model.answered_by is AnsweredBy.LEADER:
        return [Answering(one) for one in agreements]
    owners = work.owners(one.id for one in agreements)
    return [Answering(one, owner) for one in agreements for owner in owners.get(one.id, ())]


def _by_dates(house: House, work: Work, today: date) -> list[tuple[Model, list[AgreementInForce]]]:
    """The agreements in force, together with those that have the same model on the same dates."""
    by_model: dict[str, list[AgreementInForce]] = defaultdict(list)
    for agreement in work.agreements_in_force(today, house.default_model):
        by_model[agreement.model].append(agreement)
    found = []
    for model, agreements in ((house.model(name), those) for name, those in by_model.items()):
        if model and model.calendar:
            found += _with_own_dates(model, agreements, work)
        elif model:
            found.append((model, agreements))
    return found


def _with_own_dates(
    model: Model, agreements: list[AgreementInForce], work: Work
) -> list[tuple[Model, list[AgreementInForce]]]:
    """The agreements of a model by the units whose dates they have."""
    above = work.codes_of(agreement.unit_id for agreement in agreements)
    by_codes: dict[tuple[str, ...], list[AgreementInForce]] = defaultdict(list)
    for agreement in agreements:
        by_codes[tuple(code for code in above[agreement.unit_id] if code in model.calendar)].append(agreement)
    return [(of_unit(model, codes), those) for codes, those in by_codes.items()]


def _open_round(work: Work, opening: Opening) -> int:
    """Open the dialogues of a round, their script frozen; how many."""
    one = opening.round
    digests = {
        evaluation: _keep_script(work, opening.model.script(one.script, evaluation))
        for evaluation in sorted({waiting.agreement.evaluation for waiting in opening.waiting})
    }
    opened = [
        work.open_dialogue(
            waiting.agreement, one.id, one.opens_on, one.due_on, digests[waiting.agreement.evaluation], waiting.owner_id
        )
        for waiting in opening.waiting
    ]
    return sum(dialogue is not None for dialogue in opened)


def _keep_script(work: Work, script: Script | None) -> str:
    """Freeze a script, which a model that was read has for every round, and keep it; what it is known by."""
    if script is None:
        raise LookupError("a round names a script that its model does not have")
    body = freeze(script)
    digest = digest_of(body)
    work.keep_script(digest, body)
    return digest


def _late_summaries(work: Work, today: date, now: datetime) -> int:
    """Summaries sent while nobody led above, now that somebody does."""
    planned = 0
    for dialogue_id in work.outbox.sent_without_summary():
        dialogue = work.dialogue(dialogue_id)
        nearest = access.nearest_leader(work.holders_for(dialogue, today)) if dialogue else None
        if dialogue and nearest and dialogue.sent_revision is not None:
            planned += plan_summary(work, dialogue, nearest, dialogue.sent_revision, now)
    return planned
