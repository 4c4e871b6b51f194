"""The director's picture: whose units it shows, that its figures are those of `/status`, and that nothing drawn covers anything else."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations, count
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import web_picture
from bot.channels.web import WebChannel, create_app
from bot.clock import RehearsalClock
from bot.picture import Picture, Refusal, picture
from bot.running import Product
from bot.serving import LocalChat
from bot.turn import Turn
from cards.chrome import number
from cards.drawing import fitted, width_of
from cards.overview import Figure, Split
from cards.picture import HALF, NARROW, Branch, drawn_sources, drawn_tree, folded, in_words
from cards.traffic import Traffic, drawn_traffic, told
from store import tables as t
from store.database import Database, open_database
from store.rooms import Someone
from store.work import Work
from tests.databases import Kind, fresh_database
from tests.test_overview import answers, counting, grown, in_the_autumn
from tests.town import DENMARK, SPRING, Town, at_nine, fjordby, mail

SVG = "{http://www.w3.org/2000/svg}"
DUE = date(2027, 4, 1)


@pytest.fixture
def town(database: Database) -> Town:
    """Fjordby in March: Karen's Dagtilbud with two units and Skoler with one; nothing is answered."""
    town = fjordby(database)
    town.unit("skoler", under="bs", name="Skoler", kind="afdeling")
    town.unit("byskolen", under="skoler", name="Byskolen")
    town.person("Pia Holm")
    town.post("pia", "byskolen")
    town.agreement("byskolen")
    town.initiative("byskolen", "Læsebånd", source="politik")
    return town


def asked(town: Town, who: str, unit: str = "", round_id: str = "") -> Picture | Refusal:
    with town.database.transaction() as connection:
        work = Work(connection)
        caller = work.caller("web", mail(who))
        assert caller is not None
        return picture(Turn(town.house, work, caller[0], "web", town.now), unit, round_id)


def seen(town: Town, who: str = "karen", unit: str = "", round_id: str = "") -> Picture:
    found = asked(town, who, unit, round_id)
    assert isinstance(found, Picture), found
    return found


def id_of(town: Town, code: str) -> str:
    return str(town.id_of(t.unit, code=code))


def page_of(town: Town, shown: Picture | None, language: str = "da") -> str:
    who = Someone(1, "karen@fjordby.example", "Karen Aagaard", language, ())
    day = town.now.date()
    return html.unescape(web_picture.page(web_picture.Overview("Fjordby Kommune (eksempel)", who, day, shown)))


# --- whose units ----------------------------------------------------------------------------------------------------------------------


def test_a_director_sees_the_units_two_levels_down_with_who_has_answered(town: Town) -> None:
    answers(town, "mette", "Forsinket", "I gang", "I gang")
    told_of = [(one.depth, one.name, one.sent, one.of, one.late, one.concerns) for one in seen(town).tree]
    assert told_of == [
        (0, "Børn og Skole", 1, 3, 0, 1),
        (1, "Dagtilbud", 1, 2, 0, 1),
        (2, "Børnehuset Solsikken", 1, 1, 0, 1),
        (2, "Vuggestuen Månen", 0, 1, 0, 0),
        (1, "Skoler", 0, 1, 0, 0),
        (2, "Byskolen", 0, 1, 0, 0),
    ]


def test_who_has_no_units_below_gets_a_page_that_says_so(town: Town) -> None:
    town.plan()
    for who in ("mette", "pia"):
        assert asked(town, who) == asked(town, who, id_of(town, "bs")) == "nothing-below"
    assert "Du har ingen enheder under dig" in page_of(town, None)


@pytest.mark.parametrize("unit", ["byskolen", "fjordby", "bs"])
def test_a_unit_outside_ones_reach_is_answered_as_one_that_does_not_exist(town: Town, unit: str) -> None:
    town.plan()
    assert asked(town, "jens", id_of(town, unit)) == asked(town, "jens", "999999") == "not-theirs"


@pytest.mark.parametrize("unit", ["x", "-1", "1 or 1=1", "9" * 30, "¹"])
def test_what_is_no_unit_is_nobodys(town: Town, unit: str) -> None:
    assert asked(town, "karen", unit) == "not-theirs"


