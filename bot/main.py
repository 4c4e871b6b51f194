"""Where the process is put together: the command line is read, and what a command needs is loaded, opened and started.

Promises: nothing is loaded before a command needs it, so `dialogbot --help` answers at once and a channel's library is loaded only
where that channel is configured. Every mistake of the person ends in one sentence that says how to mend it, never in a traceback.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence

from bot.cli import language_of, parser
from cards.chrome import words

OK, FAILED, MISUSED = 0, 1, 2

Run = Callable[[Namespace, Mapping[str, str], Mapping[str, str]], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what it should, 1 when it could not, 2 when it was asked for wrongly."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = language_of(given)
    top = parser(language)
    asked = top.parse_args(given)
    if asked.version:
        return _version()
    if asked.command is None:
        top.print_help()
        return MISUSED
    said = words("cli", language)
    try:
        return _command(asked)(asked, said, os.environ)
    except KeyboardInterrupt:
        return OK
    except BrokenPipeError:  # what we wrote to has heard enough
        sys.stderr.close()
        return OK


def _version() -> int:
    from importlib.metadata import version

    print(f"dialogbot {version('dialogbot')}")
    return OK


def _command(asked: Namespace) -> Run:
    match asked.command:
        case "demo" | "run":
            from bot import serving

            return serving.demo if asked.command == "demo" else serving.run
        case "say":
            from bot import terminal

            return terminal.say
        case "models":
            from bot import desk

            return desk.check_models if asked.act == "check" else desk.show_models
        case "template" | "import" | "export" | "renew":
            from bot import desk

            does = {
                "template": desk.template,
                "import": desk.import_workbook,
                "export": desk.export,
                "renew": desk.renew,
            }
            return does[asked.command]
        case "generate":
            from bot import generating

            return generating.generate
        case "outbox":
            from bot import outgoing

            return outgoing.show
        case "plan":
            from bot import prospect

            return prospect.show
        case "calendar":
            from bot import almanac

            return almanac.show
        case "report":
            from bot import printing

            return printing.show
        case "manifest":
            return _manifest(asked)
        case "doctor":
            from bot import doctor

            return doctor.examine
    raise AssertionError(asked.command)


def _manifest(asked: Namespace) -> Run:
    if asked.platform == "teams":
        from bot import packing

        return packing.for_teams
    from bot import manifests

    return manifests.for_slack


if __name__ == "__main__":
    sys.exit(main())
