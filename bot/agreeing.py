"""Agreeing: agreements shown to those they concern, signed by both parties, and the other party told.

Promises: what is signed is what was shown: a press made from an older version, or before something in it was changed, signs
nothing and shows the agreement anew. Each party signs a version once, nobody signs for both, and every press is authorised anew.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from bot import access
from bot.gathering import House
from bot.turn import Turn
from cards import agreement as cards
from cards.agreement import Signing
from cards.card import Card, Note, Press
from dialogs.rounds import within_working_hours
from dialogs.script import AnsweredBy, Model, Wording
from store.agreements import PARTIES, Agreement, OwnedInitiative, Party, SignatureRow
from store.goals import GoalRow
from store.records import Holder
from store.work import Work

ACTS = frozenset({"agreements", "agreement", "sign", "sign_now"})
PAGE = 10
"""Agreements listed on one card; a leader has few, a consultant all."""


@dataclass(frozen=True, slots=True)
class Side:
    """One party today: who it is by name, who may sign for it, and whom it concerns while they are away."""

    principal_id: int | None
    name: str
    away: bool
    signs: tuple[int, ...]

    @property
    def told(self) -> int | None:
        """Who is told: the leader, or the first who acts for one who is away."""
        acting = [one for one in self.signs if one != self.principal_id]
        return acting[0] if acting and (self.away or self.principal_id is None) else self.principal_id


@dataclass(frozen=True, slots=True)
class Seen:
    """An agreement with everything that is shown of it, and who may do what with it today."""

    agreement: Agreement
    holders: tuple[Holder, ...]
    sides: dict[Party, Side]
    goals: tuple[GoalRow, ...]
    initiatives: tuple[OwnedInitiative, ...]
    signatures: tuple[SignatureRow, ...]  # of the present version

    @property
    def signers(self) -> frozenset[int]:
        """Everybody who may sign for either party."""
        return frozenset(one for side in self.sides.values() for one in side.signs)

    @property
    def digest(self) -> str:
        """What stands in it, in few characters: two that differ were not the same agreement."""
        stands = (self.agreement.version, self.agreement.from_day, self.agreement.to_day, self.goals, self.initiatives)
        return hashlib.sha256(repr(stands).encode()).hexdigest()[:16]


# --- from the chat ----------------------------------------------------------------------------------------------------------------


def mine(turn: Turn, begin: int = 0) -> Card:
    """The agreements a person may see: the one there is, or several to choose among."""
    found = turn.work.agreements.in_reach(turn.person.id, turn.today)
    match found:
        case ():
            return turn.refusal("no-agreement", "agreements", turn.say("refusal.no_agreement"))
        case (only,):
            return _show(turn, only.id)
    page = found[begin : begin + PAGE] or found[:PAGE]
    following = begin + PAGE if len(found) > begin + PAGE else None
    return cards.several(turn.house.texts(turn.person.language), _choices(turn, page), len(found), following)


def listed(turn: Turn, agreements: Sequence[Agreement], line: str) -> Card:
    """Some agreements with a way into each, under a line that says why; the rest are behind the last button."""
    texts = turn.house.texts(turn.person.language)
    following = 0 if len(agreements) > PAGE else None
    return cards.several(texts, _choices(turn, agreements[:PAGE]), len(agreements), following, line)


def _choices(turn: Turn, page: Sequence[Agreement]) -> list[cards.Choice]:
    signed = turn.work.agreements.times_signed(page)
    return [_choice(turn.house, one, signed.get(one.id, 0)) for one in page]


def _choice(house: House, one: Agreement, signed: int) -> cards.Choice:
    state: cards.State = "unsigned" if not signed else "signed" if signed == len(PARTIES) else "half"
    return cards.Choice(one.id, _word(house, one), one.unit_name, one.from_day, one.to_day, state)


def pressed(turn: Turn, press: Press) -> Card:
    """List, show, ask whether to sign, or sign."""
    number = press.number or 0
    match press.act:
        case "agreements":
            return mine(turn, number)
        case "sign" | "sign_now":
            return _sign(turn, press, number)
        case _:
            return _show(turn, number)


def again(turn: Turn, press: Press) -> Card:
    """What a person sees when their press was handled before: the same, as it stands now."""
    return pressed(turn, press if press.act == "agreements" else Press("agreement", value=press.value))


def _show(turn: Turn, agreement_id: int) -> Card:
    seen = _found(turn, agreement_id)
    return seen if isinstance(seen, Card) else cards.shown(view(turn, seen))


def _found(turn: Turn, agreement_id: int, *, lock: bool = False) -> Seen | Card:
    agreement = turn.work.agreements.agreement(agreement_id, lock=lock)
    if agreement is None:
        return turn.refusal("no-agreement", f"agreement {agreement_id}", turn.say("refusal.agreement_gone"))
    seen = see(turn.work, agreement, turn.today)
    if not _may_see(turn, seen):
        return turn.refusal("not-theirs-to-see", f"agreement {agreement_id}", turn.say("refusal.no_agreement"))
    return seen


def _may_see(turn: Turn, seen: Seen) -> bool:
    return access.may_see_agreement(turn.person.id, seen.holders, seen.signers)


def see(work: Work, agreement: Agreement, day: date) -> Seen:
    """An agreement as it stands on a day."""
    holders = work.holders(agreement.unit_id, day)
    return Seen(
        agreement,
        holders,
        {"unit": _unit_side(holders), "counterpart": _counter_side(work, agreement, holders, day)},
        work.goals.of_agreement(agreement.id),
        work.agreements.initiatives(agreement.id),
        tuple(one for one in work.agreements.signatures(agreement.id) if one.version == agreement.version),
    )


def _unit_side(holders: Sequence[Holder]) -> Side:
    leader = access.leader_of(holders)
    return _side(leader, access.signs_for_unit(holders))


def _counter_side(work: Work, agreement: Agreement, holders: Sequence[Holder], day: date) -> Side:
    named = agreement.counterpart_id
    if named is None:
        return _side(access.nearest_leader(holders), access.signs_above(holders))
    stand_in = work.agreements.stand_in_of(named, day)
    leaders = {one.person_id for one in holders if one.depth == 0 and one.role == "leader"}
    acting = (stand_in,) if stand_in is not None and stand_in not in leaders else ()
    return Side(named, work.person_by_id(named).name, bool(acting), (named, *acting))


def _side(leader: Holder | None, signs: tuple[int, ...]) -> Side:
    if leader is None:
        return Side(None, "", away=True, signs=signs)
    return Side(leader.person_id, leader.name, leader.away, signs)


# --- signing ----------------------------------------------------------------------------------------------------------------------


def _sign(turn: Turn, press: Press, agreement_id: int) -> Card:
    """Ask whether to sign, then sign: only what was shown, only for one's own party, and once."""
    seen = _found(turn, agreement_id, lock=True)
    if isinstance(seen, Card):
        return seen
    if (press.revision, press.step) != (seen.agreement.version, seen.digest):
        return cards.shown(view(turn, seen), Note(turn.say("agreement.changed_since"), "warning"))
    signing = _signing(turn, seen) if needs_signing(turn.house, seen.agreement) else None
    if signing is None:
        return _cannot_sign(turn, seen)
    if press.act == "sign":
        return cards.to_sign(view(turn, seen), signing)
    signature = turn.work.agreements.sign(seen.agreement, signing.party, turn.person.id, turn.now)
    if signature is not None:
        what = f"agreement {seen.agreement.id} version {seen.agreement.version}"
        turn.work.note("signed", what, turn.now, person_id=turn.person.id, reason=signing.party)
        _tell(turn, seen, signing.party, signature)
    seen = see(turn.work, seen.agreement, turn.today)
    shown = view(turn, seen)
    return cards.shown(shown, cards.signed_note(shown, signing.party))