def test_down_to_one_unit_and_up_again(town: Town) -> None:
    answers(town, "mette", "Forsinket", "I gang", "I gang")
    below = seen(town, unit=id_of(town, "dagtilbud"))
    assert [name for _, name in below.heads] == ["Børnehuset Solsikken", "Vuggestuen Månen"]
    assert str(below.up) == id_of(town, "bs")
    one = seen(town, unit=id_of(town, "solsikken"))
    assert [(branch.name, branch.sent, branch.of) for branch in one.tree] == [("Børnehuset Solsikken", 1, 1)]
    assert seen(town).up is None, "nothing above is hers"


def test_a_stand_in_sees_it_while_the_leader_is_away_and_no_longer(town: Town) -> None:
    town.away("karen", date(2027, 3, 1), date(2027, 3, 20), "pia")
    town.plan()
    assert seen(town, "pia", id_of(town, "bs")).tree[0].of == 3
    town.now = at_nine(date(2027, 3, 22))
    assert asked(town, "pia", id_of(town, "bs")) == "nothing-below"


def test_who_reaches_several_units_begins_with_all_of_them(town: Town) -> None:
    town.post("jens", "skoler")
    town.plan()
    shown = seen(town, "jens")
    assert [one.name for one in shown.tree if one.depth < 2] == ["Alle mine enheder", "Dagtilbud", "Skoler"]
    assert seen(town, "jens", id_of(town, "skoler")).up == 0


# --- the figures are those of `/status` -------------------------------------------------------------------------------------------------


def says_the_same(town: Town, shown: Picture, who: str, words: str) -> None:
    """Every figure of the picture stands on the card of `/status` too."""
    sees = town.user(who).says(words).sees
    for line, due in shown.lines:
        assert line in sees
        assert due in sees
    for splits in (shown.initiatives, shown.goals):
        for split in splits:
            parts = " · ".join(one.words for one in split.figures)
            assert (f"{split.label}: {parts}" if len(splits) > 1 else split.figures[0].words) in sees
    many = sum(one.number for split in shown.initiatives for one in split.figures)
    assert f"{number(many, 'da')} indsats" in sees or not many
    for one in shown.tree:
        if one.depth == 1 and one.of > 1:
            assert f"{one.sent} af {one.of} har svaret" in sees


def test_the_picture_says_what_status_says(town: Town) -> None:
    in_the_autumn(town)
    answers(town, "mette", "Forsinket", "Gennemført", "I gang")
    says_the_same(town, seen(town), "karen", "status")
    autumn = seen(town, round_id="2026-autumn")
    assert autumn.tree[0].sent == 1
    says_the_same(town, autumn, "karen", "status efterår 2026")


def test_so_it_does_for_a_whole_municipality(kind: Kind, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path) as url, open_database(url) as database:
        town = grown(database, 60)
        for who in ("p0@generated.example", "p1@generated.example"):
            shown = seen(town, who)
            says_the_same(town, shown, who, "status")
            assert shown.traffic is not None
            (answered,) = {(one.sent, one.of) for one in shown.tree if one.depth == 0}
            assert (shown.traffic.sent, shown.traffic.of) == answered
            below = [one for one in shown.tree if one.depth == 1]
            assert (sum(one.sent for one in below), sum(one.of for one in below)) == answered


def test_a_round_nobody_knows_is_how_it_stands_now(town: Town) -> None:
    town.plan()
    assert seen(town, round_id="1999-spring") == seen(town)


def test_the_number_of_statements_does_not_grow_with_the_units(kind: Kind, tmp_path: Path) -> None:
    counts = {}
    for units in (5, 60):
        with fresh_database(kind, tmp_path) as url, open_database(url) as database:
            town = grown(database, units)
            with counting(database) as run:
                seen(town, "p0@generated.example")
            counts[units] = len(run)
    assert counts[5] == counts[60] < 16


# --- the traffic of answers -----------------------------------------------------------------------------------------------------------


def traffic(town: Town, who: str = "karen", round_id: str = "") -> Traffic:
    found = seen(town, who, round_id=round_id).traffic
    assert found is not None
    return found


def test_answers_are_counted_on_the_day_they_were_sent(town: Town) -> None:
    answers(town, "mette", "I gang", "I gang", "I gang")
    town.now = at_nine(date(2027, 4, 6))
    answers(town, "ali", "Gennemført")
    found = traffic(town)
    assert found.days == ((SPRING, 1), (date(2027, 4, 6), 1))
    assert (found.sent, found.of, found.late, found.due) == (2, 3, 1, DUE)
    assert told(found, "da")[-2:] == ["2 af 3 har svaret.", "Af dem kom 1 efter fristen."]


