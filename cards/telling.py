"""Cards that tell: the one-page summary, its preview, and what happened after it was sent.

Promises: the preview holds the very parts that will be posted. The first page is bounded whatever was written; nothing is lost,
the rest stands in the thread, in parts of a size that every platform takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cards import closing, goals
from cards.card import Button, Buttons, Card, Framed, Note, Para, Part, Points, Press, Run, Style, Title
from cards.entries import Room, of_goal, of_initiative, quoted
from cards.replying import responses, ways_to_reply
from cards.scene import Scene
from cards.wording import Texts
from dialogs.script import Choice
from dialogs.summary import Entry, GoalEntry, Summary, summarise

POINT_TEXT = closing.POINT_TEXT
REMARK_TEXT = closing.REMARK_TEXT
POINT = Room(POINT_TEXT)
POINT_BESIDE_GOALS = Room(150, 80)  # where goals and what belongs to them share the page
THREAD_PART = 6000  # characters of one message in the thread, about what fits every platform with room to spare
THREAD_ENTRIES = 12


@dataclass(frozen=True, slots=True)
class Where:
    """Where the summary goes: a room and how many can read it, the nearest leader's own chat, or nowhere yet."""

    room: str = ""
    readers: int | None = None  # None: nobody knows yet
    is_open: bool = False  # everybody who uses the platform can read it
    is_shared: bool = False  # people of other organisations can read it
    direct: bool = False
    owner: int = 0  # the unit whose room it is, or the person whose chat
    is_there: bool = False  # the summary has arrived there; a correction changes it in place

    @property
    def token(self) -> str:
        """What a preview's button remembers of it, so that nothing is sent elsewhere, or to more people, than shown."""
        kind = "room" if self.room else "direct" if self.direct else "nowhere"
        readers = "unknown" if self.readers is None else self.readers
        return f"{kind}-{self.owner}-{'outside' if self.is_shared else 'all' if self.is_open else readers}"

    @property
    def reach(self) -> str:
        """Who can read it there, as the wordings name it: `open`, `shared`, `unknown`, or "" for a known number."""
        return "shared" if self.is_shared else "open" if self.is_open else "unknown" if self.readers is None else ""


def summary(scene: Scene) -> Card:
    """The dialogue on one page, as it is posted, with all answers in its thread."""
    summed = summarise(scene.script, scene.subjects, scene.answers, scene.before)
    said = responses(scene.texts, scene.responses)
    named = tuple(part for block in closing.blocks(scene) for part in block.parts)
    parts = (
        *_head(scene, summed),
        *_points(scene, summed),
        *named,
        *_remark(scene, summed),
        *_rest(scene, summed),
        *said,
    )
    counts = " · ".join(_all_counts(scene, summed))
    title = scene.say("summary.title")
    thread = tuple(_thread(scene, summed))
    return Card("summary", parts, scene.say("summary.notification", counts=counts or title), scene.language, thread)


def posted(scene: Scene) -> Card:
    """The summary with what the nearest leader can do with it, as it stands in their channel."""
    post = summary(scene)
    return replace(post, parts=(*post.parts, ways_to_reply(scene.texts, scene.dialogue, scene.responses)))


def _head(scene: Scene, summed: Summary) -> Iterator[Part]:
    yield Title(scene.say("summary.title"))
    when = scene.sent_at or scene.today
    key = "summary.line_goals" if summed.goals else "summary.line"
    line = [scene.say(key, who=scene.person, sent=when, count=len(summed.entries))]
    if scene.corrected_at is not None:
        line.append(scene.say("summary.corrected", corrected=scene.corrected_at))
    yield Para((Run(" · ".join(line), Style.QUIET),))
    for counts in _all_counts(scene, summed):
        yield Para((Run(counts, Style.STRONG),))


def _all_counts(scene: Scene, summed: Summary) -> list[str]:
    """The counts of the initiatives, and of the goals where there are any: each line then begins with how many they are."""
    counts = " · ".join(_counts(scene, summed))
    if not summed.goals:
        return [counts] if counts else []
    lines = [(scene.say("summary.initiatives", count=len(summed.entries)), counts)] if summed.entries else []
    lines.append((scene.say("summary.goals", count=len(summed.goals)), " · ".join(_goal_counts(scene, summed))))
    return [": ".join(filter(None, line)) for line in lines]


