"""The command that scans a corpus of texts."""

from __future__ import annotations

import os
import shlex
import sys
import time
from argparse import Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rnnviz.cli.options import add_number, integer, print_line, print_progress
from rnnviz.core.checks import shown
from rnnviz.core.libraries import optional_library
from rnnviz.errors import ModelError, RnnvizError

_EXAMPLES = """\
examples:
  rnnviz corpus next_character_lstm texts/ -o out/
  rnnviz corpus model.pt texts/ -o out/ --workers 2
  rnnviz corpus model.safetensors wikitext.parquet -o out/ --column text
  rnnviz corpus model.pt texts/ -o out/ --scheduler tcp://host:8786

A model's vocabulary is read from its file, as Train saves it, or from one beside it: vocab.txt, a
token a line, a line break as \\n or an empty line; tokenizer.json of whole tokens; its card.

The same line goes on with a scan that was interrupted: what is done is kept in the folder.
"""
_MODEL = (
    "a model file with its vocabulary, or the name of one that comes with the app:"
    " next_character_lstm, …"
)
_TELL_SECONDS, _HOUR = 30, 3600
_MOST_NAMED = 5


def add_corpus_command(commands: Any) -> None:
    """Add `rnnviz corpus` and its options."""
    parser = commands.add_parser(
        "corpus",
        usage="rnnviz corpus MODEL TEXTS -o DIR [options]",
        help="look for what the units of a model follow over many texts",
        description="Read texts of any length with a model, once, and write for every unit of"
        " every signal its distribution, its farthest contexts and what it follows, beside"
        " controls.",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.set_defaults(do=_scan)
    parser.add_argument("model", metavar="MODEL", help=_MODEL)
    parser.add_argument(
        "texts",
        metavar="TEXTS",
        help=".txt, .txt.gz, .parquet or .arrow, or a folder of them and of folders",
    )
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="a folder to write")
    parser.add_argument("--column", default="", metavar="NAME", help="of the texts in a table")
    add_number(parser, "--workers", 1, "processes of this machine", integer(1, 512))
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a dask cluster, in their place")
    add_number(parser, "--layer", 0, "its number, from 0", integer(0, 1000))
    add_number(parser, "--warm-up", 128, "steps read before each row", integer(0, 4096))
    add_number(parser, "--seed", 0, "of the controls", integer(0, 2**32 - 1))


def _scan(arguments: Namespace) -> None:
    # Readers and the scan come with libraries that no other command loads.
    from rnnviz.corpus import scan

    model = _model(arguments.model)
    _tell_left_out(Path(arguments.texts))
    progress = _Progress()
    try:
        with ExitStack() as stack:
            found = scan(
                model,
                arguments.texts,
                arguments.output,
                layer=arguments.layer,
                column=arguments.column,
                workers=arguments.workers,
                executor=_cluster(arguments.scheduler, stack),
                warm_up=arguments.warm_up,
                seed=arguments.seed,
                progress=progress,
            )
    except KeyboardInterrupt:
        line = shlex.join(["rnnviz", *arguments.typed])
        _print_error(f"rnnviz: stopped; {progress.done:.0%} is kept, and this goes on: {line}")
        raise
    print_line(found.text())
    print_line(f"{arguments.output}: {_counts(found)}")
    print_line(f"rnnviz --scans {arguments.output}   shows it")


def _model(typed: str) -> Any:
    """The model of a file, or one trained here.

    Raises ModelError for a name that is neither, and for a vocabulary that misfits.
    """
    from rnnviz.engine.open_model import open_model
    from rnnviz.train.presets import preset, presets

    # Path.exists raises for names that are too long.
    if not os.path.exists(typed):  # noqa: PTH110
        if typed in {one.name for one in presets()}:
            return preset(typed).model()
        if not Path(typed).suffix:
            raise ModelError(
                "A model file, or a model that comes with the app, was expected, but “{name}” is"
                " neither; give a file's path or one of: {names}.",
                name=shown(typed),
                names=", ".join(one.name for one in presets() if one.vocabulary),
            )
    found = open_model(typed, {}, None, bounded=True)
    reason = _misfit(found, Path(typed).parent)
    if found.model.vocabulary is None and reason:
        raise ModelError(
            "A corpus is read by a model's tokens, but the vocabulary beside “{name}” is not that"
            " of its rows ({reason}); give each row's token, a line each in vocab.txt.",
            name=shown(Path(typed).name),
            reason=reason,
        )
    return found.model