def test_a_day_begins_at_midnight_in_denmark(town: Town) -> None:
    town.plan()
    town.now = datetime(2027, 3, 12, 0, 30, tzinfo=DENMARK)
    answers(town, "ali", "I gang")
    assert traffic(town).days == ((date(2027, 3, 12), 1),)


def test_what_is_not_sent_is_no_answer(town: Town) -> None:
    town.plan()
    town.user("mette").opens().presses("Start").presses("Forsinket").presses("Næste", cause="Hemmeligt endnu")
    shown = seen(town)
    assert shown.tree[0].sent == 0
    assert shown.initiatives == ()
    assert traffic(town).days == ()
    page = page_of(town, shown)
    assert "Ingen har svaret endnu." in page
    assert "Hemmeligt" not in page


def test_a_correction_is_no_new_answer(town: Town) -> None:
    mette = answers(town, "mette", "Forsinket", "I gang", "I gang")
    town.now = at_nine(date(2027, 3, 15))
    mette.opens().presses("Åbn").presses("Ret", nth=1).presses("Næste", cause="Tre skoler mangler")
    assert traffic(town).days == ((SPRING, 1),)


def test_the_page_names_nobody(town: Town) -> None:
    answers(town, "mette", "Forsinket", "I gang", "I gang", cause="To skoler mangler")
    page = page_of(town, seen(town))
    for name in ("Mette", "Søndergaard", "Ali Demir", "Jens", "To skoler", "Overleveringsmøder"):
        assert name not in page


def test_before_any_round_there_is_a_tree_and_a_sentence(town: Town) -> None:
    shown = seen(town)
    assert shown.traffic is None
    page = page_of(town, shown)
    assert "Her er ingen dialoger lige nu." in page
    assert "Der er ikke svaret om indsatser endnu." in page
    assert "ingen dialog" in page


# --- the page ---------------------------------------------------------------------------------------------------------------------------

Browser = TestClient[web.Request, web.Application]


@pytest.fixture
async def browser(town: Town) -> AsyncIterator[Browser]:
    clock = RehearsalClock(town.now)
    channel = WebChannel(town.database)
    product = Product(town.house, town.database, clock, {channel.name: channel})
    await product.tick()
    chat = LocalChat(product, clock)
    app = create_app(chat, channel, clock, title="Fjordby Kommune (eksempel)")
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield client
    await product.close()


async def read(browser: Browser, path: str, who: str, status: int = 200, **query: str) -> str:
    response = await browser.get(path, params={"as": mail(who), **query})
    assert response.status == status
    return html.unescape(await response.text())


async def test_the_chat_leads_to_it_for_those_with_units_below(browser: Browser) -> None:
    link = re.search(r'href="(/picture[^"]+)">Overblik i billeder', await read(browser, "/", "karen"))
    assert link is not None
    response = await browser.get(link[1])
    assert "Børn og Skole</bdi></h1>" in await response.text()
    assert "/picture" not in await read(browser, "/", "mette")


async def test_the_address_shows_nothing_outside_ones_reach(browser: Browser, town: Town) -> None:
    outside = await read(browser, "/picture", "jens", 404, unit=id_of(town, "byskolen"))
    assert outside == await read(browser, "/picture", "jens", 404, unit="999999")
    assert "Enheden er ikke blandt dem" in outside
    assert "Du har ingen enheder under dig" in await read(browser, "/picture", "mette")
    assert "ingen med den adresse" in await read(browser, "/picture", "ukendt", 404)


async def test_units_and_rounds_are_chosen_by_links_that_remember_each_other(browser: Browser, town: Town) -> None:
    page = await read(browser, "/picture", "karen", unit=id_of(town, "dagtilbud"), round="2027-spring")
    assert "Billedet viser kun det, der er sendt i runden." in page
    assert f"unit={id_of(town, 'solsikken')}&round=2027-spring" in page
    assert re.search(r'aria-current="page">Forårsdialog 2027<', page)
    assert "<script" not in page
    assert "style=" not in page, "the page's own rules forbid it"


