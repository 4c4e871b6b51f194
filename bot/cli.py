"""The command line: which commands there are, in Danish or English; nothing is done here.

Promises: answers `--help` without loading anything heavy; a mistake is told in the language asked for, with where to look.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn, cast

from cards.chrome import words
from cards.reports.report import Format, Kind
from dialogs.script import LANGUAGES

DEFAULT_PORT = 8010
PACKAGE = "dialogbot.zip"
USAGE_ERROR = 2


class _Format(argparse.HelpFormatter):
    """Help with its first word in the language asked for."""

    usage = ""

    def add_usage(self, usage, actions, groups, prefix=None) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """Say »Brug:« instead of argparse's own word."""
        super().add_usage(usage, actions, groups, self.usage if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser that speaks the language asked for, mistakes included."""

    said: Mapping[str, str]

    def error(self, message: str) -> NoReturn:
        """Tell what is wrong in the person's language, and leave with 2."""
        sys.stderr.write(f"{_mistake(message, self.said)}\n{self.said['parse.see'].format(command=self.prog)}\n")
        sys.exit(USAGE_ERROR)


_MISTAKES = (
    (re.compile(r"the following arguments are required: (?P<names>.+)"), "parse.missing"),
    (re.compile(r"unrecognized arguments: (?P<names>.+)"), "parse.unknown"),
    (re.compile(r".*invalid choice: '(?P<value>.*)' \(choose from (?P<choices>.*)\)"), "parse.choice"),
    (re.compile(r"one of the arguments (?P<names>.+) is required"), "parse.one_of"),
    (re.compile(r"argument (?P<name>.+): not allowed with argument (?P<other>.+)"), "parse.not_both"),
    (re.compile(r"argument (?P<name>.+): expected (?:one|at least one|\d+) arguments?"), "parse.value"),
    (re.compile(r"argument (?P<name>.+): invalid \w+ value: '(?P<value>.*)'"), "parse.value"),
)


def _mistake(message: str, said: Mapping[str, str]) -> str:
    for pattern, key in _MISTAKES:
        if match := pattern.fullmatch(message):
            return said[key].format(**{name: text.replace("'", "") for name, text in match.groupdict().items()})
    return said["parse.other"].format(message=message)


def language_of(arguments: Sequence[str]) -> str:
    """The language asked for anywhere on the line: the help itself must be in it."""
    for number, argument in enumerate(arguments):
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else ""
        if argument == "--lang" and number + 1 < len(arguments):
            value = arguments[number + 1]
        if value in LANGUAGES:
            return value
    return LANGUAGES[0]


def parser(language: str) -> Parser:
    """The whole command line in a language."""
    said = words("cli", language)
    maker = _Maker(said)
    top = maker.parser("dialogbot", said["about"], epilog=said["more"])
    top.add_argument("--lang", choices=LANGUAGES, default=language, help=said["lang"])
    top.add_argument("--version", action="store_true", help=said["version"])
    commands = top.add_subparsers(
        dest="command", metavar=said["command"], title=said["commands"], parser_class=cast("type[Parser]", maker.sub)
    )
    _demo(maker, commands)
    maker.command(commands, "run")
    say = maker.command(commands, "say")
    say.add_argument("--as", dest="email", required=True, metavar="E-MAIL", help=said["say.as"])
    say.add_argument("--json", action="store_true", help=said["json"])
    _workbooks(maker, commands)
    _models(maker, commands)
    _calendar(maker, commands)
    _plan(maker, commands)
    _report(maker, commands)
    _manifests(maker, commands)
    _outbox(maker, commands)
    _generate(maker, commands)
    doctor = maker.command(commands, "doctor")
    doctor.add_argument("--json", action="store_true", help=said["json"])
    return top


_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse gives the type no public name


class _Maker:
    """Makes parsers that all speak the same language."""

    def __init__(self, said: Mapping[str, str]) -> None:
        self.said = said
        self._format = cast("type[_Format]", type("Format", (_Format,), {"usage": said["usage"]}))

    def parser(self, name: str, about: str, epilog: str = "") -> Parser:
        """A parser whose headings and help are in the language asked for."""
        made = Parser(prog=name, description=about, epilog=epilog, formatter_class=self._format, add_help=False)
        made.said = self.said
        made._positionals.title = self.said["arguments"]  # noqa: SLF001 - argparse translates only by gettext's own files
        made._optionals.title = self.said["options"]  # noqa: SLF001
        made.add_argument("-h", "--help", action="help", help=self.said["help"])
        return made

    def sub(self, prog: str, about: str = "", **_: object) -> Parser:
        """A command's parser, as argparse asks for it."""
        return self.parser(prog, about)

    def command(self, commands: _Commands[Parser], name: str, key: str = "") -> Parser:
        """Add a command, with its line in the overview and on top of its own help."""
        about = self.said[key or name]
        return commands.add_parser(name, help=about, about=about)


def _demo(maker: _Maker, commands: _Commands[Parser]) -> None:
    said = maker.said
    demo = maker.command(commands, "demo")
    demo.add_argument("--port", type=int, metavar="PORT", help=said["demo.port"].format(port=DEFAULT_PORT))
    demo.add_argument("--today", metavar="DATO" if said["command"] == "KOMMANDO" else "DATE", help=said["demo.today"])
    demo.add_argument("--fresh", action="store_true", help=said["demo.fresh"])
    demo.add_argument("--no-browser", action="store_true", help=said["demo.no_browser"])


def _workbooks(maker: _Maker, commands: _Commands[Parser]) -> None:
    said = maker.said
    for name in ("template", "export"):
        command = maker.command(commands, name)
        command.add_argument("workbook", type=Path, help=said["workbook"])
        command.add_argument("--force", action="store_true", help=said["workbook.force"])
    renew = maker.command(commands, "renew")
    renew.add_argument("workbook", type=Path, help=said["workbook"])
    day = "DATO" if said["command"] == "KOMMANDO" else "DATE"
    renew.add_argument("--starts", required=True, metavar=day, help=said["renew.starts"])
    renew.add_argument("--ends", required=True, metavar=day, help=said["renew.ends"])
    renew.add_argument("--force", action="store_true", help=said["workbook.force"])
    reads = maker.command(commands, "import")
    reads.add_argument("workbook", type=Path, help=said["workbook"])
    reads.add_argument("--dry-run", action="store_true", help=said["import.dry_run"])
    reads.add_argument("--json", action="store_true", help=said["json"])


def _generate(maker: _Maker, commands: _Commands[Parser]) -> None:
    said = maker.said
    made = maker.command(commands, "generate")
    made.add_argument("workbook", type=Path, nargs="?", help=said["workbook"])
    made.add_argument("--units", type=int, required=True, metavar="N", help=said["generate.units"])
    made.add_argument("--seed", type=int, default=1, metavar="S", help=said["generate.seed"])
    made.add_argument("--database", action="store_true", help=said["generate.database"])
    made.add_argument("--force", action="store_true", help=said["workbook.force"])


def _outbox(maker: _Maker, commands: _Commands[Parser]) -> None:
    said = maker.said
    is_danish = said["command"] == "KOMMANDO"
    outbox = maker.command(commands, "outbox")
    outbox.add_argument("--state", choices=("failed", "dead", "skipped", "planned", "sent"), help=said["outbox.state"])
    outbox.add_argument("--since", metavar="DATO" if is_danish else "DATE", help=said["outbox.since"])
    outbox.add_argument("--person", metavar="PERSON", help=said["outbox.person"])
    outbox.add_argument("--unit", metavar="ENHED" if is_danish else "UNIT", help=said["outbox.unit"])
    again = outbox.add_mutually_exclusive_group()
    again.add_argument("--retry", type=int, nargs="+", metavar="ID", help=said["outbox.retry"])
    again.add_argument("--retry-dead", action="store_true", help=said["outbox.retry_dead"])
    outbox.add_argument("--json", action="store_true", help=said["json"])


def _models(maker: _Maker, commands: _Commands[Parser]) -> None:
    said = maker.said
    models = maker.command(commands, "models")
    does = models.add_subparsers(
        dest="act",
        metavar=said["command"],
        title=said["commands"],
        required=True,
        parser_class=cast("type[Parser]", maker.sub),
    )
    check = maker.command(does, "check", "models.check")
    check.add_argument("folder", type=Path, help=said["models.folder"])
    check.add_argument("--json", action="store_true", help=said["json"])
    show = maker.command(does, "show", "models.show")
    show.add_argument("script", help=said["models.script"])
    show.add_argument("--model", help=said["models.model"])
    show.add_argument("--mermaid", action="store_true", help=said["models.mermaid"])


def _calendar(maker: _Maker, commands: _Commands[Parser]) -> None:
    said = maker.said
    shown = maker.command(commands, "calendar")
    shown.add_argument(
        "--year", type=int, metavar="ÅR" if said["command"] == "KOMMANDO" else "YEAR", help=said["calendar.year"]
    )
    shown.add_argument(
        "--unit", metavar="ENHED" if said["command"] == "KOMMANDO" else "UNIT", help=said["calendar.unit"]
    )
    shown.add_argument("--model", metavar="MODEL", help=said["calendar.model"])
    shown.add_argument("--ics", type=Path, metavar="ICS", help=said["calendar.ics"])
    shown.add_argument("--svg", type=Path, metavar="SVG", help=said["calendar.svg"])
    shown.add_argument("--force", action="store_true", help=said["workbook.force"])


def _plan(maker: _Maker, commands: _Commands[Parser]) -> None:
    said = maker.said
    ahead = maker.command(commands, "plan")
    is_danish = said["command"] == "KOMMANDO"
    day, unit = ("DATO", "ENHED") if is_danish else ("DATE", "UNIT")
    ahead.add_argument("--from", dest="first", required=True, metavar=day, help=said["plan.from"])
    ahead.add_argument("--to", dest="last", required=True, metavar=day, help=said["plan.to"])
    ahead.add_argument("--unit", metavar=unit, help=said["plan.unit"])


def _report(maker: _Maker, commands: _Commands[Parser]) -> None:
    said = maker.said
    is_danish = said["command"] == "KOMMANDO"
    made = maker.command(commands, "report")
    made.add_argument(
        "kind",
        choices=[one.value for one in Kind],
        metavar="RAPPORT" if is_danish else "REPORT",
        help=said["report.kind"],
    )
    of = made.add_mutually_exclusive_group(required=True)
    of.add_argument("--year", type=int, metavar="ÅR" if is_danish else "YEAR", help=said["report.year"])
    of.add_argument("--template", type=Path, metavar="DOCX", help=said["report.template"])
    made.add_argument("--unit", metavar="ENHED" if is_danish else "UNIT", help=said["report.unit"])
    made.add_argument("--round", metavar="RUNDE" if is_danish else "ROUND", help=said["report.round"])
    made.add_argument("--format", choices=[one.value for one in Format], help=said["report.format"])
    made.add_argument("--out", type=Path, metavar="FIL" if is_danish else "FILE", help=said["report.out"])
    made.add_argument("--force", action="store_true", help=said["workbook.force"])


def _manifests(maker: _Maker, commands: _Commands[Parser]) -> None:
    said = maker.said
    manifest = maker.command(commands, "manifest")
    platforms = manifest.add_subparsers(
        dest="platform",
        metavar=said["manifest.platform"],
        title=said["manifest.platforms"],
        required=True,
        parser_class=cast("type[Parser]", maker.sub),
    )
    slack = maker.command(platforms, "slack", "manifest.slack")
    reached = slack.add_mutually_exclusive_group(required=True)
    reached.add_argument("--url", metavar="URL", help=said["manifest.url"])
    reached.add_argument("--socket-mode", action="store_true", help=said["manifest.socket_mode"])
    teams = maker.command(platforms, "teams", "manifest.teams")
    teams.add_argument(
        "--out", type=Path, default=Path(PACKAGE), metavar="ZIP", help=said["manifest.out"].format(out=PACKAGE)
    )
    teams.add_argument("--url", required=True, metavar="URL", help=said["manifest.address"])
    for page in ("website", "privacy", "terms"):
        teams.add_argument(f"--{page}", default="", metavar="URL", help=said[f"manifest.{page}"])
    teams.add_argument("--force", action="store_true", help=said["workbook.force"])
