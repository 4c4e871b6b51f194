"""Charts as the platforms draw them themselves, beside the bars in text, which stand everywhere.

Promises: a chart repeats figures that stand in words and adds none; one that a platform would refuse is not made. Slack's are the
`data_visualization` blocks of docs.slack.dev/reference/block-kit, Teams' the `Chart.Donut` of its Adaptive Cards, which a client
that cannot draw it leaves out.
"""

from __future__ import annotations

from typing import Any

from cards.card import Bars
from cards.slack_limits import CHART_LABEL, CHART_TITLE, SEGMENTS, cut


def pie(chart: Bars) -> dict[str, Any] | None:
    """Slack's block; None where it has no title, nothing to show, more than Slack takes, or two labels that are the same once cut."""
    segments = [{"label": cut(bar.label, CHART_LABEL), "value": bar.number} for bar in chart.bars if bar.number > 0]
    labels = {str(one["label"]).strip() for one in segments}
    if not chart.title.strip() or not 1 <= len(segments) <= SEGMENTS or len(labels - {""}) != len(segments):
        return None
    title = cut(chart.title, CHART_TITLE)
    return {"type": "data_visualization", "title": title, "chart": {"type": "pie", "segments": segments}}


def donut(chart: Bars) -> dict[str, Any] | None:
    """Teams' element, left out where it cannot be drawn; None where it has no title or nothing to show."""
    data = [{"legend": bar.label, "value": bar.number} for bar in chart.bars if bar.number > 0 and bar.label.strip()]
    if not chart.title.strip() or not data:
        return None
    return {"type": "Chart.Donut", "title": chart.title, "data": data, "fallback": "drop"}
