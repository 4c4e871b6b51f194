"""From the store to a scene: everything that a card about one dialogue needs, read in one transaction.

Promises: nothing is cached but frozen scripts, which never change. Colleagues are read only for a card that asks for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import get_args

from bot import access
from bot.subjects import answered, subjects
from cards.card import Option
from cards.replying import Kind as ResponseKind
from cards.replying import Response
from cards.scene import Scene
from cards.wording import Texts, texts
from dialogs.answers import as_people
from dialogs.engine import Answers, Place, Stop, Subject
from dialogs.freezing import thaw
from dialogs.library import Library
from dialogs.script import Kind, Model, Script, Wording
from store.records import AnswerRow, Dialogue, Holder, Person
from store.work import Work

_KIND: Mapping[str, ResponseKind] = {kind: kind for kind in get_args(ResponseKind)}

MOST_REMEMBERED = 2000  # dialogues whose last round is kept at hand; a few kilobytes each

_thawed: dict[str, Script] = {}
"""Scripts by their digest: what is frozen under one never changes."""


def frozen_script(work: Work, digest: str) -> Script:
    """The script a dialogue was opened with, read and thawed once."""
    script = _thawed.get(digest)
    if script is None:
        script = _thawed[digest] = thaw(work.script_body(digest))
    return script


@dataclass(frozen=True, slots=True)
class House:
    """What is the same for every turn: the models, the municipality's name and its own words."""

    library: Library
    municipality: str
    own_folder: Path | None = None
    language: str = "da"  # what is posted in channels is in
    default_model: str = "dialogaftale"  # where no unit above says otherwise
    sent: dict[tuple[int, int], Answers] = field(default_factory=dict, compare=False, repr=False)
    """Answers as they were sent, by dialogue and revision: that never changes, so it is read once."""

    def texts(self, language: str) -> Texts:
        """The sentences of a language, with the municipality's own."""
        return texts(language, self.own_folder)

    def model(self, model_id: str) -> Model | None:
        """The model with that id, if the municipality still has it."""
        return self.library.models.get(model_id)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A scene, with the rows behind it."""

    scene: Scene
    dialogue: Dialogue
    holders: tuple[Holder, ...]

    @property
    def nearest(self) -> Holder | None:
        """The nearest leader on the day."""
        return access.nearest_leader(self.holders)


def gather(house: House, work: Work, dialogue: Dialogue, person: Person, today: date) -> Gathered:
    """The dialogue as the person sees it today: the answers that stand now, sent or not."""
    holders = work.holders_for(dialogue, today)
    return gather_for(house, work, dialogue, holders, person, today)


def gather_for(
    house: House, work: Work, dialogue: Dialogue, holders: tuple[Holder, ...], person: Person, today: date
) -> Gathered:
    """As `gather`, with the unit's posts already read."""
    answers = _by_place(work.answers(dialogue.id))
    scene = _scene(house, work, dialogue, holders, today, house.texts(person.language), person.name, answers)
    return Gathered(scene, dialogue, holders)


def gather_post(house: House, work: Work, gathered: Gathered, sender: str, now: datetime) -> Scene:
    """The scene of the post as it would be sent now: the answers that stand, in the channel's language."""
    scene = gathered.scene
    return with_names(
        work,
        replace(
            scene,
            texts=house.texts(house.language),
            person=sender,
            sent_at=scene.sent_at or now,
            corrected_at=now if scene.is_sent else None,
            responses=responses_to(work, gathered.dialogue.id, now) if scene.is_sent else (),
        ),
    )


def gather_sent(house: House, work: Work, dialogue: Dialogue, language: str, today: date) -> Scene:
    """The scene of the post as it was last sent: what was changed since is not in it."""
    holders = work.holders_for(dialogue, today)
    sender = work.person_by_id(dialogue.sent_by_id).name if dialogue.sent_by_id else ""
    answers = _by_place(work.answers_sent(dialogue.id))
    said, model = house.texts(language), house.model(dialogue.model)
    ids = frozenset(place.subject for place in answers)
    asked = answered(work, dialogue, model, ids, house.library.days_off, said)
    scene = _scene(house, work, dialogue, holders, today, said, sender, answers, asked)
    return with_names(work, replace(scene, responses=responses_to(work, dialogue.id, dialogue.corrected_at)))


def responses_to(work: Work, dialogue_id: int, corrected_at: datetime | None) -> tuple[Response, ...]:
    """What was said about a summary; what was said before it was corrected is marked as such."""
    return tuple(
        Response(
            _KIND[row.kind], row.name, row.text, row.at, is_before=corrected_at is not None and row.at < corrected_at
        )
        for row in work.responses(dialogue_id)
    )