def _counts(found: Any) -> str:
    """Tokens of a scan, and what of its texts the model does not know."""
    told = [
        (found.n_steps, "tokens"),
        (found.n_as_unknown, "of them read as the model's unknown token"),
        (found.n_unknown, "unknown ones left out"),
        (found.n_damaged, "places that are no UTF-8"),
    ]
    first, *more = [f"{count:,} {what}" for count, what in told]
    return ", ".join([first, *(one for one in more if not one.startswith("0 "))])


def _misfit(found: Any, folder: Path) -> str:
    """Why a vocabulary that is there was not taken; "" where there is none."""
    from rnnviz.readers.vocabulary import TOKEN_FILES

    told = str(found.evidence.notes.get("vocabulary", ""))
    if told.endswith(")"):
        name, rule = told.removesuffix(")").rsplit(" (", 1)
        return f"{name}: pieces of words by {rule}, whose rules are not read here"
    there = [name for name in TOKEN_FILES if (folder / name).is_file()]
    if not told and there:
        return f"{there[0]}: no tokens in UTF-8"
    return told.replace(" ≠ ", " tokens, the model has ")


def _tell_left_out(texts: Path) -> None:
    """Say which files of a folder are of another kind. Raises InputError where it has no texts."""
    from rnnviz.corpus.text_files import text_files

    files = text_files(texts)
    if files.left_out:
        n_read, n_left = len(files.read), len(files.left_out)
        names = [shown(path.relative_to(texts), 60) for path in files.left_out[:_MOST_NAMED]]
        more = [] if n_left <= _MOST_NAMED else ["…"]
        told = f"{n_read} of {n_read + n_left} files are read; left out: "
        _print_error("rnnviz: " + told + ", ".join(names + more))


def _cluster(address: str | None, stack: ExitStack) -> Any:
    """Executor of a dask scheduler. Raises RnnvizError where none answers."""
    if address is None:
        return None
    distributed = optional_library("distributed")
    try:
        client = stack.enter_context(distributed.Client(address, timeout="10s"))
    except (OSError, ValueError) as error:
        raise RnnvizError(
            "No scheduler answers at “{address}”; start one with `dask scheduler`, or leave out"
            " --scheduler and give --workers.",
            address=address,
        ) from error
    _check_versions(client)
    return client.get_executor()


def _check_versions(client: Any) -> None:
    """Raise RnnvizError where a worker has another version of rnnviz than this machine, or none."""
    here = version("rnnviz")
    # A function that every worker has, whatever is installed there.
    for worker, there in client.run(version, "rnnviz", on_error="return").items():
        if there != here:
            raise RnnvizError(
                "This machine has rnnviz {here}, but the worker {worker} has {there}; install the"
                " same on every worker.",
                here=here,
                worker=worker,
                there=there if isinstance(there, str) else "none",
            )


class _Progress:
    """Line of progress with the time that is left, from the first shard that is read on.

    A terminal's line is written over; a file or a pipe gets one every half minute, and the last.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.done = 0.0
        self._clock = clock
        self._first: tuple[float, float] | None = None
        self._told = clock()

    def __call__(self, done: float) -> None:
        self.done, now = done, self._clock()
        if self._first is None:
            self._first = now, done
        text = f"reading texts: {done:4.0%}{self._left(now)}"
        if sys.stderr is not None and sys.stderr.isatty():
            # Spaces over what a longer line has left.
            print_progress(text + " " * 12, done >= 1)
        elif now - self._told >= _TELL_SECONDS or done >= 1:
            _print_error(text)
            self._told = now

    def _left(self, now: float) -> str:
        began, had = self._first or (now, self.done)
        if not had < self.done < 1:
            return ""
        seconds = (now - began) / (self.done - had) * (1 - self.done)
        if seconds >= 2 * _HOUR:
            return f", {seconds / _HOUR:.0f} h left"
        return f", {seconds / 60:.0f} min left" if seconds >= 90 else f", {seconds:.0f} s left"


def _print_error(text: str) -> None:
    if sys.stderr is not None:
        print(text, file=sys.stderr, flush=True)
