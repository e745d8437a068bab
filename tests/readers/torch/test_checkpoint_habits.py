"""Checkpoints as people save them, with what lies beside the weights; nothing beside is opened."""

from __future__ import annotations

import argparse
import collections
import dataclasses
import datetime
import enum
import functools
import io
import logging
import pathlib
import pickle
import random
import re
import types
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.errors import ModelError
from rnnviz.readers.read import import_model
from rnnviz.readers.result import Source
from rnnviz.readers.torch.container import read_checkpoint
from tests.readers.saved import torch_saved
from tests.readers.test_state_dict import drawn, hidden
from tests.readers.torch.test_checkpoint import FORMS, same
from tests.witnesses import assert_close, normal


class Colour(enum.Enum):
    RED = 1


class Attributes(dict[str, Any]):
    """As OmegaConf's, Lightning's and EasyDict's dicts with attributes."""


class Ordered(collections.OrderedDict[str, Any]):
    pass


@dataclasses.dataclass
class Settings:
    size: int = 3


Point = collections.namedtuple("Point", "x y")  # as people write them


def attributes(**values: Any) -> Attributes:
    made = Attributes(values)
    made.__dict__["frozen"] = True
    return made


BESIDE = {
    "numpy float": np.float64(0.3),
    "numpy int": np.int64(3),
    "numpy text": np.str_("a"),
    "numpy date": np.datetime64("2026-01-01"),
    "numpy generator": np.random.default_rng(0),
    "numpy state": np.random.RandomState(0).get_state(),
    "namespace": argparse.Namespace(size=3),
    "simple namespace": types.SimpleNamespace(size=3),
    "path": pathlib.PurePosixPath("a"),
    "here": pathlib.Path("a"),
    "date": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    "duration": datetime.timedelta(1),
    "loss": torch.nn.MSELoss(),
    "weighted loss": torch.nn.CrossEntropyLoss(weight=torch.ones(3)),
    "layer": torch.nn.Linear(2, 3),
    "class": torch.nn.LSTM,
    "function": torch.nn.functional.relu,
    "partial": functools.partial(torch.nn.functional.softmax, dim=1),
    "callbacks by class": {torch.nn.MSELoss: {"best": 1.0}, Settings: {}},
    "numbers as keys": {(1, 2): 3, 1.5: 2, None: 1, b"a": 3, -1: 0},
    "attribute dict": attributes(size=3),
    "ordered": Ordered(size=3),
    "dataclass": Settings(),
    "named tuple": Point(1, 2),
    "enum": Colour.RED,
    "flags": re.compile("a", re.IGNORECASE),
    "deque": collections.deque([1.0], maxlen=5),
    "defaults": collections.defaultdict(list, a=[1]),
    "counter": collections.Counter("hello"),
    "sets": {frozenset("ab"), "c"},
    "error": ValueError("once"),
    "python state": random.getstate(),
    "torch state": torch.get_rng_state(),
    "device": torch.device("cpu"),
    "sizes": torch.Size([2, 3]),
    "format": torch.strided,
    "level": logging.WARNING,
    "complex": 1 + 2j,
    "range": range(3),
    "none": type(None),
    "bytes": bytearray(b"abc"),
    "losses": [torch.tensor(0.5), torch.tensor(0.25)],
    "log": [{"epoch": 1, "loss": torch.tensor(0.5)}],
}  # fmt: skip


@pytest.mark.parametrize("key", ["state_dict", "model"])
@pytest.mark.parametrize("beside", BESIDE)
def test_what_lies_beside_a_state_dict_is_not_opened(beside: str, key: str) -> None:
    module = torch.nn.GRU(2, 3)
    saved = {"epoch": 3, key: module.state_dict(), "beside": BESIDE[beside]}
    nested = {key: module.state_dict(), "hyper_parameters": {"rest": [BESIDE[beside]]}}
    for value in (saved, nested):
        for is_zip in FORMS:
            source = torch_saved(value, _use_new_zipfile_serialization=is_zip)
            same(read_checkpoint(source), module.state_dict())
    if beside not in ("numpy generator",):
        for protocol in range(6):
            if (beside, protocol) in {("numpy state", 0)}:
                continue
            source = Source("model.pkl", pickle.dumps(saved, protocol))
            same(read_checkpoint(source), module.state_dict())


