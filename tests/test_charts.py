"""Charts as the platforms draw them: beside the bars in text and never instead, within the limits, and never the end of a message.

When a chart is meant to look different:  DIALOGBOT_UPDATE_GOLDEN=1 python -m pytest tests/test_charts.py
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.ports import Sent
from bot.settings import Settings, read_settings
from cards import overview, slack, slack_limits, teams, teams_limits
from cards.card import Bar, Bars, Card, Title
from cards.charts import donut, pie
from cards.wording import texts
from tests.slackapi import Fault
from tests.test_slack_channel import METTE, Workspace, one_database
from tests.test_slack_channel import slack as workspace  # noqa: F401 - a fixture

FOLDER = Path(__file__).parent / "golden_charts"
UPDATE = os.environ.get("DIALOGBOT_UPDATE_GOLDEN") == "1"
STATUSES = (
    ("◐", "I gang, efter planen", 186),
    ("●", "Gennemført", 36),
    ("○", "Ikke startet", 0),
    ("▲", "Forsinket", 39),
)


def card() -> Card:
    """How two units stand."""
    goals = (overview.Figure("●", "Nået", 7), overview.Figure("◑", "Delvist nået", 9))
    view = overview.Overview(
        texts=texts("da"),
        title="Dagtilbud",
        today=date(2027, 3, 23),
        rounds=(overview.Round("Forårsdialog 2027", 1, 2, date(2027, 4, 1)),),
        statuses=tuple(overview.Figure(*one) for one in STATUSES),
        goals=goals,
    )
    return overview.shown(view)


def charts_of(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in blocks if one["type"] in {"data_visualization", "Chart.Donut"}]


def in_teams(*, charts: bool) -> list[dict[str, Any]]:
    (message,) = teams.render(card(), charts=charts)
    assert teams_limits.problems(message.card) == ()
    body: list[dict[str, Any]] = message.card["body"]
    return body


def in_slack(*, charts: bool) -> list[dict[str, Any]]:
    (message,) = slack.render(card(), charts=charts)
    assert slack_limits.problems(message.blocks) == ()
    return message.blocks


@pytest.mark.parametrize("platform", [in_slack, in_teams])
def test_a_chart_stands_beside_the_bars_in_text_and_only_where_it_is_asked_for(platform: Any) -> None:  # noqa: ANN401
    drawn, plain = platform(charts=True), platform(charts=False)
    assert len(charts_of(drawn)) == 2
    assert [one for one in drawn if one not in charts_of(drawn)] == plain, "the text is the same, bar for bar"
    assert "▰▰▰▰▰▰▰▱▱▱ ◐ 186 i gang, efter planen" in json.dumps(plain, ensure_ascii=False)


@pytest.mark.parametrize(("name", "platform"), [("slack", in_slack), ("teams", in_teams)])
def test_charts_are_those_that_were_looked_at(name: str, platform: Any) -> None:  # noqa: ANN401
    path, found = FOLDER / f"{name}.json", charts_of(platform(charts=True))
    if UPDATE:
        path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == found


def test_slack_is_given_two_charts_at_most() -> None:
    bars = Bars((Bar("3 gule", 3, "Gul"), Bar("4 blå", 4, "Blå")), 7, "Farver")
    (message,) = slack.render(Card("status", (Title("Farver"), bars, bars, bars), "Farver"), charts=True)
    assert len(charts_of(message.blocks)) == slack_limits.CHARTS
    assert slack_limits.problems(message.blocks) == ()


def test_a_card_that_is_too_long_with_its_charts_has_none() -> None:
    long = replace(card(), parts=(*card().parts, *(Title(f"Linje {number} " + "x" * 100) for number in range(44))))
    messages = slack.render(long, charts=True)
    assert messages == slack.render(long)
    assert not any(charts_of(message.blocks) for message in messages)


@pytest.mark.parametrize(
    "bars",
    [
        Bars((Bar("0", 0, "Ingen"),), 0, "Farver"),
        Bars((), 0, "Farver"),
        Bars((Bar("1", 1, "En"),), 1, " "),
        Bars((Bar("1", 1, ""),), 1, "Farver"),
        Bars(tuple(Bar(str(n), n, f"Farve {n}") for n in range(1, 8)), 28, "Farver"),
        Bars(tuple(Bar(str(n), n, f"En farve med langt navn {n}") for n in (1, 2)), 3, "Farver"),
    ],
)
def test_a_chart_that_slack_would_refuse_is_not_made(bars: Bars) -> None:
    assert pie(bars) is None


def test_a_chart_without_a_title_or_a_figure_is_not_made_in_teams() -> None:
    assert donut(Bars((Bar("1", 1, "En"),), 1)) is None
    assert donut(Bars((Bar("0", 0, "En"),), 0, "Farver")) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": ""}, "title must have 1 to 50 characters"),
        ({"title": "x" * 51}, "title must have 1 to 50 characters"),
        ({"chart": {"type": "radar"}}, "chart is none that we draw"),
        ({"chart": {"type": "pie", "segments": []}}, "0 segments, 1 to 6 allowed"),
        ({"chart": {"type": "pie", "segments": [{"label": "x" * 21, "value": 1}]}}, "label must have 1 to 20"),
        ({"chart": {"type": "pie", "segments": [{"label": "x", "value": 0}]}}, "must be above nought"),
        ({"chart": {"type": "pie", "segments": [{"label": "x", "value": 1}] * 2}}, "used twice"),
        ({"chart": {"type": "pie", "segments": [{"label": "x", "value": 1}], "hole": 1}}, "does not know hole"),
        ({"colour": "red"}, "does not know colour"),
    ],
)
def test_what_slack_would_refuse_of_a_chart_is_found(change: dict[str, Any], said: str) -> None:
    good = {
        "type": "data_visualization",
        "title": "Farver",
        "chart": {"type": "pie", "segments": [{"label": "x", "value": 1}]},
    }
    assert slack_limits.problems([good]) == ()
    assert said in "; ".join(slack_limits.problems([good | change]))
    assert "3 charts, at most 2" in slack_limits.problems([good] * 3)
    assert "does not belong" in "".join(slack_limits.problems([good], "home"))


@one_database
async def test_a_refused_chart_never_costs_the_message_and_is_not_tried_again(workspace: Workspace) -> None:  # noqa: F811
    workspace.channel._charts = True  # noqa: SLF001
    assert isinstance(await workspace.post(METTE, card(), "a"), Sent)
    workspace.api.faults["chat.postMessage"] = [Fault("invalid_blocks")]
    assert isinstance(await workspace.post(METTE, card(), "b"), Sent)
    assert isinstance(await workspace.post(METTE, card(), "c"), Sent)
    shown = [charts_of(told["blocks"]) for told in workspace.api.called("chat.postMessage")]
    assert [len(one) for one in shown] == [2, 2, 0, 0]


def test_charts_are_drawn_where_the_setting_says_so_and_nowhere_else() -> None:
    assert read_settings({"DIALOGBOT_CHARTS": "1"}) == Settings(charts=True)
    assert read_settings({}) == Settings(charts=False)
