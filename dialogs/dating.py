"""The days of a model's year -> milestones, the agreements' periods, reminders, units' own dates, and the municipality's days off.

Promises: as `reading`: a whole record always, each fault noted at its own line. Knows nothing of which units there are: an unknown
code is told where the units are known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from dialogs import faults
from dialogs.faults import Findings, Place
from dialogs.nodes import Map, Node, Scalar
from dialogs.reading import (
    a_map,
    check_id,
    check_keys,
    check_opening,
    day_written,
    items,
    text,
    unique,
    wording,
    year_day,
)
from dialogs.script import DaysOff, Milestone, Model, OwnDates, Reminders, RoundRule, SchoolHoliday, Terms, YearDay

MILESTONE_KEYS = ("id", "label", "on", "to", "source")
PERIOD_KEYS = ("kind", "first", "parts", "renewal")
CALENDAR_KEYS = ("days_off", "school_holidays")
HOLIDAY_KEYS = ("label", "from", "to")
OWN_KEYS = ("rounds", "milestones")
REMINDER_KEYS = ("before", "after", "digest")
PERIOD_KINDS = ("election", "year")
OFF = "off"

_ELECTION_PERIOD = 48  # months
_YEAR = 12
_SOME_NEW_YEAR = date(2000, 1, 1)
_LONGEST_HOLIDAY = 60  # days: deadlines roll back over it
_LONGEST_LABEL = 120
_LONGEST_REMINDER = 90  # days before or after a deadline


def with_calendar(model: Model, tree: Map, findings: Findings) -> Model:
    """The model with what its tree says of the year."""
    milestones = _milestones(tree, model, findings)
    terms, reminders = _terms(tree, model, findings), _reminders(tree, findings)
    dated = replace(model, milestones=milestones, terms=terms, reminders=reminders)
    calendar = a_map(tree, "calendar", findings)
    return replace(dated, calendar={code: _own_dates(calendar, code, dated, findings) for code in calendar.nodes})


def _milestones(tree: Map, model: Model, findings: Findings) -> tuple[Milestone, ...]:
    nodes = _maps(tree, "milestones", findings)
    unique(nodes, faults.MILESTONE, findings)
    return tuple(_milestone(node, model, findings) for node in nodes)


def _milestone(node: Map, model: Model, findings: Findings) -> Milestone:
    check_keys(node, MILESTONE_KEYS, ("id", "label", "on"), findings)
    source = text(node, "source", findings) or None
    if source and not model.source(source):
        findings.unknown(node.where("source"), faults.SOURCE, source, [one.id for one in model.sources])
    name = text(node, "id", findings)
    if name:
        check_id(name, node.where("id"), findings)
    on, to = _span(node, findings)
    label = wording(node, "label", findings, most=_LONGEST_LABEL)
    return Milestone(name, label, on or YearDay(1, 1), to, source)


def _span(node: Map, findings: Findings) -> tuple[YearDay | None, YearDay | None]:
    """The days from `on` to `to`."""
    on, to = year_day(node, "on", findings), year_day(node, "to", findings)
    if on and to and to < on:
        findings.note(node.where("to"), faults.BACKWARDS, name=node.text("to"))
    return on, to


# --- how long agreements run --------------------------------------------------------------------------------------------------


def _terms(tree: Map, model: Model, findings: Findings) -> Terms | None:
    if "periods" not in tree.nodes:
        return None
    node = a_map(tree, "periods", findings)
    kind = text(node, "kind", findings)
    needed = ("kind", "first", "parts") if kind == "election" else ("kind",)
    check_keys(node, PERIOD_KEYS, needed, findings)
    if kind and kind not in PERIOD_KINDS:
        findings.unknown(node.where("kind"), faults.TERMS, kind, PERIOD_KINDS)
    renewal = text(node, "renewal", findings) or None
    _check_rounds([(renewal, node.where("renewal"))] if renewal else [], model, findings)
    if kind != "election":
        for key in ("first", "parts"):
            if key in node.nodes:
                findings.note(node.where(key), faults.ONLY_FOR, name=key, kind="election")
        return Terms(_SOME_NEW_YEAR, (_YEAR,), renewal)
    first = _date(node, "first", findings) or _SOME_NEW_YEAR
    if first.day > 1:
        findings.note(node.where("first"), faults.MONTH_BEGINS, name=node.text("first"))
    return Terms(first, _months(node, findings), renewal)


def _months(node: Map, findings: Findings) -> tuple[int, ...]:
    """The lengths in `parts`, written in years: [1.5, 2.5]."""
    written = [item.text if isinstance(item, Scalar) else "" for item in items(node, "parts", findings)]
    months = tuple(_half_years(one) for one in written)
    if written and (0 in months or sum(months) != _ELECTION_PERIOD):
        findings.note(node.where("parts"), faults.PARTS, name=", ".join(written))
        return (_ELECTION_PERIOD,)
    return months or (_ELECTION_PERIOD,)


def _half_years(written: str) -> int:
    """Years as months; 0 when they are not whole or half years."""
    found = re.fullmatch(r"([0-4])(?:[.,]([05]))?", written)
    return int(found[1]) * _YEAR + (_YEAR // 2 if found[2] == "5" else 0) if found else 0


# --- reminders --------------------------------------------------------------------------------------------------------------------


def _reminders(tree: Map, findings: Findings) -> Reminders:
    """When whoever has not answered is reminded; as usual where nothing is said."""
    node = a_map(tree, "reminders", findings)
    check_keys(node, REMINDER_KEYS, (), findings)
    usual = Reminders()
    return Reminders(
        _days_before(node, findings) if "before" in node.nodes else usual.before,
        _days_after(node, "after", usual.after, findings),
        _days_after(node, "digest", usual.digest, findings),
    )


def _days_before(node: Map, findings: Findings) -> tuple[int, ...]:
    """The days in `before`, the longest first; none where `off` stands there."""
    if node.text("before") == OFF:
        return ()
    written = [item.text if isinstance(item, Scalar) else "" for item in items(node, "before", findings)]
    days = [_days(one) for one in written]
    if 0 in days or len(set(days)) < len(days):
        findings.note(node.where("before"), faults.DAYS_BEFORE, name=", ".join(written), most=str(_LONGEST_REMINDER))
    return tuple(sorted(set(days) - {0}, reverse=True))


def _days_after(node: Map, key: str, usual: int | None, findings: Findings) -> int | None:
    """The number of days at a key; None where `off` stands there."""
    if key not in node.nodes:
        return usual
    written = node.text(key)
    if written != OFF and not _days(written):
        findings.note(node.where(key), faults.DAYS_AFTER, name=key, most=str(_LONGEST_REMINDER))
    return _days(written) or None


def _days(written: str) -> int:
    """A number of days; 0 when it is none, or too many."""
    days = int(written) if re.fullmatch(r"[0-9]{1,3}", written) else 0
    return days if days <= _LONGEST_REMINDER else 0


# --- units' own dates ---------------------------------------------------------------------------------------------------------


def _own_dates(calendar: Map, code: str, model: Model, findings: Findings) -> OwnDates:
    node = a_map(calendar, code, findings)
    check_keys(node, OWN_KEYS, (), findings)
    if not node.nodes and isinstance(calendar.get(code), Map):
        findings.note(calendar.where(code), faults.EMPTY_LIST, name=code)
    rules = {rule.id: rule for rule in model.rounds}
    rounds, milestones = a_map(node, "rounds", findings), a_map(node, "milestones", findings)
    _check_rounds([(name, rounds.where(name)) for name in rounds.nodes], model, findings)
    known = [one.id for one in model.milestones]
    for name in milestones.nodes:
        if name not in known:
            findings.unknown(milestones.where(name), faults.MILESTONE, name, known)
    return OwnDates(
        {name: _own_round(rounds, name, rules[name], findings) for name in rounds.nodes if name in rules},
        {name: _own_milestone(milestones, name, findings) for name in milestones.nodes},
    )


def _check_rounds(named: Collection[tuple[str, Place]], model: Model, findings: Findings) -> None:
    known = [rule.id for rule in model.rounds]
    for name, place in named:
        if name not in known:
            findings.unknown(place, faults.ROUND, name, known)


def _own_round(
    rounds: Map, name: str, rule: RoundRule, findings: Findings
) -> tuple[YearDay | None, YearDay | None] | None:
    """When a unit's round opens and is due; None when it does not have the round."""
    node = _days_or_off(rounds, name, findings)
    if node is None:
        return None
    check_keys(node, ("opens", "deadline"), (), findings)
    opens, due = year_day(node, "opens", findings), year_day(node, "deadline", findings)
    if first := opens or rule.opens:
        place = node.where("opens" if opens else "deadline")
        check_opening(first, due or YearDay(rule.month, rule.day), place, findings)
    return opens, due


