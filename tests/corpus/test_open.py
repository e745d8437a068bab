"""An opened scan: one file, however large its corpus; what it tells, and files that are none."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rnnviz as rv
from rnnviz.corpus.plain_file import ABOUT, SKETCH, TOKENS, read_plain
from rnnviz.corpus.result import read_scan
from rnnviz.corpus.scan_source import ScanSource
from rnnviz.errors import InputError
from rnnviz.network.model import Model
from rnnviz.train.presets import preset
from tests.corpus.large_scan import N_SHARDS, N_TOKENS, write_large_scan
from tests.corpus.test_scan import ALICE

TEXT = ALICE.read_text("utf-8")[5000:8000]


@pytest.fixture(scope="module")
def model() -> Model:
    return preset("next_character_lstm").model()


@pytest.fixture(scope="module")
def found(model: Model, tmp_path_factory: pytest.TempPathFactory) -> rv.corpus.CorpusScan:
    """A scan whose one row is the trace of the text."""
    folder = tmp_path_factory.mktemp("scan")
    (folder / "a.txt").write_text(TEXT[:1000], "utf-8")
    return rv.corpus.scan(model, folder / "a.txt", folder / "out")


@pytest.fixture(scope="module")
def states(model: Model) -> dict[str, Any]:
    trace = rv.trace(model, rv.parse(TEXT[:1000], kind="characters"))
    return {name: trace[name][:, 0].astype(float) for name in ("forget", "cell", "hidden")}


def test_a_billion_tokens_open_as_a_small_scan_does(tmp_path: Path) -> None:
    """One file is read, without its plan and shards, and without what grows with the vocabulary."""
    small = write_large_scan(tmp_path, n_vocabulary=50).stat().st_size
    path = write_large_scan(tmp_path, n_vocabulary=1000)
    shards = [{"path": f"texts/{number}.txt", "start": 0} for number in range(N_SHARDS)]
    (tmp_path / "plan.json").write_text(json.dumps({"shards": shards})[:-1])
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards" / "000000.parquet").write_bytes(b"not read")
    opened = rv.corpus.open(tmp_path)
    assert (opened.n_steps, opened.n_shards, opened.n_units) == (N_TOKENS, N_SHARDS, 256)
    assert len(opened.contexts("hidden", 255)) == len(opened.contexts("cell", 0, lowest=True)) == 8
    assert [one.unit for one in opened.found] == [*range(8)]
    assert _bytes_read(path) < 8_000_000
    assert small < 12_000_000
    grows = path.stat().st_size - small
    assert 0.8 < grows / (950 * 256 * 6 * 2 * 8) < 1
    _, columns = read_plain(path, "large")
    assert not set(TOKENS) & set(columns)
    assert opened.token_means("cell").shape == (1000, 256)


def _bytes_read(path: Path) -> int:
    """Bytes that opening reads: the columns but the sums of tokens, and the footer."""
    metadata = pq.ParquetFile(path).metadata
    chunks = (
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )
    taken = [one for one in chunks if one.path_in_schema.partition(".")[0] not in TOKENS]
    return sum(one.total_compressed_size for one in taken) + metadata.serialized_size


def test_a_file_alone_is_a_whole_scan(found: Any, tmp_path: Path) -> None:
    alone = tmp_path / "anything.parquet"
    alone.write_bytes(found.source.place.read_bytes())
    read = rv.corpus.open(alone)
    for_bytes = read_scan(ScanSource("a", alone.read_bytes(), is_bounded=True))
    for opened in (read, for_bytes):
        assert opened.about == found.about
        assert opened.to_frame().equals(found.to_frame())
        assert opened.contexts("cell", 3) == found.contexts("cell", 3)
        assert np.array_equal(opened.token_means("cell"), found.token_means("cell"), equal_nan=True)


def test_what_is_told_of_a_unit_is_what_its_states_say(found: Any, states: Any) -> None:
    is_space = np.array([sign == " " for sign in TEXT[:1000]], float)
    one = found.unit("cell", 73)
    own = states["cell"][:, 73]
    assert one.mean == pytest.approx(own.mean(), abs=1e-5)
    assert one.std == pytest.approx(own.std(), abs=1e-5)
    assert one.correlations["space"] == pytest.approx(np.corrcoef(own, is_space)[0, 1], abs=1e-4)
    assert set(one.shifted) == set(one.correlations)
    assert [one.highest[0].step, one.lowest[0].step] == [own.argmax(), own.argmin()]
    frame = one.to_frame()
    assert frame.value.tolist() == [c.value for c in (*one.highest, *one.lowest)]
    gate = found.unit("forget", 5)
    taken = states["forget"][np.arange(1000) % 256 % 4 == 0, 5]
    assert gate.open == pytest.approx((taken > 0.9).mean(), abs=0.01)
    assert gate.closed == pytest.approx((taken < 0.1).mean(), abs=0.01)
    of_signal = found.signal("cell")
    assert of_signal.mean[73] == one.mean
    name, r = of_signal.closest[73]
    assert abs(r) == max(map(abs, one.correlations.values()))
    assert one.correlations[name] == r


def test_a_token_leads_to_the_units_that_are_far_after_it(found: Any, states: Any) -> None:
    is_e = np.array([sign == "e" for sign in TEXT[:1000]])
    z = (states["cell"][is_e].mean(axis=0) - states["cell"].mean(axis=0)) / states["cell"].std(0)
    far = found.units_after("e", "cell")
    assert (far.given, far.n_units) == ("e", int((abs(z) >= 1).sum()))
    assert far.n_units > 0
    for one in far.units:
        assert one.z == pytest.approx(z[one.unit], abs=1e-3)
    means = found.token_means("cell")
    absent = next(one for one in found.vocabulary if one not in TEXT[:1000])
    assert np.isnan(means[found.vocabulary.index(absent)]).all()
    for token in (absent, "no such token"):
        with pytest.raises(InputError, match="occurs in the corpus"):
            found.units_after(token, "cell")
    with pytest.raises(InputError, match="signal should be one of"):
        found.units_after("e", "memory")


def test_a_place_leads_to_the_units_that_are_farthest_there(found: Any, states: Any) -> None:
    place = found.contexts("cell", 73)[0]
    far = found.units_at(place.shard, place.step)
    assert ("cell", 73) in {(one.signal, one.unit) for one in far.units} or far.n_units > 24
    near = slice(max(0, place.step - 3), place.step + 4)
    for one in far.units:
        if one.signal in states:
            own = states[one.signal][:, one.unit]
            z = (own[near] - own.mean()) / own.std()
            most = z.max() if one.z > 0 else z.min()
            assert one.z == pytest.approx(most, rel=1e-3, abs=1e-3)
    _check_places(far, states)
    with pytest.raises(InputError, match="among the farthest places"):
        found.units_at(7, 0)


def _check_places(far: Any, states: Any) -> None:
    """Every shared place has as many of the units as it says, each among its eight farthest."""
    assert far.places
    counts = [len(one.units) for one in far.places]
    assert counts == sorted(counts, reverse=True)
    assert min(counts) >= 2
    wanted = {(one.signal, one.unit, one.z > 0) for one in far.units}
    for shared in far.places:
        context = shared.context
        assert TEXT[context.step] == context.token
        for one in shared.units:
            assert (one.signal, one.unit, one.z > 0) in wanted
            if one.signal in states:
                own = states[one.signal][:, one.unit]
                z = (own - own.mean()) / own.std()
                assert np.isclose(z[max(0, context.step - 3) : context.step + 4], one.z, 1e-2).any()


def test_a_typed_text_leads_to_units_through_the_model(
    found: Any, states: Any, model: Model
) -> None:
    text = "So she called her name, ALICE"
    far = found.units_in(model, text, "called")
    trace = rv.trace(model, rv.parse(text, kind="characters"))
    step = text.index("called")
    wanted = {}
    for name, own in states.items():
        inside = trace[name][step : step + 6, 0].astype(float)
        z = (inside - own.mean(axis=0)) / own.std(axis=0)
        for unit in range(128):
            if z[:, unit].min() >= 2:
                wanted[name, unit] = z[:, unit].min()
            elif z[:, unit].max() <= -2:
                wanted[name, unit] = z[:, unit].max()
    told = {(one.signal, one.unit): one.z for one in far.units if one.signal in states}
    assert far.given == "called"
    assert told
    assert far.n_units >= len(wanted) >= len(told)
    for key, z in told.items():
        assert z == pytest.approx(wanted[key], rel=1e-3)
    assert found.units_in(model, text).given == "E"
    with pytest.raises(InputError, match="stands nowhere"):
        found.units_in(model, text, "queen")
    with pytest.raises(InputError, match="the one that was scanned"):
        found.units_in(rv.random_model("lstm", 3, 4).with_vocabulary(("a", "b", "c")), "abc")


def _changed(data: bytes, **changes: Callable[[Any], Any]) -> bytes:
    """The file with some of its columns or its metadata changed."""
    table = pq.read_table(io.BytesIO(data))
    metadata = dict(table.schema.metadata)
    for name, change in changes.items():
        if name in ("sketch", "about"):
            key = (SKETCH if name == "sketch" else ABOUT).encode()
            metadata[key] = json.dumps(change(json.loads(metadata[key]))).encode()
        else:
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, change(table.column(name)))
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), buffer)
    return buffer.getvalue()


def _without(key: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda told: {name: value for name, value in told.items() if name != key}


def _table(columns: dict[str, list[Any]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def _nested(data: bytes) -> bytes:
    table = pq.read_table(io.BytesIO(data))
    metadata = dict(table.schema.metadata) | {ABOUT.encode(): b"[" * 100_000}
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), buffer)
    return buffer.getvalue()


_DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "a text": lambda data: b"PAR1 is what a Parquet file begins with",
    "cut": lambda data: data[: len(data) // 2],
    "its end alone": lambda data: data[-20_000:],
    "another table": lambda data: _table({"a": [1, 2]}),
    "no means": lambda data: _changed(data, mean_0=lambda column: pa.array(["x"] * len(column))),
    "few bins": lambda data: _changed(
        data, histogram=lambda column: pa.array([[1, 2]] * len(column), pa.list_(pa.int64(), 2))
    ),
    "texts for numbers": lambda data: _changed(
        data,
        highest_values=lambda column: pa.array([["x"] * 8] * len(column), pa.list_(pa.string(), 8)),
    ),
    "unknown signals": lambda data: _changed(
        data, signal=lambda column: pa.array(["memory"] * len(column))
    ),
    "one part": lambda data: _changed(
        data, sketch=lambda told: told | {"parts": told["parts"][:1]}
    ),
    "no steps": lambda data: _changed(data, sketch=_without("n_steps")),
    "unknown cell": lambda data: _changed(data, about=lambda told: told | {"cell": "__class__"}),
    "a list for a title": lambda data: _changed(data, about=lambda told: told | {"title": ["a"]}),
    "a vocabulary of numbers": lambda data: _changed(
        data, about=lambda told: told | {"vocabulary": [1, 2]}
    ),
    "a list": lambda data: _changed(data, about=lambda told: [told]),
    "nested": _nested,
}


@pytest.mark.parametrize("damage", _DAMAGES)
def test_a_file_that_holds_no_scan_is_one_sentence(found: Any, tmp_path: Path, damage: str) -> None:
    data = _DAMAGES[damage](found.source.place.read_bytes())
    with pytest.raises(InputError, match="of a whole scan, but cannot be read"):
        read_scan(ScanSource("a.parquet", data, is_bounded=True))
    (tmp_path / "corpus.parquet").write_bytes(data)
    with pytest.raises(InputError, match="of a whole scan, but cannot be read"):
        rv.corpus.open(tmp_path)


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_within_limits() -> None:
    """A long text once, and thousands of rows that name it."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000), pa.array(["x" * 1_000_000]))
    buffer = io.BytesIO()
    pq.write_table(pa.table({"signal": texts}), buffer, compression="zstd", store_schema=False)
    assert len(buffer.getvalue()) < 1_000_000
    with pytest.raises(InputError):
        read_scan(ScanSource("bomb.parquet", buffer.getvalue(), is_bounded=True))