def _signing(turn: Turn, seen: Seen) -> Signing | None:
    """For which party the person may sign now; None when it is signed, when it has ended, or when it is not theirs to sign."""
    person = turn.person.id
    if seen.agreement.to_day < turn.today or any(one.person_id == person for one in seen.signatures):
        return None
    signed = {one.party for one in seen.signatures}
    for party in sorted(PARTIES, key=lambda one: seen.sides[one].principal_id != person):  # one's own before another's
        if party not in signed and person in seen.sides[party].signs:
            return Signing(party, _instead_of(person, seen, party))
    return None


def _instead_of(person_id: int, seen: Seen, party: Party) -> str | None:
    """The leader one signs for; None for one who leads there."""
    side = seen.sides[party]
    leads = {
        one.person_id for one in seen.holders if one.role == "leader" and (party == "counterpart") == (one.depth > 0)
    }
    return None if person_id == side.principal_id or person_id in leads else side.name


def _cannot_sign(turn: Turn, seen: Seen) -> Card:
    shown = view(turn, seen)
    if any(one.person_id == turn.person.id for one in seen.signatures):
        return cards.shown(shown, Note(turn.say("agreement.already"), "info"))
    if turn.person.id in seen.signers and seen.agreement.to_day >= turn.today:
        return cards.shown(shown, Note(turn.say("agreement.already_party"), "info"))
    names = [side.name for side in seen.sides.values() if side.name]
    line = turn.say("refusal.not_yours_to_sign" if names else "refusal.nobody_signs", title=shown.title, names=names)
    return turn.refusal("not-theirs-to-sign", f"agreement {seen.agreement.id}", line)


