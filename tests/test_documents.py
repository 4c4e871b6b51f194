"""What is written beside the code, held to it: documents, commands, settings, texts, and what may be committed at all."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
import shutil
import string
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

import pytest
import yaml
from jinja2 import Environment, meta

from bot.cli import parser
from bot.main import main
from bot.settings import NAMES
from tests.rooms import ROOT
from tests.test_rooms import SAY_NOTHING

DOCUMENTS: Final = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
WRITTEN: Final = {page: page.read_text(encoding="utf-8") for page in DOCUMENTS}
EVERYTHING: Final = "\n".join(WRITTEN.values())
TEXTS: Final = ROOT / "cards" / "texts"
LANGUAGES: Final = ("da", "en")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def files_of(*folders: str, ending: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob(f"*.{ending}"))


# --- commands and settings -----------------------------------------------------------------------------------------------------


def taken_by(command: argparse.ArgumentParser) -> list[argparse.Action]:
    return command._actions  # noqa: SLF001 - argparse has no public way to ask


def commands(of: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every command that does something, those inside commands too."""
    inner = [action.choices for action in taken_by(of) if isinstance(action.choices, dict)]
    if not inner:
        yield of
    for choices in inner:
        for command in choices.values():
            yield from commands(command)


def options(command: argparse.ArgumentParser) -> list[str]:
    found = {option for action in taken_by(command) for option in action.option_strings}
    return sorted(found - {"-h", "--help"})


@pytest.mark.parametrize("command", list(commands(parser("da"))), ids=lambda command: str(command.prog))
def test_every_command_is_documented_with_all_it_takes(command: argparse.ArgumentParser) -> None:
    row = re.search(rf"^\| `{re.escape(command.prog)}` \|.*$", WRITTEN[ROOT / "docs" / "operations.md"], re.MULTILINE)
    assert row, f"docs/operations.md has no row for {command.prog}"
    assert [option for option in options(command) if f"`{option}`" not in row[0]] == []


def test_what_stands_before_every_command_is_documented() -> None:
    assert [option for option in options(parser("da")) if f"`{option}" not in EVERYTHING] == []


def test_every_setting_is_documented() -> None:
    read = {name for path in files_of("bot", "cards", "store", "dialogs", ending="py") for name in settings_in(path)}
    assert set(NAMES) <= read
    page = WRITTEN[ROOT / "docs" / "operations.md"]
    assert [name for name in sorted(read) if f"| `{name}` |" not in page] == []


def test_every_setting_of_the_tests_is_documented() -> None:
    read = {name for path in files_of("tests", ending="py") for name in settings_in(path) if "_TEST_" in name}
    inside = {"DIALOGBOT_TEST_FOLDER"}  # set by the run itself, for its workers
    assert [name for name in sorted(read - inside) if name not in EVERYTHING] == []


def test_no_setting_is_documented_that_is_not_there() -> None:
    read = {name for path in files_of("bot", "tests", ending="py") for name in settings_in(path)}
    assert set(re.findall(r"DIALOGBOT_[A-Z_]+", EVERYTHING)) - read == set()


def settings_in(path: Path) -> set[str]:
    """The settings a file names in words of their own; not in a sentence."""
    return {text for text in strings_in(path) if re.fullmatch(r"DIALOGBOT_[A-Z_]+", text)}


