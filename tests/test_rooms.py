"""The direction of the rooms, and the one place of everything that has one place."""

from __future__ import annotations

from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

from tests.rooms import BEGIN, END, ROOMS, ROOT, Module, draw_rooms, drawn, edges, read_module, read_rooms, redrawn

MAY_IMPORT: Final = {
    "bot": {"bot", "cards", "store", "dialogs"},
    "cards": {"cards", "dialogs"},
    "store": {"store", "dialogs"},
    "dialogs": {"dialogs"},
}

ONE_PLACE: Final = {
    "sqlalchemy": ("store",),
    "alembic": ("store",),
    "psycopg": ("store",),
    "slack_bolt": ("bot.channels.slack",),
    "slack_sdk": ("bot.channels.slack", "bot.channels.slack_workspace"),
    "botbuilder": ("bot.channels.teams",),
    "botframework": ("bot.channels.teams",),
    "msrest": ("bot.channels.teams",),
    "apscheduler": ("bot.serving",),
}

CLOCKS: Final = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.gmtime",
    "time.localtime",
    "time.time",
    "time.time_ns",
}
MAY_READ_THE_CLOCK: Final = {"bot.main", "bot.clock"}

SAY_NOTHING: Final = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}

MODULES: Final = read_rooms()


def stands_in(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def wrong_ways(modules: dict[str, Module]) -> list[str]:
    return [
        f"{source} imports {target}"
        for source, targets in edges(modules).items()
        for target in sorted(targets)
        if target.partition(".")[0] not in MAY_IMPORT[source.partition(".")[0]]
    ]


def out_of_place(modules: dict[str, Module]) -> list[str]:
    return [
        f"{module.name} imports {name}"
        for module in modules.values()
        for name in sorted(module.imports)
        if (places := ONE_PLACE.get(name.partition(".")[0])) and not stands_in(module.name, places)
    ]


def clock_readers(modules: dict[str, Module]) -> list[str]:
    return [
        f"{module.name} reads {name}"
        for module in modules.values()
        for name in sorted(module.reads & CLOCKS)
        if module.name not in MAY_READ_THE_CLOCK
    ]


# --- our code ---------------------------------------------------------------------------------------------------------------


def test_every_room_is_read() -> None:
    assert {module.room for module in MODULES.values()} == set(ROOMS)
    assert "store.tables" in MODULES


def test_rooms_lean_on_each_other_in_one_direction_only() -> None:
    assert wrong_ways(MODULES) == []


def test_no_module_leans_on_itself_through_others() -> None:
    TopologicalSorter(edges(MODULES)).prepare()  # raises CycleError, and names the circle


def test_every_framework_has_one_place() -> None:
    assert out_of_place(MODULES) == []


def test_time_is_an_argument_everywhere_but_where_the_process_is_put_together() -> None:
    assert clock_readers(MODULES) == []


def test_every_module_is_named_after_what_it_does() -> None:
    assert [name for name in MODULES if SAY_NOTHING & set(name.split("."))] == []


def test_the_drawings_in_the_architecture_page_are_of_this_code() -> None:
    for page in ROOT.glob("docs/architecture.md"):
        text = page.read_text(encoding="utf-8")
        assert redrawn(text, MODULES) == text, "python tests/rooms.py docs/architecture.md"


# --- the reading itself -----------------------------------------------------------------------------------------------------


def town(**sources: str) -> dict[str, Module]:
    files = {name.replace("__", "/"): source for name, source in sources.items()}
    modules = [read_module(Path(f"{path}.py"), source) for path, source in files.items()]
    return {module.name: module for module in modules}


@pytest.mark.parametrize(
    "source",
    [
        "import store.tables",
        "import store.tables as kept",
        "from store import tables",
        "from store.tables import person",
        "def late():\n    from store.tables import person",
        "if TYPE_CHECKING:\n    from store.tables import person",
        "from importlib import import_module\nimport_module('store.tables')",
    ],
)
def test_a_card_that_reads_the_tables_is_found_however_it_is_written(source: str) -> None:
    assert wrong_ways(town(cards__page=source, store__tables="")) == ["cards.page imports store.tables"]


def test_a_relative_import_is_read_as_the_module_it_means() -> None:
    modules = town(
        bot__channels__slack="from ..ports import Channel\nfrom . import web", bot__ports="", bot__channels__web=""
    )
    assert edges(modules)["bot.channels.slack"] == {"bot.ports", "bot.channels.web"}


@pytest.mark.parametrize("source", ["import sqlalchemy", "def f():\n    from sqlalchemy.exc import DBAPIError"])
def test_a_framework_outside_its_place_is_found(source: str) -> None:
    assert len(out_of_place(town(bot__service=source))) == 1
    assert out_of_place(town(store__work=source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\nnow = datetime.now()",
        "from datetime import datetime as moment, UTC\nnow = moment.now(UTC)",
        "import datetime as dt\nnow = dt.datetime.now",
        "import datetime\nday = datetime.date.today()",
        "import time\nseconds = time.time()",
        "from time import time",
    ],
)
def test_reading_the_clock_is_found_however_it_is_written(source: str) -> None:
    assert len(clock_readers(town(dialogs__rounds=source))) == 1
    assert clock_readers(town(bot__clock=source)) == []


def test_measuring_a_duration_is_not_reading_the_clock() -> None:
    assert clock_readers(town(bot__courier="import time\nbegan = time.monotonic()")) == []


def test_a_page_is_redrawn_between_its_markers_only() -> None:
    modules = town(bot__service="import store.work", store__work="")
    assert "bot --> store" in draw_rooms(modules)
    assert redrawn(f"# Above\n{BEGIN}\nold\n{END}\nbelow\n", modules) == f"# Above\n{drawn(modules)}\nbelow\n"
    with pytest.raises(ValueError, match="needs the lines"):
        redrawn("# No markers", modules)