def _own_milestone(milestones: Map, name: str, findings: Findings) -> tuple[YearDay, YearDay | None] | None:
    node = _days_or_off(milestones, name, findings)
    if node is None:
        return None
    check_keys(node, ("on", "to"), ("on",), findings)
    on, to = _span(node, findings)
    return on or YearDay(1, 1), to


def _days_or_off(node: Map, name: str, findings: Findings) -> Map | None:
    """The days at a name; None when `off` stands there."""
    match node.get(name):
        case Map() as found if found.nodes:
            return found
        case Scalar(text=written) if written == OFF:
            return None
        case _:
            findings.note(node.where(name), faults.SHAPE, name=name, wanted=faults.OFF_OR_DAYS)
            return None


# --- the municipality's days off ------------------------------------------------------------------------------------------------


def read_days_off(tree: Map | None, findings: Findings) -> DaysOff:
    """What calendar.yaml says; no days off where there is none."""
    if tree is None:
        return DaysOff()
    check_keys(tree, CALENDAR_KEYS, (), findings)
    days = tuple(day for item in items(tree, "days_off", findings) if (day := _day_off(item, findings)))
    holidays = tuple(_holiday(node, findings) for node in _maps(tree, "school_holidays", findings))
    return DaysOff(days, tuple(one for one in holidays if one))