@pytest.mark.parametrize("protocol", range(6))
def test_a_plain_pickle_of_arrays_is_read_in_every_protocol(protocol: int) -> None:
    module = torch.nn.LSTM(2, 3)
    arrays = {name: value.numpy() for name, value in module.state_dict().items()}
    for saved in (arrays, {"model": arrays}, Ordered(arrays), attributes(**arrays)):
        source = Source("weights.pkl", pickle.dumps(saved, protocol))
        same(read_checkpoint(source), module.state_dict())


@pytest.mark.parametrize("order", ["C", "F"])
def test_what_joblib_wrote_is_read(order: Any, tmp_path: Path) -> None:
    arrays = {name: np.array(normal(3, n), order=order) for n, name in enumerate("vw", 2)}
    joblib.dump({"epoch": 3, "weights": arrays, "more": np.float32(1)}, tmp_path / "model.pkl")
    read = read_checkpoint(Source("model.pkl", (tmp_path / "model.pkl").read_bytes()))
    assert list(read) == ["v", "w"]
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array)


def test_what_paddle_writes_is_read() -> None:
    # paddle.save: arrays by name and a table of names, or (name, array) for each tensor; every
    # parameter of a recurrent layer twice, and linear layers as (input, output).
    net = torch.nn.ModuleDict(
        {"rnn": torch.nn.LSTM(2, 3, 2, bidirectional=True), "fc": torch.nn.Linear(6, 6)}
    )
    arrays = {name: value.numpy() for name, value in net.state_dict().items()}
    written = arrays | {"fc.weight": arrays["fc.weight"].T}
    for name, array in arrays.items():
        if found := re.fullmatch(r"rnn\.(.*)_l(\d)(_reverse)?", name):
            side = "bw" if found[3] else "fw"
            written[f"rnn.{found[2]}.cell_{side}.{found[1]}"] = array.copy()
    table = {"StructuredToParameterName@@": {name: f"lstm_0.{name}" for name in written}}
    pairs = {name: (f"lstm_0.{name}", array) for name, array in written.items()}
    for saved in (written | table, pairs, {"model": pairs, "epoch": 3}):
        source = Source("model.pdparams", pickle.dumps(saved, 4))
        read = read_checkpoint(source)
        same({name: read[name] for name in net.state_dict()}, net.state_dict())
        (found,) = import_model(source)
        assert (found.name, found.model.n_outputs) == ("rnn", 6)
        assert [layer.level for layer in found.model.layers] == [0, 0, 1, 1]
        assert all(row.name != "left_out" for row in found.report)


@pytest.mark.parametrize("kind", [list, tuple])
def test_names_and_tensors_in_pairs_are_a_state_dict(kind: Any) -> None:
    module = torch.nn.LSTM(2, 3, 2)
    named = kind(module.named_parameters())
    for saved in (named, {"model": named}, {"params": named, "losses": [torch.tensor(1.0)]}):
        same(read_checkpoint(torch_saved(saved)), module.state_dict())


def test_names_that_are_bytes_are_read() -> None:
    module = torch.nn.LSTM(2, 3)
    saved = {name.encode(): value.numpy() for name, value in module.state_dict().items()}
    same(read_checkpoint(Source("m.pkl", pickle.dumps({b"params": saved}))), module.state_dict())


def test_the_chatbot_of_the_tutorial_opens_with_its_vocabulary() -> None:
    # pytorch.org/tutorials/beginner/chatbot_tutorial.html: its words begin behind three tokens.
    embedding = drawn(torch.nn.Embedding(8, 4))
    encoder = torch.nn.ModuleDict({"embedding": embedding, "gru": drawn(torch.nn.GRU(4, 4))})
    decoder = torch.nn.ModuleDict({"embedding": embedding, "gru": drawn(torch.nn.GRU(4, 4))})
    names = {0: "PAD", 1: "SOS", 2: "EOS", **dict(enumerate("abcde", 3))}
    voc = {"name": "movies", "trimmed": False, "num_words": 8, "index2word": names}
    voc |= {"word2index": {v: k for k, v in names.items() if k > 2}, "word2count": {"a": 3}}
    saved = {"iteration": 4000, "loss": torch.tensor(2.5), "voc_dict": voc}
    saved |= {"en": encoder.state_dict(), "de": decoder.state_dict()}
    saved |= {"en_opt": torch.optim.Adam(encoder.parameters()).state_dict()}
    found = import_model(torch_saved(saved | {"embedding": embedding.state_dict()}))
    assert [result.name for result in found] == ["en.gru", "de.gru"]
    ids = torch.tensor([3, 7, 0])[:, None]
    for result, module in zip(found, (encoder, decoder), strict=True):
        assert result.model.vocabulary == tuple(names.values())
        wanted = module["gru"](embedding(ids))[0].detach().numpy()
        assert_close(rv.trace(result.model, rv.parse("a e PAD", "words"))["hidden"], wanted)


