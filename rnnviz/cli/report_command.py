"""The command that writes a report of a model on data."""

from __future__ import annotations

import argparse
import shlex
from argparse import Namespace, RawDescriptionHelpFormatter
from datetime import date
from pathlib import Path
from typing import Any, get_args

from rnnviz.analysis.telling_window import LEAST_WINDOW, MOST_WINDOW, WINDOW_STEPS
from rnnviz.cli.options import add_choice, add_number, integer, print_line, print_progress
from rnnviz.core.checks import shown
from rnnviz.errors import RnnvizError
from rnnviz.formatting import format_bytes
from rnnviz.i18n import LANGUAGES
from rnnviz.inputs.choices import chosen_format
from rnnviz.inputs.features import FillMethod
from rnnviz.inputs.table import Scale

_EXAMPLES = """\
examples:
  rnnviz report model.pt data.csv -o report.html
  rnnviz report model.pt data.csv --columns wind rain --scale standard -o report.html
  rnnviz report model.pt data.csv --answer activation=relu --language zh -o report.html
  rnnviz report characters.safetensors text.txt --predicts-next -o report.html

Columns are read in the order of the table, or in that of --columns. What the files leave open is
in the report, with the --answer and --read that choose otherwise.
"""
_STAGES = {"run": "running the model", "profile": "scoring steps", "relevance": "trying inputs"}


def add_report_command(commands: Any) -> None:
    """Add `rnnviz report` and its options."""
    parser = commands.add_parser(
        "report",
        usage="rnnviz report MODEL DATA -o PATH [options]",
        help="write a page about a model on data",
        description="Write one HTML page about a model on data: how sure its reading is, its"
        " health, how far back it remembers, which inputs matter, and the most telling window.",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.set_defaults(do=_write_report)
    parser.add_argument("model", metavar="MODEL", help="a model file, of PyTorch, Keras, ONNX, …")
    parser.add_argument("data", metavar="DATA", help="a table, a text or an array")
    parser.add_argument(
        "-o", "--output", required=True, metavar="PATH", help="a file.html to write"
    )
    add_choice(parser, "--language", LANGUAGES, "language of the page")
    _add_model(parser.add_argument_group("model"))
    _add_data(parser.add_argument_group("data"))
    steps = f"steps of the most telling window, {LEAST_WINDOW} to {MOST_WINDOW}"
    add_number(parser, "--window", WINDOW_STEPS, steps, integer(LEAST_WINDOW, MOST_WINDOW))


def _add_model(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--part", metavar="NAME", help="which of several recurrent networks")
    group.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="NAME=OPTION",
        help="the answer to what the model file leaves open",
    )
    group.add_argument(
        "--predicts-next",
        action="store_true",
        help="its outputs are its vocabulary's tokens, of which it predicts the next",
    )


def _add_data(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--columns", nargs="+", metavar="NAME", help="a table's columns to read")
    add_choice(group, "--scale", get_args(Scale), "how its columns are scaled", "none")
    add_choice(group, "--missing", get_args(FillMethod), "how its gaps are filled", "refuse")
    group.add_argument(
        "--read",
        action="append",
        default=[],
        metavar="NAME=OPTION",
        help="how the data file is written: decimal=, or dates='day first'",
    )


def _write_report(arguments: Namespace) -> None:
    # They come with readers and the page's parts, which no other command loads.
    from rnnviz.engine.open_model import open_model
    from rnnviz.reports.examination import examine
    from rnnviz.reports.input_file import TableOptions, read_input
    from rnnviz.reports.subject import ReportSubject
    from rnnviz.reports.write import check_target, open_questions, write_report

    target = check_target(arguments.output)
    _check_not_read(target, arguments.model, arguments.data)
    answers = dict(_pairs("--answer", arguments.answer))
    result = open_model(arguments.model, answers, arguments.part, bounded=True)
    columns = tuple(arguments.columns) if arguments.columns is not None else None
    how = chosen_format(_pairs("--read", arguments.read))
    options = TableOptions(columns, arguments.scale, arguments.missing, how)
    read = read_input(Path(arguments.data), result.model, options)
    found = examine(
        result.model,
        read.sequence,
        task=result.task,
        predicts_next=arguments.predicts_next,
        window=arguments.window,
        progress=_show_progress,
    )
    subject = ReportSubject(
        found,
        Path(arguments.model).name,
        read.name,
        result.certainty,
        result.report,
        open_questions(result),
        read.decisions,
        arguments.scale if read.is_table else "",
        shlex.join(("rnnviz", *arguments.typed)),
        date.today().isoformat(),
    )
    n_bytes = write_report(subject, target, arguments.language)
    print_line(f"{target}: {format_bytes(n_bytes)}")


def _check_not_read(target: Path, *read: str) -> None:
    for path in map(Path, read):
        if path.exists() and target.exists() and path.samefile(target):
            raise RnnvizError(
                "“{name}” is what the report is about, and would be replaced by it; choose another"
                " name.",
                name=shown(target),
            )


def _pairs(option: str, given: list[str]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in given]
    for (name, sign, _), text in zip(pairs, given, strict=True):
        if not name or not sign:
            raise RnnvizError(
                "{option} takes a name and an option, NAME=OPTION, but “{came}” came.",
                option=option,
                came=shown(text),
            )
    return [(name, value) for name, _, value in pairs]


def _show_progress(stage: str, done: float) -> None:
    print_progress(f"{_STAGES[stage]}: {done:4.0%}", done >= 1)
