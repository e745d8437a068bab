"""`rv.watch` where a model is compiled, copied, overflows or changes meanwhile: it runs on as it
would alone, and what was not seen is said in one sentence."""

from __future__ import annotations

import copy
import errno
import io
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz as rv


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(11)


class Reader(nn.Module):
    """A linear map and a GRU behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.before = nn.Linear(2, 2)
        self.rnn = nn.GRU(2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rnn(self.before(x))[0]


def inputs() -> torch.Tensor:
    return torch.randn(4, 1, 2)


def eager(model: nn.Module) -> Any:
    return torch.compile(model, backend="eager")


# Compiled, traced, exported


def test_a_compiled_part_is_refused_and_the_way_named_leads_on() -> None:
    model = nn.Sequential(Reader())
    model[0] = eager(model[0])
    with pytest.raises(rv.ModelError, match="put back what was compiled") as told, rv.watch(model):
        pass
    exec(str(told.value).split("as in ")[1].removesuffix("."), {"model": model})
    x = inputs()
    with rv.watch(model) as seen:
        y = model(x)
    assert np.abs(seen["0.rnn"][0]["hidden"] - y.detach().numpy()).max() < 1e-6


def test_a_module_compiled_in_place_is_refused() -> None:
    for part in ("rnn", ""):
        model = Reader()
        model.get_submodule(part).compile(backend="eager")
        with pytest.raises(rv.ModelError, match="compiled in place"), rv.watch(model):
            pass


def test_a_compiled_part_without_a_recurrent_layer_is_no_matter() -> None:
    model = Reader()
    model.before = eager(model.before)
    with rv.watch(model) as seen:
        y = model(inputs())
    assert np.abs(seen["rnn"][0]["hidden"] - y.detach().numpy()).max() < 1e-6


def test_layers_chosen_outside_a_compiled_part_are_watched() -> None:
    model = nn.Sequential(nn.GRU(2, 3), eager(nn.GRU(2, 3)))
    with rv.watch(model, layers="0") as seen:
        model[0](inputs())
    assert seen["0"].n_calls == 1


def test_compiled_meanwhile_is_said_and_the_way_named_leads_on() -> None:
    model, x = Reader(), inputs()
    with rv.watch(model) as seen:
        compiled = eager(model)
        alone = compiled(x)
    assert seen["rnn"].n_calls == 0
    with pytest.raises(rv.ModelError, match="force_eager"):
        seen["rnn"][0]
    with rv.watch(model) as seen, torch.compiler.set_stance("force_eager"):
        compiled(x)
    assert seen["rnn"].refusal is None
    assert np.abs(seen["rnn"][0]["hidden"] - alone.detach().numpy()).max() < 1e-6


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
def test_a_trace_made_meanwhile_is_as_without_and_only_real_runs_are_calls() -> None:
    model, x = Reader(), inputs()
    with rv.watch(model) as seen:
        traced = torch.jit.trace(model, x, check_trace=False)
        y = model(x)
    assert torch.equal(traced(x), y)
    assert (seen["rnn"].n_calls, len(seen["rnn"])) == (1, 1)
    assert "traced" in repr(seen)


@pytest.mark.filterwarnings("ignore:The tensor attribute")
def test_an_export_meanwhile_is_as_without() -> None:
    model, x = Reader(), inputs()
    with rv.watch(model) as seen:
        exported = torch.export.export(model, (x,))
    assert torch.allclose(exported.module()(x), model(x))
    assert "exported" in str(seen["rnn"].refusal)


# Copied and saved


def saved(model: nn.Module) -> nn.Module:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)), saved]
)
def test_a_copy_made_meanwhile_is_not_watched(copied: Callable[[nn.Module], nn.Module]) -> None:
    model, x = Reader(), inputs()
    with rv.watch(model) as seen:
        twin = copied(model)
        ours, theirs = model(x), twin(x)
    assert torch.equal(ours, theirs)
    assert seen["rnn"].n_calls == 1


def test_a_file_saved_meanwhile_opens_without_rnnviz() -> None:
    model = nn.GRU(2, 3)
    with rv.watch(model):
        file = pickle.dumps(model)
    assert b"rnnviz" not in file
    assert b"GRU" in file


# Folders


def test_names_of_layers_that_are_none_of_files(tmp_path: Path) -> None:
    names = ["a/b", "c\\c", "d:e", "f\ud800", "编码器", "g" * 300, "g" * 299 + "h", "%2F", "/"]
    model = nn.Module()
    for name in names:
        model.add_module(name, nn.GRU(2, 3))
    with rv.watch(model, to=tmp_path / "seen") as seen, torch.no_grad():
        given = {name: layer(inputs())[0].numpy() for name, layer in model.named_children()}
    assert [layer.refusal for layer in seen.values()] == [None] * len(given)
    folders = list((tmp_path / "seen").iterdir())
    assert len(folders) == len(given)
    recorded = [rv.Recording.load(folder / "000000").window(0, 4)["hidden"] for folder in folders]
    for hidden in given.values():
        assert min(np.abs(hidden - one).max() for one in recorded) < 1e-6
    assert (tmp_path / "seen" / "编码器" / "000000").is_dir()


def test_a_disk_that_becomes_full_ends_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    model, x = nn.GRU(2, 3), inputs()
    with (
        warnings.catch_warnings(record=True) as told,
        rv.watch(model, to=tmp_path / "seen") as seen,
    ):
        warnings.simplefilter("always")
        model(x)
        monkeypatch.setattr("rnnviz.recordings.record.open_writer", full)
        y, _ = model(x)
        model(x)
    assert [(w.category, w.filename) for w in told] == [(RuntimeWarning, __file__)]
    assert "Not every call of “GRU”" in str(told[0].message)
    assert "GB on disk" in str(seen[""].refusal)
    assert np.abs(seen[""][1]["hidden"] - y.detach().numpy()).max() < 1e-6
    assert [path.name for path in (tmp_path / "seen" / "GRU").iterdir()] == ["000000"]


def test_a_folder_without_a_right_to_write_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    # Root may write anywhere, so that a mode alone would test nothing.
    monkeypatch.setattr("rnnviz.watched.record_call.TemporaryFile", forbidden)
    with (
        pytest.raises(rv.RnnvizError, match="cannot be written \\(Permission denied\\)"),
        rv.watch(nn.GRU(2, 3), to=tmp_path),
    ):
        pass


# Numbers


def test_an_overflow_of_half_precision_is_named_with_its_step() -> None:
    layer = nn.RNN(2, 3, nonlinearity="relu").half()
    with torch.no_grad(), rv.watch(layer) as seen:
        layer.weight_hh_l0.fill_(30)
        y, _ = layer(torch.ones(9, 1, 2).half())
    first = int(np.flatnonzero(~np.isfinite(y.float().numpy()).all(axis=(1, 2)))[0]) + 1
    with pytest.raises(rv.ModelError, match=f"grew beyond float16 at step {first}"):
        _ = seen[""][0].certainty
    assert "float16" in repr(seen)


def test_what_has_no_numbers_is_said() -> None:
    layer = nn.LSTM(2, 3, device="meta")
    with rv.watch(layer) as seen:
        y, _ = layer(torch.zeros(4, 1, 2, device="meta"))
    assert y.shape == (4, 1, 3)
    with pytest.raises(rv.ModelError, match="load real weights"):
        seen[""][0]


@pytest.mark.parametrize("through_data", [False, True])
def test_a_loop_ends_where_the_weights_change(through_data: bool) -> None:
    cell = nn.GRUCell(2, 3).double()
    x, h, given = torch.randn(6, 1, 2, dtype=torch.float64), None, []
    with rv.watch(cell) as seen, torch.no_grad():
        for t in range(6):
            if t == 4 and through_data:
                cell.weight_hh.data = cell.weight_hh * 2
            elif t == 4:
                cell.weight_hh.mul_(2)
            h = cell(x[t], h)
            given.append(h.numpy())
    assert [trace.sequence.n_steps for trace in seen[""]] == [4, 2]
    ours = np.concatenate([trace["hidden"] for trace in seen[""]])
    assert np.abs(ours - np.stack(given)).max() < 1e-12


@pytest.mark.parametrize("every", [1, 2])
def test_a_loop_goes_on_while_the_weights_are_computed_anew_but_the_same(every: int) -> None:
    cell = nn.RNNCell(2, 3).double()
    nn.utils.parametrizations.orthogonal(cell, "weight_hh")
    with rv.watch(cell, every=every) as seen:
        for _ in range(2):
            h = torch.zeros(1, 3, dtype=torch.float64)
            for _ in range(3):
                h = cell(torch.ones(1, 2, dtype=torch.float64), h)
    assert (seen[""].n_calls, seen[""].n_steps) == (2, 6)
    assert seen[""].difference < 1e-12


def test_a_keep_beyond_all_memory_is_a_number_like_any_other() -> None:
    layer = nn.GRU(2, 3)
    with rv.watch(layer, keep=10**30) as seen:
        layer(inputs())
    assert len(seen[""]) == 1


def test_what_cannot_be_copied_ends_no_run() -> None:
    class Bare(torch.Tensor):
        def detach(self) -> Any:
            raise RuntimeError("no copies")

    layer = nn.GRU(2, 3)
    x = inputs().as_subclass(Bare)
    with rv.watch(nn.Sequential(layer)) as seen:
        y, _ = layer(x)
    assert y.shape == (4, 1, 3)
    with pytest.raises(rv.ModelError, match=r"“0” could not be kept .*no copies"):
        seen["0"][0]


def test_a_layer_in_two_places_is_watched_by_either_path() -> None:
    model = nn.ModuleDict({"a": nn.GRU(2, 3)})
    model["b"] = model["a"]
    with rv.watch(model, layers=["b"]) as seen:
        model["a"](inputs())
    assert seen["b"].n_calls == 1