def _day_off(item: Node, findings: Findings) -> YearDay | None:
    written = item.text if isinstance(item, Scalar) else ""
    found = day_written(written)
    if found is None:
        findings.note(item.place, faults.DAY, name=written)
    return found


def _holiday(node: Map, findings: Findings) -> SchoolHoliday | None:
    check_keys(node, HOLIDAY_KEYS, HOLIDAY_KEYS, findings)
    label = wording(node, "label", findings, most=_LONGEST_LABEL)
    first, last = _date(node, "from", findings), _date(node, "to", findings)
    if first is None or last is None:
        return None
    if last < first:
        findings.note(node.where("to"), faults.BACKWARDS, name=node.text("to"))
    if (last - first).days >= _LONGEST_HOLIDAY:
        findings.note(node.where("to"), faults.TOO_LONG_OFF, most=str(_LONGEST_HOLIDAY))
    return SchoolHoliday(label, first, last)


# --- the small shapes -----------------------------------------------------------------------------------------------------------


def _maps(node: Map, key: str, findings: Findings) -> tuple[Map, ...]:
    """The maps in the list at a key; what is not a map is noted."""
    for item in items(node, key, findings):
        if not isinstance(item, Map):
            findings.note(item.place, faults.SHAPE, name=key, wanted=faults.A_MAP)
    return node.maps(key)


def _date(node: Map, key: str, findings: Findings) -> date | None:
    """The date at a key, written 2027-02-15; None when it is absent or none."""
    if key not in node.nodes:
        return None
    written = node.text(key)
    try:
        if re.fullmatch(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    findings.note(node.where(key), faults.DATE, name=written)
    return None


def unknown_codes(models: Mapping[str, Model], codes: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The codes that models have own dates for and no unit bears, each with its model."""
    return tuple((model.id, code) for model in models.values() for code in model.calendar if code not in codes)
