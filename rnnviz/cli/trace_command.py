"""The command that writes a trace to a file."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from rnnviz.cells import CELLS
from rnnviz.cli.options import add_choice, add_number, integer, print_line
from rnnviz.core.backend import BackendName
from rnnviz.core.checks import shown
from rnnviz.core.libraries import check_library
from rnnviz.core.sequence import Sequence
from rnnviz.core.writing import check_place, writing
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError, RnnvizError
from rnnviz.formatting import format_bytes
from rnnviz.inputs.decode import decode
from rnnviz.inputs.features import FillMethod
from rnnviz.inputs.parse import TextEncoding, TextKind, parse
from rnnviz.inputs.read import read_sequence
from rnnviz.inputs.table import Scale
from rnnviz.network.random_model import INITIALISATIONS, random_model

_EXAMPLES = """\
examples:
  rnnviz trace hello -o hello.npz
  rnnviz trace "the cat sat" --kind words --encoding embedding -o cat.csv
  rnnviz trace "0.1 0.5 0.9" --kind numbers --cell gru --units 4 -o numbers.npz
  rnnviz trace --file weather.csv --columns wind rain --scale standard -o weather.parquet
  echo hello | rnnviz trace - --layers 2 --bidirectional -o piped.npz

An .npz file opens again with rnnviz.Trace.load; .csv and .parquet hold a row per layer, batch row,
step and unit, a column per signal, and need pandas.
"""


def add_trace_command(commands: Any) -> None:
    """Add `rnnviz trace` and its options."""
    parser = commands.add_parser(
        "trace",
        usage="rnnviz trace (TEXT | - | --file PATH) -o PATH [options]",
        help="write a trace to a file, without the app",
        description="Run a network with seeded random weights and write all it computed.",
        epilog=_EXAMPLES,
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
    add_choice(group, "--kind", get_args(TextKind), "what one timestep of a text is")
    add_choice(group, "--encoding", get_args(TextEncoding), "how a token becomes numbers")
    group.add_argument("--columns", nargs="+", metavar="NAME", help="a table's columns to read")
    add_choice(group, "--scale", get_args(Scale), "how a table's columns are scaled", "none")
    add_choice(group, "--missing", get_args(FillMethod), "how its gaps are filled", "refuse")


def _add_network(group: argparse._ArgumentGroup) -> None:
    add_choice(group, "--cell", tuple(CELLS), "kind of cell", "lstm")
    add_number(group, "--units", 16, "units per layer", integer(1, 1_000_000))
    add_number(group, "--layers", 1, "layers", integer(1, 1_000))
    group.add_argument("--bidirectional", action="store_true", help="also read backwards")
    add_number(group, "--seed", 0, "seed of weights and embedding", integer(0, 2**63 - 1))
    add_choice(group, "--init", INITIALISATIONS, "how the weights are drawn")
    add_choice(group, "--backend", get_args(BackendName), "what computes")


def _write_trace(arguments: Namespace) -> None:
    target = Path(arguments.output)
    write = _writer(target)
    result = _run_trace(arguments)
    with writing(target):
        write(result, target)
    print_line(f"{target}: {_extent(result)}, {format_bytes(target.stat().st_size)}")


def _writer(target: Path) -> Callable[[Trace, Path], None]:
    if target.suffix.lower() not in _WRITERS:
        raise RnnvizError(
            "A trace is written to a file ending in {suffixes}, but “{name}” came; rename it.",
            suffixes=", ".join(_WRITERS),
            name=shown(target),
        )
    check_place(target)
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
    if sys.stdin is None:
        raise InputError(
            "Standard input is closed; give a text, or pipe one: `echo hello | rnnviz trace -`."
        )
    piped = decode("standard input", sys.stdin.buffer.read()).text
    # As in a shell's $(…), the line break that ends the last line is not part of the text.
    return piped.removesuffix("\n").removesuffix("\r")


def _save_parquet(trace: Trace, target: Path) -> None:
    check_library("pyarrow")
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