def _scene(
    house: House,
    work: Work,
    dialogue: Dialogue,
    holders: Sequence[Holder],
    today: date,
    said: Texts,
    person: str,
    answers: Answers,
    asked: tuple[Subject, ...] | None = None,
) -> Scene:
    script = frozen_script(work, dialogue.script_digest)
    model = house.model(dialogue.model)
    if asked is None:
        asked = subjects(work, dialogue, script, model, house.library.days_off, said)
    leader, nearest = access.leader_of(holders), access.nearest_leader(holders)
    return Scene(
        texts=said,
        dialogue=dialogue.id,
        revision=dialogue.revision,
        unit=called(house, dialogue, said.language),
        round=round_title(script, dialogue),
        due=dialogue.due_on,
        today=today,
        script=script,
        subjects=asked,
        answers=answers,
        before=_carried_on(_last_round(house, work, dialogue), asked),
        before_on=dialogue.previous_due_on,
        sources=_sources(model),
        person=person,
        leader=leader.name if leader else "",
        nearest=nearest.name if nearest else "",
        sent_at=dialogue.sent_at,
        corrected_at=dialogue.corrected_at,
        is_sent=dialogue.is_sent,
        is_changed=dialogue.is_changed,
        asked_of=_asked_of(work, dialogue, person),
        is_owners=dialogue.owner_id is not None,
    )


def _asked_of(work: Work, dialogue: Dialogue, viewer: str) -> Mapping[str, str]:
    """Who else was asked, by what they were asked about and have not answered; not whoever looks at it."""
    if not dialogue.has_delegations or dialogue.is_sent:
        return {}
    asked = work.delegations.in_dialogue(dialogue.id)
    return {one.subject: one.name for one in asked if one.is_open and one.name != viewer}


def called(house: House, dialogue: Dialogue, language: str) -> str:
    """What a dialogue is about: the unit; where the owners answer, the plan that their initiatives are of."""
    model = house.model(dialogue.model) if dialogue.owner_id is not None else None
    return model.title.in_(language) if model else dialogue.unit_name


def answerer(house: House, work: Work, dialogue: Dialogue, language: str) -> str:
    """Who is to answer, among others who answer the same: the unit; where the owners answer, the owner by name."""
    if dialogue.owner_id is None:
        return called(house, dialogue, language)
    return work.names([dialogue.owner_id]).get(dialogue.owner_id, "")


def _carried_on(before: Answers, asked: Iterable[Subject]) -> Answers:
    """Last round's answers, those about an initiative that is carried on in a new agreement under its new name too."""
    renamed = [(subject.continues, subject.id) for subject in asked if subject.continues]
    if not renamed or not before:
        return before
    carried = {
        Place(now, place.step): said for then, now in renamed for place, said in before.items() if place.subject == then
    }
    return {**carried, **before}


def _last_round(house: House, work: Work, dialogue: Dialogue) -> Answers:
    """What was sent last round, to be shown and kept."""
    if dialogue.previous_id is None or dialogue.previous_sent_revision is None:
        return {}
    key = (dialogue.previous_id, dialogue.previous_sent_revision)
    if key not in house.sent:
        if len(house.sent) >= MOST_REMEMBERED:
            house.sent.clear()
        house.sent[key] = _by_place(work.answers_sent(dialogue.previous_id))
    return house.sent[key]


def round_title(script: Script, dialogue: Dialogue) -> Wording:
    """The round as it is called: Forårsdialog 2027."""
    return Wording(da=f"{script.title.da} {dialogue.due_on.year}", en=f"{script.title.en} {dialogue.due_on.year}")


def round_of(work: Work, dialogue: Dialogue) -> Wording:
    """The round of a dialogue as it is called."""
    return round_title(frozen_script(work, dialogue.script_digest), dialogue)


def _by_place(rows: Iterable[AnswerRow]) -> Answers:
    return {Place(row.subject, row.step): row.values for row in rows}


def _sources(model: Model | None) -> Mapping[str, Wording]:
    return {source.id: source.label for source in model.sources} if model else {}


def with_names(work: Work, scene: Scene) -> Scene:
    """The scene with the names of everybody its answers mention."""
    mentioned = {one for answers in (scene.answers, scene.before) for one in _mentioned(scene.script, answers)}
    return replace(scene, names=work.names(mentioned)) if mentioned else scene


def _mentioned(script: Script, answers: Answers) -> Iterable[int]:
    asks_people = {
        (step.id, one.id)
        for section in script.sections
        for step in section.steps
        for one in step.fields
        if one.kind is Kind.PEOPLE
    }
    for place, values in answers.items():
        for name, value in values.items():
            if (place.step, name) in asks_people:
                yield from as_people(value)["people"]


def with_colleagues(work: Work, gathered: Gathered) -> Scene:
    """The scene with the colleagues who may be picked, and the names of those picked already."""
    scene = with_names(work, gathered.scene)
    nearest = gathered.nearest.person_id if gathered.nearest else 0
    close = sorted(work.colleagues(gathered.dialogue.unit_id, scene.today), key=lambda one: one.id != nearest)
    options = [Option(str(one.id), one.name, one.unit) for one in close]
    listed = {option.value for option in options}
    options += [Option(str(one), name) for one, name in scene.names.items() if str(one) not in listed]
    names = {**scene.names, **{one.id: one.name for one in close}}
    return replace(scene, colleagues=tuple(options), names=names)


def asks_people(stop: Stop) -> bool:
    """Whether a stop lets one pick colleagues."""
    return any(one.kind is Kind.PEOPLE for one in stop.step.fields)