@cache
def strings_in(path: Path) -> frozenset[str]:
    """Every text in a file's code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(node.value for node in nodes if isinstance(node.value, str))


# --- links and pictures -----------------------------------------------------------------------------------------------------------

LINK: Final = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCED: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def links() -> list[tuple[str, str]]:
    found = ((page, link) for page, text in WRITTEN.items() for link in LINK.findall(FENCED.sub("", text)))
    return [(name_of(page), link) for page, link in found if "://" not in link]


@pytest.mark.parametrize(("page", "link"), links(), ids=str)
def test_every_link_and_picture_leads_somewhere(page: str, link: str) -> None:
    target, _, anchor = link.partition("#")
    found = (ROOT / page).parent / target if target else ROOT / page
    assert found.exists(), f"{page} points to {link}"
    if anchor:
        assert anchor in anchors(found.read_text(encoding="utf-8")), f"{page} points to {link}"


def anchors(text: str) -> set[str]:
    """What the headings of a page are linked to as."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_decision_is_listed_and_says_what_it_must() -> None:
    listed = WRITTEN[ROOT / "docs" / "decisions" / "README.md"]
    for page, text in WRITTEN.items():
        if re.match(r"\d{4}-", page.name):
            assert f"({page.name})" in listed
            assert text.startswith(f"# {page.name[:4]} ")
            assert [part for part in ("Context", "Decision", "Price", "Revisit") if f"**{part}" not in text] == []


def test_the_readme_can_be_read_in_a_sitting() -> None:
    assert len(WRITTEN[ROOT / "README.md"].splitlines()) <= 150


# --- the commands in the README --------------------------------------------------------------------------------------------------

SAFE: Final = {("template",), ("import",), ("export",), ("models", "show"), ("models", "check"), ("manifest", "slack")}


def shell_lines(page: Path = ROOT / "README.md") -> list[str]:
    """The commands that a page tells its reader to write."""
    blocks = re.findall(r"^```sh\n(.*?)^```", WRITTEN[page], re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def asked_for(line: str) -> tuple[dict[str, str], list[str]]:
    """The settings before a command, and the command."""
    words = shlex.split(line)
    settings = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    return settings, words[len(settings) :]


@pytest.mark.parametrize("line", shell_lines())
def test_every_command_in_the_readme_is_one_that_there_is(line: str) -> None:
    settings, (program, *arguments) = asked_for(line)
    assert set(settings) <= set(NAMES)
    match program:
        case "make":
            targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            assert set(arguments) <= set(targets)
        case "dialogbot" if "--help" not in arguments:
            assert parser("da").parse_args(arguments).command
        case _:
            assert program == "dialogbot"


def test_the_readme_names_the_commands_everything_begins_with() -> None:
    assert {"make demo", "make test"} <= set(shell_lines())


def test_what_is_safe_to_try_in_the_readme_works_in_the_order_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "vores-modeller").mkdir()
    tried = 0
    for line in shell_lines():
        settings, (program, *arguments) = asked_for(line)
        if program == "dialogbot" and not settings and is_safe(arguments):
            assert outcome(arguments) == 0, f"{line}\n{capsys.readouterr().err}"
            assert capsys.readouterr().out or arguments[0] in {"template", "export"}, line
            tried += 1
    assert tried > len(SAFE)


def is_safe(arguments: list[str]) -> bool:
    return "--help" in arguments or tuple(arguments[:1]) in SAFE or tuple(arguments[:2]) in SAFE


def outcome(arguments: list[str]) -> object:
    try:
        return main(arguments)
    except SystemExit as left:  # --help leaves on its own
        return left.code


# --- texts ----------------------------------------------------------------------------------------------------------------------

# Said by nobody yet. A key leaves this list when it is used or goes.
WAITING: Final[dict[str, set[str]]] = {
    one: set() for one in ("calendar", "cli", "doctor", "picture", "reports", "web", "")
}
SENTENCES: Final = ("", "reports")  # those that are Jinja2
SETS: Final = tuple(WAITING)
JINJA: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
BY_ACCIDENT: Final = ("the", "and", "please", "click")


def sentences(about: str, language: str) -> Mapping[str, str]:
    name = f"{about}.{language}.yaml" if about else f"{language}.yaml"
    found: dict[str, str] = yaml.safe_load((TEXTS / name).read_text(encoding="utf-8"))
    return found


def parameters(about: str, sentence: str) -> set[str]:
    if about not in SENTENCES:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
    environment = Environment(autoescape=True)
    environment.filters |= dict.fromkeys(
        ("plural", "first", "channel", "weekday", "date", "month", "quoted", "listed", "number"), str
    )
    return meta.find_undeclared_variables(environment.parse(sentence))