def _goal_counts(scene: Scene, summed: Summary) -> list[str]:
    """How far the goals are reached, or else how they go, each with its number."""
    counted = [(goals.SYMBOLS[one], goals.attainment(scene, one), number) for one, number in summed.goal_counts]
    given: dict[Choice, int] = {}
    for goal in summed.goals:
        if goal.status and goal.counts_as is None:
            given[goal.status] = given.get(goal.status, 0) + 1
    counted += [(one.symbol, one.label.in_(scene.language), number) for one, number in given.items()]
    return [scene.say("summary.counts", symbol=symbol, number=number, label=label) for symbol, label, number in counted]


def _counts(scene: Scene, summed: Summary) -> list[str]:
    """Each status with its number; a symbol is not parted from its number at the end of a line."""
    return [
        scene.say("summary.counts", symbol=choice.symbol, number=number, label=choice.label.in_(scene.language))
        for choice, number in summed.counts
    ]


def _points(scene: Scene, summed: Summary) -> Iterator[Part]:
    if not summed.talk:
        key = "summary.nothing_goals" if summed.goals else "summary.nothing"
        yield Para((Run(scene.say(key, who=scene.person)),))
    else:
        yield Title(scene.say("summary.worth"), 2)
        room = POINT_BESIDE_GOALS if summed.goals else POINT
        yield Points(tuple(tuple(_entry(scene, entry, room)) for entry in summed.talk))
    if summed.more_goals:
        yield Para((Run(scene.say("summary.more_goals", number=summed.more_goals), Style.QUIET),))
    if summed.more_concerns:
        yield Para((Run(scene.say("summary.more", number=summed.more_concerns), Style.QUIET),))


def _entry(scene: Scene, entry: Entry | GoalEntry, room: Room) -> Iterator[Para]:
    return of_goal(scene, entry, room) if isinstance(entry, GoalEntry) else of_initiative(scene, entry, room)


def _remark(scene: Scene, summed: Summary) -> Iterator[Part]:
    if summed.remark:
        yield Title(scene.say("summary.else", who=scene.person), 2)
        yield quoted(scene, summed.remark, REMARK_TEXT)
    yield from closing.beside_the_remark(scene, summed.closing).parts


def _rest(scene: Scene, summed: Summary) -> Iterator[Part]:
    if summed.goals:
        yield Para((Run(scene.say("summary.rest_goals", count=len(summed.entries)), Style.QUIET),))
    elif summed.rest:
        key = "summary.rest" if summed.points else "summary.whole"
        yield Para((Run(scene.say(key, number=len(summed.rest)), Style.QUIET),))


def _thread(scene: Scene, summed: Summary) -> Iterator[Card]:
    """All answers, whole, by source, in messages of a bounded size."""
    blocks = [
        *_sections(scene, summed.entries),
        *_sections(scene, summed.goals, scene.say("summary.goals_title")),
        *_whole_closing(scene, summed),
        *_whole_remark(scene, summed),
    ]
    messages = list(pages(blocks))
    for number, page in enumerate(messages, start=1):
        title = scene.say("summary.all")
        if len(messages) > 1:
            title = scene.say("summary.part", title=title, part=number, parts=len(messages))
        yield Card("answers", (Title(title, 2), *page), title, scene.language)


def _sections(
    scene: Scene, entries: Sequence[Entry] | Sequence[GoalEntry], about: str = ""
) -> Iterator[tuple[Part, ...]]:
    heading = None
    for entry in entries:
        source = scene.sources.get(entry.subject.source)
        label = source.in_(scene.language) if source else entry.subject.source
        label = " · ".join(filter(None, (about, label)))
        head: tuple[Part, ...] = (Para((Run(label, Style.QUIET),)),) if label and label != heading else ()
        heading = label
        yield (*head, Points((tuple(_entry(scene, entry, Room())),), numbered=False))


def _whole_closing(scene: Scene, summed: Summary) -> Iterator[tuple[Part, ...]]:
    """The answers that are too long for the first page, each under the name of its section."""
    for block in (*closing.blocks(scene), closing.beside_the_remark(scene, summed.closing)):
        if block.whole:
            head = (Para((Run(block.title, Style.QUIET),)),) if block.title else ()
            yield (*head, *block.whole)


