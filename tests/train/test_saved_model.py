"""A saved training opens again as it was: its cell, its letters, its answers, its task."""

from __future__ import annotations

import json
from itertools import cycle, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save

import rnnviz as rv
from rnnviz.readers.read import import_model
from rnnviz.readers.result import ImportResult, Source
from rnnviz.train.config import TrainingConfig
from rnnviz.train.loop import Training
from rnnviz.train.named_weights import load_weights, name_weights
from rnnviz.train.saved_model import example_of, saved_model
from rnnviz.train.tasks import TASKS

PLAN = TrainingConfig("languages", "lstm", 5)


def read(data: bytes) -> ImportResult:
    (found,) = import_model(Source("saved.safetensors", data))
    return found


def with_metadata(metadata: dict[str, str]) -> bytes:
    named = {name: array.astype("f4") for name, array in name_weights(PLAN.initial_model).items()}
    return save(named, metadata=metadata)


@pytest.mark.parametrize(
    ("cell", "task"), [*zip(rv.CELLS, cycle(TASKS), strict=False), *product(["slstm"], TASKS)]
)
def test_every_cell_and_task_comes_back_without_a_question(cell: str, task: str) -> None:
    config = TrainingConfig(task, cell, 5, 2, seed=3)
    saved, example = config.initial_model, TASKS[task].example(2)
    found = read(saved_model(saved, config))
    assert found.questions == ()
    assert (found.model.layers[0].cell_name, found.task) == (cell, task)
    assert found.model.vocabulary == saved.vocabulary
    assert (found.example or None) == (example_of(TASKS[task]) or None)
    assert found.model.readout is not None
    assert found.model.readout.names == TASKS[task].outputs
    before, after = (rv.trace(model, example).outputs for model in (saved, found.model))
    assert np.array_equal(before, after)


@pytest.mark.parametrize("name", [".", "missing/mine.safetensors", "\0", "x" * 300])
def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path, name: str) -> None:
    training = Training(TrainingConfig("brackets", "gru", 3, steps=3, batch=4))
    trace = rv.trace(training.model(), TASKS["brackets"].example(2))
    for save_to in (training.save, trace.save):
        with pytest.raises(rv.RnnvizError, match=r"cannot be written \(.+\); choose another place"):
            save_to(str(tmp_path / name) if name != "\0" else name)
    assert list(tmp_path.iterdir()) == []


def test_a_saved_training_reads_its_own_text(tmp_path: Path) -> None:
    training = Training(TrainingConfig("next_character", "slstm", 6, steps=3, batch=4))
    training.advance(2)
    training.save(tmp_path / "mine.safetensors")
    model = rv.read_model(tmp_path / "mine.safetensors")
    text = rv.parse("the cat", vocabulary=model.vocabulary)
    wanted = rv.trace(training.model(), text).outputs
    assert np.array_equal(rv.trace(model, text).outputs, wanted)
    again = load_weights(training.config, tmp_path / "mine.safetensors")
    wanted = training.model().arrays()
    assert all(np.array_equal(array, wanted[name]) for name, array in again.arrays().items())


def test_the_safetensors_library_reads_the_metadata(tmp_path: Path) -> None:
    path = tmp_path / "saved.safetensors"
    path.write_bytes(saved_model(PLAN.initial_model, PLAN))
    with safe_open(path, "numpy") as opened:
        told = opened.metadata()
        assert set(opened.keys()) == set(name_weights(PLAN.initial_model))
    assert tuple(json.loads(told["vocabulary"])) == TASKS["languages"].vocabulary
    assert (told["cell"], told["task"]) == ("lstm", "languages")


def test_what_the_file_says_is_said_to_come_from_the_file() -> None:
    origins = {row.name: row.origin for row in read(saved_model(PLAN.initial_model, PLAN)).report}
    assert {origins[name] for name in ("cell", "vocabulary", "readout")} == {"file"}


def test_a_file_without_the_metadata_still_asks() -> None:
    found = read(with_metadata({"format": "pt"}))
    assert {question.name for question in found.questions} == {"cell", "readout_activation"}
    assert (found.task, found.example, found.model.vocabulary) == ("", "", None)


def test_an_answer_to_what_the_file_says_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "saved.safetensors"
    path.write_bytes(saved_model(PLAN.initial_model, PLAN))
    with pytest.raises(rv.ModelError, match="leaves nothing open"):
        rv.read_model(path, cell="slstm")


@pytest.mark.parametrize(
    "vocabulary",
    [
        json.dumps(TASKS["languages"].vocabulary),
        json.dumps({letter: i for i, letter in enumerate(TASKS["languages"].vocabulary)}),
        json.dumps(dict(enumerate(TASKS["languages"].vocabulary))),
    ],
)
@pytest.mark.parametrize("name", ["vocab", "char_to_idx", "tokens"])
def test_a_vocabulary_in_the_metadata_of_any_program_is_found(name: str, vocabulary: str) -> None:
    found = read(with_metadata({"format": "pt", name: vocabulary}))
    assert found.model.vocabulary == TASKS["languages"].vocabulary


def test_an_alphabet_in_the_metadata_is_found() -> None:
    letters = "".join(chr(0x4E00 + i) for i in range(PLAN.task.n_inputs))
    assert read(with_metadata({"chars": letters})).model.vocabulary == tuple(letters)


@pytest.mark.parametrize(
    "lie",
    [
        {"cell": "mgu"},
        {"cell": "no such cell"},
        {"readout_activation": "relu"},
        {"outputs": '["one"]'},
        {"outputs": "[1, 2]"},
        {"outputs": "[" * 5000},
        {"vocabulary": '["a", "b"]'},
        {"vocabulary": "[" * 100_000},
        {"task": "no such task"},
    ],
)
def test_metadata_that_do_not_fit_are_no_evidence(lie: dict[str, str]) -> None:
    found, wanted = read(with_metadata({"format": "rnnviz", **lie})), read(with_metadata({}))
    assert found.model.digest == wanted.model.digest
    assert [q.name for q in found.questions] == [q.name for q in wanted.questions]
    assert found.model.vocabulary is None
    assert found.model.readout is not None
    assert wanted.model.readout is not None
    assert found.model.readout.names == wanted.model.readout.names


def test_an_answer_counts_where_the_file_names_an_impossible_cell() -> None:
    data = with_metadata({"format": "rnnviz", "cell": "mgu"})
    (found,) = import_model(Source("saved.safetensors", data), {"cell": "slstm"})
    assert found.model.layers[0].cell_name == "slstm"


NAMES = st.sampled_from(["cell", "activation", "outputs", "vocabulary", "task", "example", "chars"])


@given(metadata=st.dictionaries(NAMES, st.text(max_size=40) | st.just('["a", null, {"b": 2}]')))
def test_any_metadata_open_or_are_ignored(metadata: dict[str, str]) -> None:
    found = read(with_metadata({"format": "rnnviz", **metadata}))
    assert found.model.n_inputs == len(TASKS["languages"].vocabulary)