async def test_it_speaks_the_persons_language(town: Town) -> None:
    town.plan()
    town.user("karen").says("english")
    page = page_of(town, seen(town), "en")
    assert "Units and answers" in page
    assert "Opened 4 March 2027." in page
    assert "svar" not in re.sub(r"Fjordby.*?eksempel|/\S*", "", page)


def test_every_drawn_figure_stands_in_the_text_too(town: Town) -> None:
    in_the_autumn(town)
    answers(town, "mette", "Forsinket", "Gennemført", "I gang")
    town.now = at_nine(date(2027, 4, 3))
    page = page_of(town, seen(town))
    drawn = re.findall(r"<text[^>]*>(.*?)</text>", page)
    text = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    cells = re.sub(r"<[^>]+>", " ", text)
    figures = {
        one for line in drawn for one in re.findall(r"\d+", line) if not re.search(r"[a-z]{3}\.?$|Frist|I dag", line)
    }
    assert len(figures) > 3
    figures.discard("0")  # where the scale begins
    assert [one for one in figures if not re.search(rf"\b{one}\b", cells)] == []
    assert "I dag er det lørdag den 3. april 2027." in cells
    assert "Fristen var 1. april 2027." in cells


# --- how it is drawn ------------------------------------------------------------------------------------------------------------------

Box = tuple[float, float, float, float]
COUNTS = st.integers(0, 30_000)
NAMES = st.sampled_from(
    ("PPR", "Børnehuset Solsikken", "Den selvejende børnehave Havgården ved Vandet", "WWWWWWWWWWWWWWWWWWWWWW", "<&>")
)


def boxes(picture: ET.Element) -> Iterator[tuple[str, Box]]:
    """Each text with where it stands: left, top, right and bottom."""
    for one in picture.iter(f"{SVG}text"):
        words, size = one.text or "", float(one.attrib["font-size"])
        wide = width_of(words, size)
        left = float(one.attrib["x"]) - {"start": 0.0, "middle": wide / 2, "end": wide}[one.attrib["text-anchor"]]
        y = float(one.attrib["y"])
        yield words, (left, y - size * 0.8, left + wide, y + size * 0.2)


def bars(picture: ET.Element, kind: str) -> list[tuple[str, Box]]:
    found = []
    for one in picture.iter(f"{SVG}rect"):
        if kind in one.attrib["class"].split():
            x, y, wide, high = (float(one.attrib[name]) for name in ("x", "y", "width", "height"))
            found.append((kind, (x, y, x + wide, y + high)))
    return found


def crossing(found: Sequence[tuple[str, Box]]) -> list[tuple[str, str]]:
    return [
        (one, other)
        for (one, a), (other, b) in combinations(found, 2)
        if a[0] < b[2] - 0.2 and b[0] < a[2] - 0.2 and a[1] < b[3] - 0.2 and b[1] < a[3] - 0.2
    ]


def stands_well(drawn: str, kind: str = "") -> None:
    """Nothing covers anything else, and everything is within."""
    picture = ET.fromstring(drawn)  # noqa: S314 - our own
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    found = [*boxes(picture), *bars(picture, kind)]
    assert crossing(found) == []
    for words, (left, top, right, bottom) in found:
        assert -0.5 <= left <= right <= width + 0.5, words
        assert 0 <= top <= bottom <= height, words
    for one in picture.iter(f"{SVG}text"):
        assert float(one.attrib["font-size"]) >= 12, "as small as can be read on a phone"


@st.composite
def trees(draw: st.DrawFn) -> tuple[Branch, ...]:
    numbers = count(1)

    def branch(depth: int) -> Branch:
        of = draw(COUNTS)
        sent = draw(st.integers(0, of))
        return Branch(next(numbers), draw(NAMES), depth, sent, of, draw(st.integers(0, of - sent)), draw(COUNTS))

    below = [
        one
        for _ in range(draw(st.integers(0, 6)))
        for one in (branch(1), *(branch(2) for _ in range(draw(st.integers(0, 9)))))
    ]
    return (branch(0), *below)


@settings(max_examples=60, deadline=None)
@given(trees(), st.booleans(), st.sampled_from(("da", "en")))
def test_nothing_covers_anything_else_in_a_tree(tree: tuple[Branch, ...], wide: bool, language: str) -> None:  # noqa: FBT001
    stands_well(drawn_tree(tree, language, wide=wide), "track")


