"""The command line: start the app, or write a trace without a browser."""

from __future__ import annotations

import argparse
import runpy
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import Any, get_args

from rnnviz.cells import CELLS
from rnnviz.core.backend import BackendName
from rnnviz.core.checks import shown
from rnnviz.core.resources import app_file
from rnnviz.core.sequence import Sequence
from rnnviz.core.writing import writing
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError, MissingLibraryError, RnnvizError
from rnnviz.i18n import LANGUAGES
from rnnviz.inputs.decode import decode
from rnnviz.inputs.features import FillMethod
from rnnviz.inputs.parse import TextEncoding, TextKind, parse
from rnnviz.inputs.read import read_sequence
from rnnviz.inputs.table import Scale
from rnnviz.network.random_model import INITIALISATIONS, random_model

_EXAMPLES = """\
examples:
  rnnviz                           start the app and open it in a browser
  rnnviz --port 8600 --headless    serve it on port 8600 and open no browser
  rnnviz trace hello -o hello.npz  write every gate and state for a text
  rnnviz trace --help              more of these
  rnnviz lesson gru --scorm gru.zip   a lesson for a learning platform
"""
_TRACE_EXAMPLES = """\
examples:
  rnnviz trace hello -o hello.npz
  rnnviz trace "the cat sat" --kind words --encoding embedding -o cat.csv
  rnnviz trace "0.1 0.5 0.9" --kind numbers --cell gru --units 4 -o numbers.npz
  rnnviz trace --file weather.csv --columns wind rain --scale standard -o weather.parquet
  echo hello | rnnviz trace - --layers 2 --bidirectional -o piped.npz

An .npz file opens again with rnnviz.Trace.load; .csv and .parquet hold a row per layer, batch row,
step and unit, a column per signal, and need pandas.
"""

_TOO_LARGE = (
    "The trace does not fit into memory; choose fewer units, fewer layers or a shorter input."
)
APP_MISSING, REFUSED, INTERRUPTED = 1, 2, 130


