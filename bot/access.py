"""Who may do what, from the posts of one unit and those above it on one day. Pure; asked anew on every press.

Promises: only those who hold a post that day, or stand in for a leader who is away, may answer for a unit; the nearest leader is
the leader of the closest unit above that has one who does not also lead the unit itself. An agreement is signed by the leaders
themselves, and by those who act for them only while they are away; nobody signs for both parties.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from store.records import Holder

ANSWERING = frozenset({"leader", "deputy"})


def may_answer(person_id: int, holders: Sequence[Holder]) -> bool:
    """Whether the person may answer for the unit: its leader, its deputy, or the stand-in of a leader who is away."""
    own = [holder for holder in holders if holder.depth == 0]
    if any(holder.person_id == person_id and holder.role in ANSWERING for holder in own):
        return True
    return any(holder.role == "leader" and holder.away and holder.stand_in_id == person_id for holder in own)


def leader_of(holders: Sequence[Holder]) -> Holder | None:
    """The unit's own leader; None while the post is vacant."""
    return next((holder for holder in holders if holder.depth == 0 and holder.role == "leader"), None)


def invited(holders: Sequence[Holder]) -> tuple[int, ...]:
    """Who is invited to answer: the leader, or the stand-in while the leader is away; the deputies while the post is vacant."""
    leaders = [holder for holder in holders if holder.depth == 0 and holder.role == "leader"]
    present = [
        holder.stand_in_id if holder.away and holder.stand_in_id is not None else holder.person_id for holder in leaders
    ]
    deputies = (holder.person_id for holder in holders if holder.depth == 0 and holder.role == "deputy")
    return tuple(dict.fromkeys(present or deputies))


def nearest_leader(holders: Sequence[Holder]) -> Holder | None:
    """The leader of the closest unit above that has one; somebody who leads both levels is passed over."""
    own = {holder.person_id for holder in holders if holder.depth == 0 and holder.role == "leader"}
    above = (holder for holder in holders if holder.depth > 0 and holder.role == "leader")
    return next((holder for holder in above if holder.person_id not in own), None)


def may_reply(person_id: int, holders: Sequence[Holder]) -> bool:
    """Whether the person may reply to the unit's summary: its nearest leader, who deputises or stands in there, or a leader above.

    Never who answers for the unit, but for a nearest leader who is also its deputy.
    """
    nearest = nearest_leader(holders)
    if nearest is None:
        return False
    if person_id != nearest.person_id and may_answer(person_id, holders):
        return False  # nobody replies to what they answer for themselves, whomever they stand in for up there
    if nearest.away and nearest.stand_in_id == person_id:
        return True
    deputies = {holder.person_id for holder in holders if holder.unit_id == nearest.unit_id and holder.role == "deputy"}
    above = {holder.person_id for holder in holders if holder.depth >= nearest.depth and holder.role == "leader"}
    return person_id in deputies | above


def reach(person_id: int, holders: Sequence[Holder]) -> int | None:
    """How many levels above a unit somebody sees it from at most; None when they do not reach it at all.

    Leaders, deputies, consultants and the executive board reach what is below their units; so does who stands in for a leader.
    """
    return max(
        (
            holder.depth
            for holder in holders
            if holder.person_id == person_id
            or (holder.role == "leader" and holder.away and holder.stand_in_id == person_id)
        ),
        default=None,
    )


# --- agreements -------------------------------------------------------------------------------------------------------------------


def signs_for_unit(holders: Sequence[Holder]) -> tuple[int, ...]:
    """Who may sign for the unit: its leaders; while every one of them is away, or there is none, also who acts for them.

    Whoever may sign for the level above does not act for the unit too.
    """
    leaders = [holder for holder in holders if holder.depth == 0 and holder.role == "leader"]
    return _signing(leaders, holders, 0, barred=frozenset(signs_above(holders)))


def signs_above(holders: Sequence[Holder]) -> tuple[int, ...]:
    """Who may sign as the nearest leader: they themselves; while they are away, also who acts for them. Never the unit's own leader."""
    nearest = nearest_leader(holders)
    if nearest is None:
        return ()
    own = frozenset(holder.person_id for holder in holders if holder.depth == 0 and holder.role == "leader")
    leaders = [holder for holder in holders if holder.depth == nearest.depth and holder.role == "leader"]
    return _signing(leaders, holders, nearest.depth, barred=own)


def _signing(
    leaders: Sequence[Holder], holders: Sequence[Holder], depth: int, barred: frozenset[int]
) -> tuple[int, ...]:
    signing = [holder.person_id for holder in leaders]
    if all(holder.away for holder in leaders):
        acting = [holder.stand_in_id for holder in leaders if holder.stand_in_id is not None]
        acting += [holder.person_id for holder in holders if holder.depth == depth and holder.role == "deputy"]
        signing += [one for one in acting if one not in barred]
    return tuple(dict.fromkeys(signing))


def may_see_agreement(person_id: int, holders: Sequence[Holder], signers: Collection[int]) -> bool:
    """Whether the person may read the agreement: whoever may sign it, and whoever reaches the unit, as in reports and overviews."""
    return person_id in signers or reach(person_id, holders) is not None