@pytest.mark.parametrize(("heads", "below"), [(1, 4), (2, 30), (6, 9), (1, 59), (20, 40), (60, 0), (300, 30)])
def test_a_tree_has_a_limited_number_of_lines_and_loses_nobody(heads: int, below: int) -> None:
    tree = [Branch(1, "Kommunen", 0, 0, heads * max(below, 1))]
    for head in range(heads):
        tree.append(Branch(head + 10, f"Forvaltning {head}", 1, 1, max(below, 1), 0, head))
        tree += [Branch(10_000 + head * 100 + one, f"Enhed {one}", 2, one % 2, 1, 0, one) for one in range(below)]
    drawn = folded(tree, "da")
    assert len(drawn) <= 65
    if len(tree) <= 65:
        assert drawn == tuple(tree)
    assert sum(one.of for one in drawn if one.depth == 1) == tree[0].of
    shown = sum(one.folded or 1 for one in drawn if one.depth == 1)
    assert shown == heads
    worst = max(tree[1:], key=lambda one: (one.depth == 1, one.concerns))
    assert worst in drawn
    stands_well(drawn_tree(drawn, "da", wide=True), "track")
    stands_well(drawn_tree(drawn, "da"), "track")


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 60),
    st.integers(-20, 200),
    st.lists(st.tuples(st.integers(-3, 120), st.integers(1, 12_000)), max_size=12, unique_by=lambda one: one[0]),
    st.integers(1, 20_000),
    st.sampled_from((NARROW, HALF)),
)
def test_nothing_covers_anything_else_in_the_traffic(
    length: int, today: int, days: list[tuple[int, int]], missing: int, width: int
) -> None:
    opens = date(2027, 3, 4)
    due = opens + timedelta(days=length)
    sent = tuple((opens + timedelta(days=day), count) for day, count in sorted(days))
    of = sum(count for _, count in sent) + missing
    one = Traffic("Forårsdialog 2027", opens, {due: of}, opens + timedelta(days=today), sent, 0)
    stands_well(drawn_traffic(one, "da", width))
    shown = sum(count for day, count in sent if day <= one.last)
    assert shown + one.beyond == one.sent
    assert (f"{one.beyond:,} svar".replace(",", ".") in " ".join(told(one, "da"))) == bool(one.beyond)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(NAMES, st.lists(st.integers(0, 99_000), min_size=1, max_size=6).filter(any)), min_size=1, max_size=5
    ),
    st.sampled_from((NARROW, HALF)),
)
def test_nothing_covers_anything_else_in_the_bars(told_of: list[tuple[str, list[int]]], width: int) -> None:
    symbols = ("○", "◐", "▲", "●", "■", "?")
    splits = [
        Split(label, tuple(Figure(symbols[at], f"Status nummer {at}", count) for at, count in enumerate(counts)))
        for label, counts in told_of
    ]
    drawn = drawn_sources(splits, "Indsatser", ("1 indsats", "{count} indsatser"), "da", width)
    stands_well(drawn)
    picture = ET.fromstring(drawn)  # noqa: S314 - our own
    parts = bars(picture, "part")
    assert len(parts) == sum(1 for split in splits for one in split.figures if one.number)
    assert crossing(parts) == []
    assert all(0 <= left <= right <= width for _, (left, _, right, _) in parts)
    words = " ".join(one.text or "" for one in picture.iter(f"{SVG}text"))
    for split in splits:
        for one in split.figures:
            assert not one.number or in_words(one, "da") in words, "each figure stands in words in the drawing itself"


def test_what_people_call_units_is_text_and_nothing_else() -> None:
    rogue = Branch(1, "</text><script>alert(1)</script>\x07 & co.", 0, 1, 2)
    picture = ET.fromstring(drawn_tree((rogue,), "da"))  # noqa: S314 - our own
    assert f"{SVG}script" not in {one.tag for one in picture.iter()}


def test_a_long_name_ends_in_an_ellipsis_within_its_room() -> None:
    assert fitted("PPR", 100, 13) == "PPR"
    cut = fitted("Den selvejende børnehave Havgården", 100, 13)
    assert cut.endswith("…")
    assert width_of(cut, 13) <= 100