def main(argv: list[str] | None = None) -> int:
    """Exit status of a command line: 0 done, 1 no app, 2 refused, 130 interrupted by Ctrl-C."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal whose encoding has no × shows an escape in its place.
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(argv)
    try:
        arguments.do(arguments)
    except RnnvizError as error:
        print(f"rnnviz: {error}", file=sys.stderr)
        return APP_MISSING if arguments.do is _start_app else REFUSED
    except MemoryError:
        print(f"rnnviz: {_TOO_LARGE}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="rnnviz",
        usage="rnnviz [options] [COMMAND ...]",
        description="Open a recurrent network and see every gate and state at every timestep.",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.set_defaults(do=_start_app)
    parser.add_argument(
        "--version",
        action="store_const",
        dest="do",
        const=_show_version,
        help="show the version and stop",
    )
    parser.add_argument("--port", type=_integer(1, 65_535), help="serve the app on this port")
    parser.add_argument("--headless", action="store_true", help="open no browser")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_trace(commands)
    _add_lesson(commands)
    return parser


def _add_lesson(commands: Any) -> None:
    parser = commands.add_parser(
        "lesson",
        usage="rnnviz lesson NAME --scorm PATH [options]",
        help="write a lesson for a learning platform",
        description="Write a lesson as a SCORM 1.2 package, which reports completion and score.",
    )
    parser.set_defaults(do=_write_lesson)
    parser.add_argument("lesson", metavar="NAME", help="the lesson's name in its address: gru")
    parser.add_argument("--scorm", required=True, metavar="PATH", help="a zip file to write")
    _add_choice(parser, "--language", LANGUAGES, "language of the lesson")
    _add_number(parser, "--seed", 1, "seed of the order of the options", _integer(0, 9_999))


def _add_trace(commands: Any) -> None:
    parser = commands.add_parser(
        "trace",
        usage="rnnviz trace (TEXT | - | --file PATH) -o PATH [options]",
        help="write a trace to a file, without the app",
        description="Run a network with seeded random weights and write all it computed.",
        epilog=_TRACE_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.set_defaults(do=_write_trace)
    _add_input(parser.add_argument_group("input"))
    _add_network(parser.add_argument_group("network"))
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="PATH",
        help=f"a file ending in {', '.join(_WRITERS)}",
    )


def _add_input(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "text", nargs="?", metavar="TEXT", help="what the network reads; - for standard input"
    )
    group.add_argument("--file", metavar="PATH", help="a text, a table or an array instead")
    _add_choice(group, "--kind", get_args(TextKind), "what one timestep of a text is")
    _add_choice(group, "--encoding", get_args(TextEncoding), "how a token becomes numbers")
    group.add_argument("--columns", nargs="+", metavar="NAME", help="a table's columns to read")
    _add_choice(group, "--scale", get_args(Scale), "how a table's columns are scaled", "none")
    _add_choice(group, "--missing", get_args(FillMethod), "how its gaps are filled", "refuse")


def _add_network(group: argparse._ArgumentGroup) -> None:
    _add_choice(group, "--cell", tuple(CELLS), "kind of cell", "lstm")
    _add_number(group, "--units", 16, "units per layer", _integer(1, 1_000_000))
    _add_number(group, "--layers", 1, "layers", _integer(1, 1_000))
    group.add_argument("--bidirectional", action="store_true", help="also read backwards")
    _add_number(group, "--seed", 0, "seed of weights and embedding", _integer(0, 2**63 - 1))
    _add_choice(group, "--init", INITIALISATIONS, "how the weights are drawn")
    _add_choice(group, "--backend", get_args(BackendName), "what computes")


def _add_choice(
    group: argparse._ActionsContainer,
    option: str,
    choices: tuple[str, ...],
    meaning: str,
    default: str = "",
) -> None:
    chosen = default or choices[0]
    text = f"{meaning}: {', '.join(choices)} (default: {chosen})"
    group.add_argument(option, choices=choices, default=chosen, metavar="NAME", help=text)


def _add_number(
    group: argparse._ActionsContainer, option: str, default: int, meaning: str, kind: Any
) -> None:
    text = f"{meaning} (default: {default})"
    group.add_argument(option, type=kind, default=default, metavar="N", help=text)


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse_integer(text: str) -> int:
        if not text.isdecimal() or len(text) > 20 or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"a whole number from {low} to {high} is wanted")
        return int(text)

    return parse_integer


def _write_lesson(arguments: Namespace) -> None:
    # Lessons come with their figures, which whoever writes a trace need not load.
    from rnnviz.lessons.scorm import scorm_package

    package = scorm_package(arguments.lesson, arguments.language, arguments.seed)
    target = Path(arguments.scorm)
    with writing(target):
        target.write_bytes(package)
    print(f"{target}: {_size(len(package))}")


def _show_version(arguments: Namespace) -> None:
    print(f"rnnviz {version('rnnviz')}")


def _start_app(arguments: Namespace) -> None:
    if find_spec("streamlit") is None:
        raise MissingLibraryError(
            "The app needs {package}, which is not installed; run `pip install {package}`.",
            package="streamlit",
        )
    port = ["--server.port", str(arguments.port)] if arguments.port else []
    headless = ["--server.headless", "true"] if arguments.headless else []
    # Streamlit reads .streamlit/config.toml beside the script, so the app's settings hold here too.
    sys.argv = ["streamlit", "run", str(app_file()), *port, *headless]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def _write_trace(arguments: Namespace) -> None:
    target = Path(arguments.output)
    write = _writer(target)
    result = _run_trace(arguments)
    with writing(target):
        write(result, target)
    print(f"{target}: {_extent(result)}, {_size(target.stat().st_size)}")


def _writer(target: Path) -> Callable[[Trace, Path], None]:
    if target.suffix.lower() not in _WRITERS:
        raise RnnvizError(
            "A trace is written to a file ending in {suffixes}, but “{name}” came; rename it.",
            suffixes=", ".join(_WRITERS),
            name=shown(target),
        )
    if not target.parent.is_dir():
        raise RnnvizError(
            "“{folder}” should be a folder to write “{name}” in, but there is none;"
            " make it or choose another.",
            folder=shown(target.parent),
            name=shown(target.name),
        )
    return _WRITERS[target.suffix.lower()]


def _run_trace(arguments: Namespace) -> Trace:
    sequence = _sequence(arguments)
    model = random_model(
        arguments.cell,
        sequence.n_features,
        arguments.units,
        arguments.layers,
        bidirectional=arguments.bidirectional,
        seed=arguments.seed,
        init=arguments.init,
    )
    return trace(model, sequence, backend=arguments.backend)


def _sequence(arguments: Namespace) -> Sequence:
    if (arguments.text is None) == (arguments.file is None):
        raise InputError(
            "One input is wanted, a text, - for standard input or --file PATH, but {came} came.",
            came="none" if arguments.text is None else "a text and a file",
        )
    options = {"kind": arguments.kind, "encoding": arguments.encoding, "seed": arguments.seed}
    if arguments.file is None:
        return parse(_text(arguments.text), **options)
    return read_sequence(
        arguments.file,
        columns=arguments.columns,
        scale=arguments.scale,
        missing=arguments.missing,
        **options,
    )


def _text(text: str) -> str:
    if text != "-":
        return text
    piped = decode("standard input", sys.stdin.buffer.read()).text
    # As in a shell's $(…), the line break that ends the last line is not part of the text.
    return piped.removesuffix("\n").removesuffix("\r")


def _save_parquet(trace: Trace, target: Path) -> None:
    if find_spec("pyarrow") is None:
        raise MissingLibraryError(
            "This needs {package}, which is not installed; run `pip install {package}`.",
            package="pyarrow",
        )
    trace.to_frame().to_parquet(target, index=False)


_WRITERS: Mapping[str, Callable[[Trace, Path], None]] = {
    ".npz": lambda trace, target: trace.save(target),
    ".csv": lambda trace, target: trace.to_frame().to_csv(target, index=False),
    ".parquet": _save_parquet,
}


def _extent(trace: Trace) -> str:
    first = trace.layers[0]
    n_levels = len({layer.level for layer in trace.layers})
    always = {
        "step": trace.sequence.n_steps,
        "unit": first.n_units,
        "signal": len(first.signals),
    }
    several = {
        "row": trace.sequence.n_rows,
        "layer": n_levels,
        "direction": len(trace.layers) // n_levels,
    }
    counts = always | {noun: count for noun, count in several.items() if count > 1}
    return " × ".join(f"{n:,} {noun}{'' if n == 1 else 's'}" for noun, n in counts.items())


def _size(n_bytes: int) -> str:
    for unit, bound in (("B", 1e3), ("kB", 1e6), ("MB", 1e9)):
        if n_bytes < bound:
            return f"{n_bytes / bound * 1e3:.3g} {unit}"
    return f"{n_bytes / 1e9:.3g} GB"
