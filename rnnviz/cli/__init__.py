"""The command line: start the app, or write a trace, a lesson, a report, a scan or a site."""

from __future__ import annotations

import os
import runpy
import sys
import warnings
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from rnnviz.cli.corpus_command import add_corpus_command
from rnnviz.cli.lesson_command import add_lesson_command
from rnnviz.cli.options import integer, print_line
from rnnviz.cli.report_command import add_report_command
from rnnviz.cli.site_command import add_site_command
from rnnviz.cli.trace_command import add_trace_command
from rnnviz.core.checks import shown
from rnnviz.core.resources import app_file
from rnnviz.errors import AssumptionWarning, InputError, MissingLibraryError, RnnvizError

_EXAMPLES = """\
examples:
  rnnviz                           start the app and open it in a browser
  rnnviz --port 8600 --headless    serve it on port 8600 and open no browser
  rnnviz trace hello -o hello.npz  write every gate and state for a text
  rnnviz trace --help              more of these
  rnnviz lesson gru --scorm gru.zip   a lesson for a learning platform
  rnnviz report model.pt data.csv -o report.html   a page about a model on data
  rnnviz corpus model.pt texts -o found   what its units follow over many texts
  rnnviz --scans found             start the app and show that
  rnnviz site pages                the edition that needs no server
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
    arguments.typed = sys.argv[1:] if argv is None else argv
    try:
        with _assumptions_as_sentences():
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


@contextmanager
def _assumptions_as_sentences() -> Iterator[None]:
    """What was assumed in reading is printed without the line of the program that warned."""
    as_ever = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, AssumptionWarning):
            print(f"rnnviz: {message}", file=sys.stderr)
        else:
            as_ever(message, category, *place, **more)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = as_ever


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
    parser.add_argument("--port", type=integer(1, 65_535), help="serve the app on this port")
    parser.add_argument("--headless", action="store_true", help="open no browser")
    parser.add_argument(
        "--metrics",
        action="store_true",
        help="tell the server's metrics at /_stcore/metrics, as RNNVIZ_METRICS=1 does, to all who"
        " reach it: close that path in a proxy before the app, as that of deploy/ does",
    )
    parser.add_argument(
        "--scans",
        metavar="DIR",
        help="a folder of `rnnviz corpus`, or one that holds several, to open",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", prog="rnnviz")
    add_trace_command(commands)
    add_lesson_command(commands)
    add_site_command(commands)
    add_report_command(commands)
    add_corpus_command(commands)
    return parser


def _show_version(arguments: Namespace) -> None:
    print_line(f"rnnviz {version('rnnviz')}")


def _scans(folder: str) -> str:
    """Whole path of a folder of scans. Raises InputError where there is none, or no scan in it."""
    from rnnviz.corpus.scan_files import scan_files

    root = Path(folder)
    # Path.is_dir raises for names that are too long.
    if not os.path.isdir(root):  # noqa: PTH112
        raise InputError(
            "--scans should be a folder that `rnnviz corpus` has written, but “{name}” is none.",
            name=shown(folder),
        )
    if not scan_files(root):
        raise InputError(
            "--scans should be a folder that holds the corpus.parquet of a whole scan, or folders"
            " that do, but “{name}” holds none; scan into it with `rnnviz corpus`.",
            name=shown(folder),
        )
    return str(root.resolve())


def _start_app(arguments: Namespace) -> None:
    if find_spec("streamlit") is None:
        raise MissingLibraryError(
            "The app needs {package}, which is not installed; run `pip install {package}`.",
            package="streamlit",
        )
    port = ["--server.port", str(arguments.port)] if arguments.port else []
    headless = ["--server.headless", "true"] if arguments.headless else []
    if arguments.metrics:
        os.environ["RNNVIZ_METRICS"] = "1"
    if arguments.scans is not None:
        os.environ["RNNVIZ_SCANS"] = _scans(arguments.scans)
    # Streamlit reads .streamlit/config.toml beside the script, so the app's settings hold here too.
    sys.argv = ["streamlit", "run", str(app_file()), *port, *headless]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
