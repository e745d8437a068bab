"""Changed files through every reader: each is read or refused in a sentence, soon and in little.

`python -m benchmarks fuzz --minutes 60` changes small honest files of every format and reads each
in a child, as the library does for a small file, so that a reader's own cost is seen; what is
beyond the bars is written to `build/fuzz/` and named. `--seed` gives the same files again.
"""

from __future__ import annotations

import os
import pickle
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fuzz_files import MAX_BYTES, changes_of, honest_inputs, honest_models
from rnnviz.errors import RnnvizError
from rnnviz.inputs.files import Text, read_file
from rnnviz.readers.bounded_import import import_model_bounded
from rnnviz.readers.result import Source
from rnnviz.recordings.token_ids import long_text

MAX_SECONDS = 2.0
MAX_MEGABYTES = 500
FOLDER = Path("build/fuzz")
Read = Callable[[str, bytes], object]


@dataclass(frozen=True)
class Outcome:
    """End of one reading: what was said, the seconds of CPU time, the megabytes."""

    ending: str
    said: str
    seconds: float
    megabytes: float

    @property
    def verdict(self) -> str:
        """ "read", "refused", or what is wrong."""
        if self.ending not in ("read", "refused"):
            return self.ending
        if self.seconds > MAX_SECONDS:
            return "slow"
        return "large" if self.megabytes > MAX_MEGABYTES else self.ending


def main(minutes: float = 1, seed: int = 0) -> None:
    """Change and read files for so long; print how many were read, refused, and what was not."""
    until, counts = time.monotonic() + 60 * minutes, Counter[tuple[str, str]]()
    files = [(name, data, read_input) for name, data in honest_inputs().items()]
    files += [(name, data, read_model_file) for name, data in honest_models().items()]
    for name, data, read in files:
        assert outcome(read, name, data).verdict == "read", f"{name} should be honest"
    for number in _numbers(seed, until):
        chance = random.Random(number)
        name, data, read = chance.choice(files)
        changed = change(chance, name, data)
        came = outcome(read, name, changed)
        counts[name, came.verdict] += 1
        if came.verdict not in ("read", "refused"):
            report(number, name, changed, came)
    print_table(counts)


def _numbers(seed: int, until: float) -> Iterator[int]:
    number = seed * 1_000_000
    while time.monotonic() < until:
        yield number
        number += 1


def change(chance: random.Random, name: str, data: bytes) -> bytes:
    """The file after one change or a few."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(changes_of(name, data))(chance, data)[:MAX_BYTES] or b"0"
    return data


def read_input(name: str, data: bytes) -> object:
    """An input file, a text of it as tokens."""
    content = read_file(name, data)
    return long_text(content.text) if isinstance(content, Text) else content


def read_model_file(name: str, data: bytes) -> object:
    """Model file, in this process."""
    return import_model_bounded(Source(name, data), bounded=False)


def outcome(read: Read, name: str, data: bytes) -> Outcome:
    """What comes of reading a file in a child of this process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _read_and_tell(read, name, data, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        told = stream.read()
    _, status, used = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    ending, said = pickle.loads(told) if told else (f"killed by {_signal(code)}", "")
    return Outcome(ending, said, used.ru_utime + used.ru_stime, used.ru_maxrss / 1_000)


def _read_and_tell(read: Read, name: str, data: bytes, writer: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    resource.setrlimit(resource.RLIMIT_AS, (6_000_000_000, 6_000_000_000))
    try:
        read(name, data)
        told = "read", ""
    except RnnvizError as error:
        told = "refused", str(error)
    except BaseException as error:
        told = "traceback", repr(error)[:500]
    os.write(writer, pickle.dumps(told))
    os._exit(0)


def _signal(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else str(code)


def report(number: int, name: str, data: bytes, came: Outcome) -> None:
    """Write the file and name what is wrong."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{number}-{name}"
    path.write_bytes(data)
    cost = f"{came.seconds:.1f} s, {came.megabytes:.0f} MB"
    print(f"{came.verdict}: {path}, {len(data):,} bytes, {cost}: {came.said[:200]}", flush=True)


def print_table(counts: Counter[tuple[str, str]]) -> None:
    """How many of each file were read, refused, or worse."""
    verdicts = ["read", "refused", *sorted({v for _, v in counts} - {"read", "refused"})]
    print(f"| {'file':14} | " + " | ".join(verdicts) + " |")
    print("|---" * (1 + len(verdicts)) + "|")
    for name in sorted({name for name, _ in counts}):
        print(f"| {name:14} | " + " | ".join(f"{counts[name, v]:,}" for v in verdicts) + " |")
    print(f"{counts.total():,} files, seed and changes by number", file=sys.stderr)