def without_parameters(sentence: str) -> str:
    return re.sub(r"\{[^{}]*\}", " ", JINJA.sub(" ", sentence))


@pytest.mark.parametrize("about", SETS)
def test_both_languages_say_the_same_things_of_the_same_parameters(about: str) -> None:
    danish, english = (sentences(about, language) for language in LANGUAGES)
    assert list(danish) == list(english), "the same keys, in the same order"
    differing = [key for key in danish if parameters(about, danish[key]) != parameters(about, english[key])]
    assert differing == []


@pytest.mark.parametrize("about", SETS)
def test_every_sentence_is_said_somewhere(about: str) -> None:
    whole, begun = said_in_the_code()
    templates = {word for path in (ROOT / "bot" / "web").iterdir() for word in re.findall(r"\w+", path.read_text())}
    said = whole | templates if about == "web" else whole
    unsaid = {key for key in sentences(about, "da") if key not in said and not key.startswith(begun)}
    assert unsaid == WAITING[about] & set(sentences(about, "da"))


@cache
def said_in_the_code() -> tuple[frozenset[str], tuple[str, ...]]:
    """Every text in the code that shows, and what computed keys begin with, such as `problem.` of f"problem.{key}"."""
    paths = files_of("bot", "cards", ending="py")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    computed = [node.values[0] for tree in trees for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    begun = {str(part.value) for part in computed if isinstance(part, ast.Constant)}
    keys = {text for text in begun if re.fullmatch(r"[a-z]+(?:_[a-z]+)*[._]", text)}
    return frozenset().union(*map(strings_in, paths)), tuple(sorted(keys))


@pytest.mark.parametrize("about", SETS)
def test_danish_is_danish(about: str) -> None:
    pattern = re.compile(rf"\b(?:{'|'.join(BY_ACCIDENT)})\b", re.IGNORECASE)
    found = [key for key, text in sentences(about, "da").items() if pattern.search(without_parameters(text))]
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("about", SETS)
def test_nobody_is_shouted_at(about: str, language: str) -> None:
    found = [key for key, text in sentences(about, language).items() if "!" in without_parameters(text)]
    assert found == []


# --- what may be committed ---------------------------------------------------------------------------------------------------------

# Written in two parts, so that this file does not name them.
HOSTS: Final = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("crates", "io"),
        ("debian", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
    )
)
HOMES: Final = re.compile(r"/(?:home|Users)/[A-Za-z][\w.-]*/|/roo[t]/|[A-Z]:\\\\?Users\\")
HERE: Final = re.compile(rf"(?<![\w.}}>-]){re.escape(str(ROOT))}(?![\w.-])")

Kind = Literal["host", "path"]


def committed() -> list[Path]:
    """Every file that git keeps here."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("no clone to look through")
    # A clone may belong to somebody else than who runs the tests.
    listed = subprocess.run(
        [git, "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def named_in(text: str) -> dict[Kind, list[str]]:
    return {
        "host": [host for host in HOSTS if host in text],
        "path": [match[0] for pattern in (HOMES, HERE) for match in pattern.finditer(text)],
    }


def test_no_committed_file_names_a_registry_or_a_path_of_this_machine() -> None:
    texts = {path: path.read_bytes().decode("utf-8", "ignore") for path in committed()}
    found = {name_of(path): names for path, text in texts.items() if any((names := named_in(text)).values())}
    assert found == {}


@pytest.mark.parametrize("text", [f"https://{HOSTS[0]}/simple", "/home/" + "mette/dialogbot", str(ROOT / "README.md")])
def test_a_registry_or_a_path_would_be_found(text: str) -> None:
    assert any(named_in(text).values())


def test_every_file_of_code_is_named_after_what_it_does() -> None:
    assert [name_of(path) for path in committed() if path.suffix == ".py" and path.stem in SAY_NOTHING] == []