def _whole_remark(scene: Scene, summed: Summary) -> Iterator[tuple[Part, ...]]:
    if len(summed.remark) > REMARK_TEXT:
        yield (
            Para((Run(scene.say("summary.else", who=scene.person), Style.QUIET),)),
            quoted(scene, summed.remark, None),
        )


def pages(blocks: Iterable[tuple[Part, ...]]) -> Iterator[tuple[Part, ...]]:
    """Blocks that belong together, in as few messages as every platform takes with room to spare."""
    page: list[Part] = []
    size = entries = 0
    for block in blocks:
        weight = sum(len(run.text) for part in block for run in _runs(part))
        if page and (size + weight > THREAD_PART or entries == THREAD_ENTRIES):
            yield tuple(page)
            page, size, entries = [], 0, 0
        page += block
        size, entries = size + weight, entries + 1
    if page:
        yield tuple(page)


def _runs(part: Part) -> Iterator[Run]:
    match part:
        case Para(runs):
            yield from runs
        case Points(items):
            for item in items:
                for para in item:
                    yield from para.runs
        case _:
            return


def preview(scene: Scene, post: Card, where: Where, notice: Note | None = None) -> Card:
    """The post itself, with where it will stand and who can read it, before it is sent."""
    framed = Framed(post.parts, scene.say("preview.label"))
    buttons = (
        Button(_send(scene, where), scene.press("submit", value=where.token), "primary"),
        Button(scene.say("button.edit_answers"), Press("review", scene.dialogue)),
    )
    lead = Para((Run(_where_to(scene, where)),))
    parts: tuple[Part, ...] = (*([notice] if notice else []), lead, framed, Buttons(buttons))
    return Card("preview", parts, scene.say("preview.notification"), scene.language, post.thread)


_WHERE_TO = {  # by who can read it there
    "": ("preview.room", "preview.correction"),
    "open": ("preview.room_open", "preview.correction_open"),
    "shared": ("preview.room_shared", "preview.correction_shared"),
    "unknown": ("preview.room_unknown", "preview.correction_unknown"),
}


def _where_to(scene: Scene, where: Where) -> str:
    is_correction = scene.is_sent and where.is_there
    if where.room:
        return scene.say(_WHERE_TO[where.reach][is_correction], room=where.room, readers=where.readers or 0)
    if where.direct:
        return scene.say("preview.correction_direct" if is_correction else "preview.direct")
    return scene.say("preview.nowhere")


def _send(scene: Scene, where: Where) -> str:
    if scene.is_sent:
        return scene.say("button.send_correction")
    return scene.say("button.send") if scene.nearest and (where.room or where.direct) else scene.say("button.send_room")


def sent(scene: Scene, where: Where, *, corrected: bool, notice: Note | None = None) -> Card:
    """Thanks, where it stands now, and what happens next."""
    end = "" if not corrected else "corrected"
    if where.room:
        key = f"sent.{end or 'room'}"
    elif where.direct:
        key = "sent.corrected_direct" if corrected else "sent.direct"
    else:
        key = "sent.nowhere"
    title = scene.say("sent.title_corrected" if corrected and key != "sent.nowhere" else "sent.title")
    buttons = [Button(scene.say("button.edit_answers"), Press("review", scene.dialogue))]
    if key != "sent.nowhere":
        buttons.append(Button(scene.say("button.see_post"), Press("post", scene.dialogue)))
    parts: tuple[Part, ...] = (
        *([notice] if notice else []),
        Title(title),
        Para((Run(scene.say(key, room=where.room)),)),
        Buttons(tuple(buttons)),
    )
    return Card("sent", parts, scene.say("sent.notification"), scene.language)


def as_it_stands(texts: Texts, dialogue: int, post: Card, *, may_edit: bool, is_there: bool) -> Card:
    """The post, shown to somebody who answered it or may reply to it, with whether it has arrived where it belongs."""
    title = texts.say("post.title" if is_there else "post.title_waiting")
    edit = Button(texts.say("button.edit_answers"), Press("review", dialogue))
    waits = () if is_there else (Note(texts.say("post.waiting"), "info"),)
    parts: tuple[Part, ...] = (*waits, Framed(post.parts, title), *((Buttons((edit,)),) if may_edit else ()))
    return Card("post", parts, title, texts.language, post.thread)
