"""Cards that tell: the one-page summary, its preview, and what happened after it was sent.

Promises: the preview holds the very parts that will be posted. The first page is bounded whatever was written; nothing is lost,
the rest stands in the thread, in parts of a size that every platform takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cards.asking import in_names, in_words
from cards.card import Button, Buttons, Card, Framed, Note, Para, Part, Points, Press, Run, Style, Title
from cards.replying import responses, ways_to_reply
from cards.scene import Scene
from cards.wording import Texts
from dialogs.script import Field
from dialogs.summary import Entry, Summary, summarise

POINT_TEXT = 280  # characters of one answer on the first page; the whole of it stands in the thread
REMARK_TEXT = 600
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
    parts = (*_head(scene, summed), *_points(scene, summed), *_remark(scene, summed), *_rest(scene, summed), *said)
    counts = " · ".join(_counts(scene, summed))
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
    line = [scene.say("summary.line", who=scene.person, sent=when, count=len(summed.entries))]
    if scene.corrected_at is not None:
        line.append(scene.say("summary.corrected", corrected=scene.corrected_at))
    yield Para((Run(" · ".join(line), Style.QUIET),))
    counts = _counts(scene, summed)
    if counts:
        yield Para((Run(" · ".join(counts), Style.STRONG),))


def _counts(scene: Scene, summed: Summary) -> list[str]:
    """Each status with its number; a symbol is not parted from its number at the end of a line."""
    return [
        scene.say("summary.counts", symbol=choice.symbol, number=number, label=choice.label.in_(scene.language))
        for choice, number in summed.counts
    ]


def _points(scene: Scene, summed: Summary) -> Iterator[Part]:
    if not summed.points:
        yield Para((Run(scene.say("summary.nothing", who=scene.person)),))
    else:
        yield Title(scene.say("summary.worth"), 2)
        yield Points(tuple(tuple(_entry(scene, entry, POINT_TEXT)) for entry in summed.points))
    if summed.more_concerns:
        yield Para((Run(scene.say("summary.more", number=summed.more_concerns), Style.QUIET),))


def _entry(scene: Scene, entry: Entry, limit: int | None) -> Iterator[Para]:
    """One entry: its status and deadline, what was said in the leader's words, who is needed and what happens now."""
    yield Para(tuple(_entry_head(scene, entry)))
    if entry.challenge:
        yield _said(scene, entry.challenge, limit)
    if entry.remedy:
        yield _about(scene, "summary.remedy", _cut(scene, entry.remedy, limit))
    yield from _entry_foot(scene, entry, limit)


def _entry_head(scene: Scene, entry: Entry) -> Iterator[Run]:
    if entry.status:
        yield Run(f"{entry.status.symbol} {entry.status.label.in_(scene.language)}: ")
    yield Run(entry.subject.title, Style.STRONG)
    notes = [note for note in (_due(scene, entry), _change(scene, entry)) if note]
    if notes:
        yield Run(f" ({' · '.join(notes)})", Style.QUIET)


def _due(scene: Scene, entry: Entry) -> str:
    due, moved = entry.subject.due_on, entry.deadline
    if due and moved:
        return scene.say("summary.due_moved", due=due, deadline=moved)
    if moved:
        return scene.say("summary.due_new", deadline=moved)
    return scene.say("summary.due", due=due) if due else ""


def _change(scene: Scene, entry: Entry) -> str:
    if entry.again:
        return scene.say("summary.again")
    if entry.status and entry.before and entry.before.id != entry.status.id:
        return scene.say("summary.changed", label=entry.before.label.in_(scene.language))
    return ""


def _entry_foot(scene: Scene, entry: Entry, limit: int | None) -> Iterator[Para]:
    needed = in_names(scene, entry.involve) if entry.involve else ""
    if needed:
        yield _about(scene, "summary.involve", needed, "people")
    if entry.next:
        yield _about(scene, "summary.next", _cut(scene, entry.next, limit))
    by_whom = in_names(scene, entry.responsible) if entry.responsible else ""
    agreed = [scene.say("summary.who", people=by_whom)] if by_whom else []
    agreed += [scene.say("summary.when", day=entry.by_when)] if entry.by_when else []
    if agreed:
        yield Para((Run(" · ".join(agreed)),))
    for pressed in entry.skipped:
        yield Para((Run(scene.asks(pressed)),))
    for field, value in entry.other:
        yield _question(scene, field, value, limit)


def _about(scene: Scene, key: str, said: str, name: str = "text") -> Para:
    return Para((Run(scene.say(key, **{name: said})),))


def _said(scene: Scene, text: str, limit: int | None) -> Para:
    return Para((Run(scene.texts.quoted(_cut(scene, text, limit)), Style.QUOTE),))


def _cut(scene: Scene, text: str, limit: int | None) -> str:
    if limit is None or len(text) <= limit:
        return text
    return f"{text[:limit].rsplit(' ', 1)[0].rstrip()} {scene.say('summary.shortened')}"


def _question(scene: Scene, field: Field, value: object, limit: int | None) -> Para:
    answer = _cut(scene, in_words(scene, field, value), limit)
    return Para((Run(scene.say("summary.other", question=scene.asks(field.ask), answer=answer)),))


def _remark(scene: Scene, summed: Summary) -> Iterator[Part]:
    if summed.remark:
        yield Title(scene.say("summary.else", who=scene.person), 2)
        yield _said(scene, summed.remark, REMARK_TEXT)
    for field, value in summed.closing:
        yield _question(scene, field, value, REMARK_TEXT)


def _rest(scene: Scene, summed: Summary) -> Iterator[Part]:
    if summed.rest:
        key = "summary.rest" if summed.points else "summary.whole"
        yield Para((Run(scene.say(key, number=len(summed.rest)), Style.QUIET),))


def _thread(scene: Scene, summed: Summary) -> Iterator[Card]:
    """All answers, whole, by source, in messages of a bounded size."""
    blocks = [*_sections(scene, summed.entries), *_whole_remark(scene, summed)]
    messages = list(pages(blocks))
    for number, page in enumerate(messages, start=1):
        title = scene.say("summary.all")
        if len(messages) > 1:
            title = scene.say("summary.part", title=title, part=number, parts=len(messages))
        yield Card("answers", (Title(title, 2), *page), title, scene.language)


def _sections(scene: Scene, entries: Sequence[Entry]) -> Iterator[tuple[Part, ...]]:
    heading = None
    for entry in entries:
        source = scene.sources.get(entry.subject.source)
        label = source.in_(scene.language) if source else entry.subject.source
        head: tuple[Part, ...] = (Para((Run(label, Style.QUIET),)),) if label and label != heading else ()
        heading = label
        yield (*head, Points((tuple(_entry(scene, entry, None)),), numbered=False))


def _whole_remark(scene: Scene, summed: Summary) -> Iterator[tuple[Part, ...]]:
    if len(summed.remark) > REMARK_TEXT:
        yield (
            Para((Run(scene.say("summary.else", who=scene.person), Style.QUIET),)),
            _said(scene, summed.remark, None),
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
