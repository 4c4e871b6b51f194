"""Units by what people call them: a name, a code, a part of a name, or something like it.

Promises: looks among one's own units alone, so that a name outside them is answered as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from store.overview import Node
from store.work import Work

SUGGESTED = 8


@dataclass(frozen=True, slots=True)
class Called:
    """The units with a name; `is_exact` when it is their whole name or code, and `near` when there are only others like it."""

    units: tuple[Node, ...]
    is_exact: bool
    near: tuple[Node, ...] = ()


def called(work: Work, tops: Sequence[Node], words: str, *, nearly: bool = True) -> Called:
    """What is called so among some units and those below them, or nearly so where that is asked for: it takes its time."""
    said = words.casefold().strip("»«\"' ")
    within = work.overview.within([one.id for one in tops])
    exact = tuple(node for node, code in within if said in {node.name.casefold(), code.casefold()})
    parts = exact or tuple(node for node, _ in within if said in node.name.casefold())
    if parts or not nearly:
        return Called(parts, bool(exact))
    like = get_close_matches(said, {node.name.casefold() for node, _ in within}, SUGGESTED, 0.6)
    near = tuple(node for name in like for node, _ in within if node.name.casefold() == name)
    return Called((), is_exact=False, near=near[:SUGGESTED])
