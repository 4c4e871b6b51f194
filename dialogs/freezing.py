"""A script as text and back: what is kept with a dialogue when it opens, so that later edits never derail it.

Promises: `thaw(freeze(script)) == script`; the same script always gives the same text, also after a version that knows more keys,
as what stands at its standard value is left out. A body written by a newer version is read as far as we know it: unknown keys are
ignored, an unknown role is none, an unknown kind of field is asked for as text. A body that is no script raises ValueError.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

from dialogs.script import Attainment, Choice, Condition, Field, Kind, Mark, Role, Script, Section, Step, Wording

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Record = TypeVar("_Record")


def freeze(script: Script) -> str:
    """The script as canonical JSON: sorted keys, no spaces, nothing that stands at its standard value."""
    return json.dumps(_plain(script), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def thaw(body: str) -> Script:
    """The script that was frozen."""
    try:
        return _script(json.loads(body))
    except (KeyError, TypeError, AttributeError, RecursionError, InvalidOperation) as error:
        raise ValueError("this is not a frozen script") from error


def _plain(value: object) -> object:
    """What JSON can say of a record: maps, lists, texts."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(given) for name, given in _told(value)}
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _told(record: DataclassInstance) -> list[tuple[str, object]]:
    """The names and values of a record that do not stand at their standard value."""
    given = [(one, getattr(record, one.name)) for one in fields(record)]
    return [(one.name, value) for one, value in given if one.default is MISSING or value != one.default]


def _known(record: type[_Record], body: Mapping[str, Any], **read: Any) -> _Record:  # noqa: ANN401 - JSON has no better type
    """A record of what we know in `body`, with what has been `read` from it already; the rest at its standard value."""
    names = {one.name for one in fields(record)}  # type: ignore[arg-type]  # only dataclasses are given
    return record(**{name: value for name, value in body.items() if name in names} | read)


def _script(body: Mapping[str, Any]) -> Script:
    return _known(
        Script, body, title=_wording(body["title"]), sections=tuple(_section(item) for item in body["sections"])
    )


def _section(body: Mapping[str, Any]) -> Section:
    return _known(
        Section,
        body,
        steps=tuple(_step(item) for item in body["steps"]),
        title=_maybe(body.get("title")),
        only=frozenset(body.get("only", ())),
    )


def _step(body: Mapping[str, Any]) -> Step:
    return _known(
        Step,
        body,
        fields=tuple(_field(item) for item in body["fields"]),
        title=_maybe(body.get("title")),
        when=_condition(body.get("when", {})),
        skip=_maybe(body.get("skip")),
    )


def _field(body: Mapping[str, Any]) -> Field:
    kind, role = body["kind"], body.get("role")
    return _known(
        Field,
        body,
        kind=Kind(kind) if kind in set(Kind) else Kind.TEXT,
        ask=_wording(body["ask"]),
        hint=_maybe(body.get("hint")),
        choices=tuple(_choice(item) for item in body.get("choices", ())),
        role=Role(role) if role in set(Role) else None,
        least=_number(body.get("least")),
        most=_number(body.get("most")),
        scale=tuple(Mark(Decimal(item["least"]), _attainment(item["counts_as"])) for item in body.get("scale", ())),
    )


def _choice(body: Mapping[str, Any]) -> Choice:
    counts_as = _attainment(body["counts_as"]) if "counts_as" in body else None
    return _known(Choice, body, label=_wording(body["label"]), counts_as=counts_as)


def _attainment(body: str) -> Attainment:
    """What an answer counts as; what we do not know cannot be judged."""
    return Attainment(body) if body in set(Attainment) else Attainment.UNKNOWN


def _number(body: str | None) -> Decimal | None:
    return None if body is None else Decimal(body)


def _condition(body: Mapping[str, Any]) -> Condition:
    return Condition(tuple((name, frozenset(choices)) for name, choices in body.get("all_of", ())))


def _wording(body: Mapping[str, Any]) -> Wording:
    return _known(Wording, body)


def _maybe(body: Mapping[str, Any] | None) -> Wording | None:
    return None if body is None else _wording(body)
