"""Every hostile file is read or refused in a sentence, within the bars of time and memory."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rnnviz.bounded.limits import is_limited, reading_limits
from rnnviz.bounded.pool import pool
from rnnviz.errors import RnnvizError
from rnnviz.inputs.bounded_file import read_file_bounded
from rnnviz.inputs.files import Text
from rnnviz.readers.bounded_import import import_model_bounded
from rnnviz.readers.result import Source
from rnnviz.recordings.token_ids import long_text
from tests.bounded.hostile_inputs import INPUTS
from tests.bounded.hostile_models import MODELS

# The bar is 2 s; what is stopped there has a little to end in.
SECONDS = 2.4
# The numbers of a row are in clock ticks: proc_pid_stat(5).
_CHILDREN_TIMES = slice(13, 15)

pytestmark = pytest.mark.skipif(not is_limited(), reason="the system has no such limits")


def seconds_of_children() -> float:
    """CPU time of the children of the waiting process that have ended."""
    server = pool().start("reading").process_id
    fields = Path(f"/proc/{server}/stat").read_text().rpartition(") ")[2].split()
    return sum(map(int, fields[_CHILDREN_TIMES])) / os.sysconf("SC_CLK_TCK")


def said_of(name: str, data: bytes, is_model: bool) -> str:
    """Sentence that refuses a file, "" for one that is read."""
    try:
        if is_model:
            import_model_bounded(Source(name, data))
            return ""
        content = read_file_bounded(name, data)
        if isinstance(content, Text):
            long_text(content.text)
    except RnnvizError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("kind", "is_model"), [*((k, False) for k in INPUTS), *((k, True) for k in MODELS)]
)
def test_a_hostile_file_costs_little(
    kind: str, is_model: bool, caplog: pytest.LogCaptureFixture
) -> None:
    name, make = (MODELS if is_model else INPUTS)[kind]
    data = make()
    own, others = time.process_time(), seconds_of_children()
    said = said_of(name, data, is_model)
    time.sleep(0.05)
    assert time.process_time() - own + seconds_of_children() - others < SECONDS
    assert len(said) < 500
    assert said == "" or said.endswith((".", ")"))
    # A mistake of a reader is a sentence too, and stands in the log.
    assert not caplog.text


def test_the_memory_of_a_reading_process_keeps_the_bar() -> None:
    assert reading_limits(20_000_000).memory < 450_000_000