def prefixed(prefix: str, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {prefix + name: value for name, value in state.items()}


SEVERAL = [
    ({"model": "gru.", "decoder": "gru."}, ["model.gru", "decoder.gru"]),
    ({"generator": "", "discriminator": ""}, ["generator", "discriminator"]),
    ({"model": "rnn.", "model_ema": "rnn."}, ["model.rnn", "model_ema.rnn"]),
    ({"state_dict": "rnn.", "ema": "rnn."}, ["state_dict.rnn", "ema.rnn"]),
    ({"encoder_state_dict": "", "decoder_state_dict": ""}, None),
]


@pytest.mark.parametrize(("prefixes", "names"), SEVERAL)
def test_every_state_dict_of_a_file_is_offered_by_its_key(
    prefixes: dict[str, str], names: list[str] | None
) -> None:
    modules = {key: drawn(torch.nn.GRU(3, 4 + n)) for n, key in enumerate(prefixes)}
    optimiser = torch.optim.Adam(modules[next(iter(prefixes))].parameters())
    saved: dict[str, Any] = {k: prefixed(prefixes[k], m.state_dict()) for k, m in modules.items()}
    found = import_model(torch_saved({"opt": optimiser.state_dict(), **saved, "epoch": 3}))
    assert [result.name for result in found] == (names or list(prefixes))
    values = normal(6, 2, 3)
    for result, module in zip(found, modules.values(), strict=True):
        wanted = module(torch.tensor(values))[0].detach().numpy()
        assert_close(hidden(result.model, values), wanted)


@pytest.mark.parametrize("kind", [list, tuple, lambda items: dict(enumerate(items))])
def test_state_dicts_in_lists_and_by_number_are_offered(kind: Any) -> None:
    modules = drawn(torch.nn.GRU(3, 4)), drawn(torch.nn.LSTM(3, 5))
    found = import_model(torch_saved(kind([module.state_dict() for module in modules])))
    assert [result.name for result in found] == ["0", "1"]
    values = normal(6, 2, 3)
    for result, module in zip(found, modules, strict=True):
        wanted = module(torch.tensor(values))[0].detach().numpy()
        assert_close(hidden(result.model, values), wanted)


def test_a_state_dict_first_in_a_tuple_is_read_without_its_optimiser() -> None:
    module = torch.nn.GRU(2, 3)
    optimiser = torch.optim.Adam(module.parameters())
    module(torch.randn(4, 1, 2))[0].sum().backward()
    optimiser.step()
    read = read_checkpoint(torch_saved((module.state_dict(), optimiser.state_dict(), 3)))
    same(read, prefixed("0.", module.state_dict()))


def test_what_fastai_saves_is_read_without_its_optimiser() -> None:
    # `Learner.save`: {"model": …, "opt": Optimizer.state_dict()} (fastai/learner.py).
    module = torch.nn.LSTM(2, 3)
    slots = [{"mom": 0.9, "grad_avg": torch.ones(12, 2), "sqr_avg": torch.ones(12, 2)}]
    saved = {"model": module.state_dict(), "opt": {"state": slots, "hypers": [{"lr": 0.1}]}}
    same(read_checkpoint(torch_saved(saved)), module.state_dict())


def test_an_unrelated_array_beside_a_state_dict_keeps_its_name() -> None:
    module = torch.nn.GRU(2, 3)
    table = torch.randn(5, 4)
    read = read_checkpoint(torch_saved({"state_dict": module.state_dict(), "confusion": table}))
    same(read, module.state_dict() | {"confusion": table})


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = drawn(torch.nn.LSTM(2, 3))

    def forward(self, x: torch.Tensor) -> Any:
        return self.rnn(x)


class Learner:
    """As fastai's, which `learn.export()` saves whole."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.model, self.loss_func = model, torch.nn.CrossEntropyLoss(weight=torch.ones(3))


class Network:
    """As people write one in NumPy alone."""

    def __init__(self, net: Net) -> None:
        for name, value in net.rnn.state_dict().items():
            setattr(self, name, value.numpy())
        self.learning_rate = 0.1


class Snapshot:
    def __init__(self, weights: Any) -> None:
        self.weights = weights


def whole(net: Net) -> dict[str, Any]:
    return {
        "a module": net,
        "under a key": {"model": net, "epoch": 3},
        "beside its loss": {"criterion": torch.nn.CrossEntropyLoss(torch.ones(3)), "net": net},
        "with its optimiser": {"model": net, "optimizer": stepped(net).state_dict()},
        "in a list": [net, torch.nn.MSELoss(), {"epoch": 3}],
        "in an object": Learner(net),
        "in a sequence": torch.nn.Sequential(net),
        "weights in an object": Snapshot(net.state_dict()),
        "weights as attributes": Network(net),
        "weights in an object in a dict": {"best": Snapshot({"state": net.state_dict()})},
    }


def stepped(net: Net) -> torch.optim.Optimizer:
    optimiser = torch.optim.Adam(net.parameters())
    net(torch.randn(4, 1, 2, dtype=torch.float64))[0].sum().backward()
    optimiser.step()
    return optimiser


WAYS: dict[str, Any] = {
    "torch": torch.save,
    "old torch": functools.partial(torch.save, _use_new_zipfile_serialization=False),
    "pickle": lambda value, path: path.write_bytes(pickle.dumps(value)),
    "joblib": joblib.dump,
}


@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", whole(Net()))
def test_the_line_that_refuses_a_whole_object_saves_weights_that_open(
    kind: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = Net()
    monkeypatch.chdir(tmp_path)
    WAYS[way](whole(net)[kind], tmp_path / "net.pt")
    with pytest.raises(ModelError) as refused:
        rv.read_model("net.pt")
    line = str(refused.value).partition("alone: ")[2].removesuffix(".")
    exec(line, {"torch": torch, "pickle": pickle, "pathlib": pathlib, "joblib": joblib})
    values = normal(6, 2, 2)
    wanted = net(torch.tensor(values))[0].detach().numpy()
    [saved] = Path().glob("weights.*")
    assert_close(hidden(rv.read_model(saved), values), wanted)


@pytest.mark.filterwarnings("ignore")
def test_a_torchscript_line_saves_weights_that_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, values = Net(), normal(6, 2, 2)
    monkeypatch.chdir(tmp_path)
    torch.jit.save(torch.jit.trace(net, torch.tensor(values)), "net.pt")
    with pytest.raises(ModelError, match="TorchScript") as refused:
        rv.read_model("net.pt")
    exec(str(refused.value).partition("weights with ")[2].removesuffix("."), {"torch": torch})
    wanted = net(torch.tensor(values))[0].detach().numpy()
    assert_close(hidden(rv.read_model("weights.pt"), values), wanted)


def test_streams_of_other_programs_are_no_models() -> None:
    for text in (b"(a, b)", b"chapter one", b"}", b"]]]", b"cat"):
        with pytest.raises(ModelError):
            read_checkpoint(Source("model.pkl", text))
    stream = io.BytesIO()
    np.save(stream, np.ones(3))
    with pytest.raises(ModelError, match="another kind of file"):
        read_checkpoint(Source("model.pkl", stream.getvalue()))


LEAVES = st.one_of(
    st.integers(0, 9), st.none(), st.text(max_size=3), st.just(np.float64(0.5)), st.just(Settings())
)
NAMES = st.text("abcd", min_size=1, max_size=3)
BESIDES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(NAMES, inner, max_size=3),
        st.tuples(inner, inner),
        st.builds(argparse.Namespace, x=inner),
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(["state_dict", "model", "net", "best", "encoder", "ema"])


@given(st.lists(KEYS, max_size=4), BESIDES, st.integers(0, 5), st.booleans())
def test_a_state_dict_is_found_however_deep_and_whatever_lies_beside(
    keys: list[str], beside: Any, protocol: int, is_torch: bool
) -> None:
    saved: Any = {"rnn.weight_ih_l0": np.ones((3, 2)), "rnn.weight_hh_l0": np.eye(3)}
    for key in keys:
        saved = {"beside": beside, key: saved}
    source = (
        torch_saved(saved, pickle_protocol=max(protocol, 2))
        if is_torch
        else Source("m.pkl", pickle.dumps(saved, protocol))
    )
    read = read_checkpoint(source)
    assert [name.rpartition("rnn.")[2] for name in read] == ["weight_ih_l0", "weight_hh_l0"]
    np.testing.assert_array_equal(list(read.values())[1], np.eye(3))