def _tell(turn: Turn, seen: Seen, party: Party, signature: int) -> None:
    """Plan to tell the other party, and whoever signed for it, that somebody signed; not at night."""
    others = [seen.sides[one].told for one in PARTIES if one != party]
    others += [one.person_id for one in seen.signatures if one.party != party]
    for person_id in dict.fromkeys(others):
        if person_id is not None and person_id != turn.person.id:
            zone = ZoneInfo(turn.work.person_by_id(person_id).timezone)
            due_at = within_working_hours(turn.now, zone, turn.house.library.days_off)
            key = f"signature:{signature}:{person_id}"
            turn.work.outbox.plan(key, "signature", due_at=due_at, person_id=person_id, content=signature)


def told(turn: Turn, signature_id: int) -> Card | None:
    """What somebody is told of a signature; None when it is no longer of the present version, or not theirs to see."""
    signature = turn.work.agreements.signature(signature_id)
    agreement = turn.work.agreements.agreement(signature.agreement_id) if signature else None
    if signature is None or agreement is None or signature.version != agreement.version:
        return None
    seen = see(turn.work, agreement, turn.today)
    return cards.news(view(turn, seen), signature.name) if _may_see(turn, seen) else None


# --- as the cards have it -----------------------------------------------------------------------------------------------------------


def view(turn: Turn, seen: Seen) -> cards.Agreement:
    """The agreement as it is shown to the person."""
    agreement = seen.agreement
    model = turn.house.model(agreement.model or turn.house.default_model)
    language = turn.person.language
    is_signed = needs_signing(turn.house, agreement)
    return cards.Agreement(
        texts=turn.house.texts(language),
        id=agreement.id,
        version=agreement.version,
        digest=seen.digest,
        word=_word(turn.house, agreement),
        unit=agreement.unit_name,
        first=agreement.from_day,
        last=agreement.to_day,
        leader=seen.sides["unit"].name,
        counterpart=seen.sides["counterpart"].name,
        goals=tuple(_goals(seen, model, language)),
        signatures=tuple(cards.Signature(one.party, one.name, one.at) for one in seen.signatures),
        changes=tuple(
            cards.Change(one.version, one.what, one.at) for one in turn.work.agreements.amendments(agreement.id)
        ),
        signing=_signing(turn, seen) if is_signed else None,
        is_signed=is_signed,
    )


def needs_signing(house: House, agreement: Agreement) -> bool:
    """Whether two parties sign it: a plan whose owners answer has no unit on the other side."""
    model = house.model(agreement.model or house.default_model)
    return model is None or model.answered_by is AnsweredBy.LEADER


def _word(house: House, agreement: Agreement) -> Wording:
    model = house.model(agreement.model or house.default_model)
    return model.words.get("agreement", model.title) if model else Wording("aftale", "agreement")


def _goals(seen: Seen, model: Model | None, language: str) -> Iterable[cards.Goal]:
    """The goals, grouped by source in the model's order, each with its initiatives."""
    under: defaultdict[int, list[cards.Initiative]] = defaultdict(list)
    for one in seen.initiatives:
        under[one.goal_id].append(cards.Initiative(one.title, one.owner, one.due_on))
    order = {source.id: number for number, source in enumerate(model.sources)} if model else {}
    labels = {source.id: source.label.in_(language) for source in model.sources} if model else {}
    for goal in sorted(seen.goals, key=lambda one: (order.get(one.source, len(order)), one.source)):
        yield cards.Goal(
            title=goal.title,
            source=labels.get(goal.source, goal.source),
            objective=goal.objective,
            policy=goal.policy,
            measure=goal.measure,
            baseline=goal.baseline,
            target=goal.target,
            due=goal.due_on,
            evidence=goal.evidence,
            initiatives=tuple(under[goal.id]),
        )
