"""The command that writes a lesson for a learning platform."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from rnnviz.cli.options import add_choice, add_number, integer, print_line
from rnnviz.core.writing import writing
from rnnviz.formatting import format_bytes
from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.option_order import MAX_ORDER_SEED


def add_lesson_command(commands: Any) -> None:
    """Add `rnnviz lesson` and its options."""
    parser = commands.add_parser(
        "lesson",
        usage="rnnviz lesson NAME --scorm PATH [options]",
        help="write a lesson for a learning platform",
        description="Write a lesson as a SCORM 1.2 package, which reports completion and score.",
    )
    parser.set_defaults(do=_write_lesson)
    parser.add_argument("lesson", metavar="NAME", help="the lesson's name in its address: gru")
    parser.add_argument("--scorm", required=True, metavar="PATH", help="a zip file to write")
    add_choice(parser, "--language", LANGUAGES, "language of the lesson")
    add_number(parser, "--seed", 1, "seed of the order of the options", integer(0, MAX_ORDER_SEED))


def _write_lesson(arguments: Namespace) -> None:
    # Lessons come with their figures, which whoever writes a trace need not load.
    from rnnviz.lessons.scorm import scorm_package

    package = scorm_package(arguments.lesson, arguments.language, arguments.seed)
    target = Path(arguments.scorm)
    with writing(target):
        target.write_bytes(package)
    print_line(f"{target}: {format_bytes(len(package))}")
