"""Who imports whom, read from the code without running it, and drawn as Mermaid.

`python tests/rooms.py` prints the drawings between their markers; `python tests/rooms.py docs/architecture.md` puts them into a
page that has the markers. Sees every import, also inside functions and under TYPE_CHECKING, and `import_module("literal")`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ROOMS: Final = ("bot", "cards", "store", "dialogs")

BEGIN: Final = "<!-- rooms: drawn by `python tests/rooms.py docs/architecture.md` -->"
END: Final = "<!-- /rooms -->"


@dataclass(frozen=True, slots=True)
class Module:
    """One file of ours: `imports` are absolute dotted names, `reads` is every dotted name that comes from an import."""

    name: str
    imports: frozenset[str]
    reads: frozenset[str]

    @property
    def room(self) -> str:
        """The package at the top."""
        return self.name.partition(".")[0]


def read_rooms(root: Path = ROOT) -> dict[str, Module]:
    """Return every module of the rooms by its dotted name."""
    files = sorted(path for room in ROOMS for path in (root / room).rglob("*.py"))
    return {module.name: module for module in (read_module(path.relative_to(root), path.read_text()) for path in files)}


def read_module(path: Path, source: str) -> Module:
    """Read one file; its path is relative to the folder of the rooms."""
    parts = path.with_suffix("").parts
    package = parts[:-1]
    name = ".".join(package if parts[-1] == "__init__" else parts)
    tree = ast.parse(source, str(path))
    origins = {local: origin for node in ast.walk(tree) for local, origin in _bound_by(node, package)}
    imports = {origin for node in ast.walk(tree) for origin in _imported_by(node, package)}
    reads = {".".join(dotted) for node in ast.walk(tree) for dotted in _read_by(node, origins)}
    return Module(name, frozenset(imports), frozenset(reads | imports))


def _source_of(node: ast.ImportFrom, package: tuple[str, ...]) -> str:
    above = package[: len(package) - node.level + 1] if node.level else ()
    return ".".join((*above, *((node.module,) if node.module else ())))


def _imported_by(node: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(names=names):
            yield from (f"{_source_of(node, package)}.{alias.name}" for alias in names)
        case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=[ast.Constant(value=str(name)), *_]):
            if called in {"import_module", "__import__"}:
                yield name
        case _:
            pass


def _bound_by(node: ast.AST, package: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Import(names=names):
            for alias in names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        case ast.ImportFrom(names=names):
            yield from ((alias.asname or alias.name, f"{_source_of(node, package)}.{alias.name}") for alias in names)
        case _:
            pass


def _read_by(node: ast.AST, origins: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Yield `datetime.datetime.now` for `clock.now` after `from datetime import datetime as clock`."""
    steps: list[str] = []
    while isinstance(node, ast.Attribute):
        steps.insert(0, node.attr)
        node = node.value
    if steps and isinstance(node, ast.Name) and node.id in origins:
        yield (origins[node.id], *steps)


def ours(imported: str, modules: Mapping[str, Module]) -> str | None:
    """Return which module of ours an import names: `store.tables` for `store.tables.person`; None for others' code."""
    while imported:
        if imported in modules:
            return imported
        imported = imported.rpartition(".")[0]
    return None


def edges(modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """Return for every module the modules of ours that it imports."""
    return {
        module.name: {other for name in module.imports if (other := ours(name, modules))} - {module.name}
        for module in modules.values()
    }


# --- drawings ---------------------------------------------------------------------------------------------------------------


def draw_rooms(modules: Mapping[str, Module]) -> str:
    """Return the rooms and who imports whom."""
    arrows = {
        (source.partition(".")[0], target.partition(".")[0])
        for source, targets in edges(modules).items()
        for target in targets
    }
    return _mermaid([f"    {source} --> {target}" for source, target in sorted(arrows) if source != target])


def draw_room(room: str, modules: Mapping[str, Module]) -> str:
    """Return one room's modules, and the other rooms they lean on."""
    lines = []
    for source, targets in sorted(edges(modules).items()):
        if source.partition(".")[0] == room and source != room:
            inside = {target for target in targets if target.startswith(f"{room}.")}
            outside = {target.partition(".")[0] for target in targets if target.partition(".")[0] != room}
            lines.append(f"    {_node(source, room)}")
            lines += [f"    {_id(source)} --> {_id(target)}" for target in sorted(inside)]
            lines += [f"    {_id(source)} -.-> {target}([{target}])" for target in sorted(outside)]
    return _mermaid(lines)


def _mermaid(lines: list[str]) -> str:
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"])


def _id(module: str) -> str:
    return module.replace(".", "_")


def _node(module: str, room: str) -> str:
    return f'{_id(module)}["{module.removeprefix(f"{room}.")}"]'


def drawn(modules: Mapping[str, Module]) -> str:
    """Return the whole block between its markers, as it stands in docs/architecture.md."""
    rooms = [f"### {room}\n\n{draw_room(room, modules)}" for room in ROOMS]
    return "\n\n".join([BEGIN, draw_rooms(modules), *rooms, END])


def redrawn(page: str, modules: Mapping[str, Module]) -> str:
    """Return the page with its block as the code is now; a page without the markers is a ValueError."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs the lines {BEGIN} and {END}")
    return f"{before}{drawn(modules)}{after}"


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.stdout.write(f"{drawn(read_rooms())}\n")
    for name in sys.argv[1:]:
        Path(name).write_text(redrawn(Path(name).read_text(encoding="utf-8"), read_rooms()), encoding="utf-8")
