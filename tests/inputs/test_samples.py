import csv
import json
import math
import pickle
from itertools import accumulate

import pytest

from rnnviz.core.resources import asset
from rnnviz.inputs.parse import parse
from rnnviz.inputs.read import read_sequence
from rnnviz.inputs.samples import Sample, samples

BY_ID = {sample.id: sample for sample in samples()}


@pytest.mark.parametrize("sample", samples(), ids=list(BY_ID))
def test_every_sample_can_be_read(sample: Sample) -> None:
    if sample.kind == "table":
        sequence = read_sequence(sample.path, columns=sample.columns, axis=sample.axis)
        assert sequence.features == sample.columns
    else:
        sequence = parse(sample.text, sample.kind)
    assert 1 < sequence.n_steps < 400


@pytest.mark.parametrize("sample", samples(), ids=list(BY_ID))
def test_every_sample_says_its_title_and_source_in_both_languages(sample: Sample) -> None:
    for said in (sample.title, sample.source):
        assert set(said) == {"en", "zh"}
        assert all(said.values())
    assert sample.licence in ("Apache-2.0", "Public domain")


def test_every_file_is_listed_and_explained() -> None:
    folder = asset("samples")
    files = {path.name for path in folder.iterdir()} - {"README.md", "samples.json"}
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert files == {sample.file for sample in samples()}
    assert all(f"`{file}`" in readme for file in files)


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(json.loads(asset("samples", "samples.json").read_bytes()))


def test_sines_follow_their_formula() -> None:
    with BY_ID["sines"].path.open(newline="") as stream:
        rows = [(int(row["step"]), float(row["value"])) for row in csv.DictReader(stream)]
    assert len(rows) == 200
    for t, value in rows:
        formula = math.sin(2 * math.pi * t / 25) + 0.5 * math.sin(2 * math.pi * t / 7)
        assert abs(value - formula) <= 0.5e-4 + 1e-12


def test_sunspots_are_the_309_years_of_the_record() -> None:
    sequence = read_sequence(BY_ID["sunspots"].path, axis="YEAR", columns=["SUNACTIVITY"])
    assert sequence.tokens[0][0] == "1700"
    assert sequence.tokens[0][-1] == "2008"
    assert sequence.n_steps == 309
    # The highest of the record: 190.2 in 1957.
    assert sequence.tokens[0][int(sequence.values.argmax())] == "1957"
    assert sequence.values.max() == 190.2


def test_brackets_are_balanced_and_five_deep() -> None:
    rest = text = BY_ID["brackets"].text
    for _ in text:
        rest = rest.replace("()", "").replace("[]", "").replace("{}", "")
    assert rest == ""
    assert 40 <= len(text) <= 60
    assert max(accumulate(1 if mark in "([{" else -1 for mark in text)) == 5


def test_the_poem_has_four_lines_of_five() -> None:
    lines = BY_ID["jingyesi"].text.split("\n")
    assert [len(line.rstrip("，。")) for line in lines] == [5, 5, 5, 5]


def test_a_sample_can_be_kept_in_a_session() -> None:
    assert pickle.loads(pickle.dumps(samples())) == samples()
