"""Checkpoints that PyTorch wrote itself; PyTorch's own tensors are the witness."""

import collections
import datetime
import io
import pathlib
import pickle
import re
import subprocess
import sys
import warnings
import zipfile
from contextlib import suppress
from typing import Any

import joblib
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import ModelError, RnnvizError
from rnnviz.readers.result import Source
from rnnviz.readers.torch.container import read_checkpoint
from tests.readers.saved import PROTOCOL, checkpoint, state, tensor, text, torch_saved, zipped

FORMS = [True, False]
FLOATS = ["float64", "float32", "float16", "bfloat16"]
EIGHTS = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"]
COMPLEX = ["complex64", "complex128"]
WHOLES = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)] + ["bool"]


def same(read: Any, tensors: Any) -> None:
    assert list(read) == list(tensors)
    for name, expected in tensors.items():
        is_narrow = expected.dtype.is_floating_point and expected.dtype is not torch.float64
        numbers = (expected.float() if is_narrow else expected).detach().numpy()
        assert read[name].dtype == numbers.dtype
        np.testing.assert_array_equal(read[name], numbers)


@pytest.mark.parametrize("is_zip", FORMS)
@pytest.mark.parametrize("kind", [torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU])
def test_a_state_dict_comes_back_as_it_was(kind: Any, is_zip: bool) -> None:
    module = kind(3, 5, num_layers=2, bidirectional=True)
    saved = torch_saved(module.state_dict(), _use_new_zipfile_serialization=is_zip)
    same(read_checkpoint(saved), module.state_dict())


@pytest.mark.parametrize("is_zip", FORMS)
@pytest.mark.parametrize("name", FLOATS + WHOLES)
def test_every_number_type_is_read_as_torch_reads_it(name: str, is_zip: bool) -> None:
    tensors = {"w": (torch.randn(3, 4) * 3).to(getattr(torch, name)), "v": torch.ones(2)}
    same(read_checkpoint(torch_saved(tensors, _use_new_zipfile_serialization=is_zip)), tensors)


@pytest.mark.parametrize("is_zip", FORMS)
@pytest.mark.parametrize("name", EIGHTS)
def test_all_codes_of_an_8_bit_float_are_those_of_torch(name: str, is_zip: bool) -> None:
    tensors = {"w": torch.arange(256, dtype=torch.uint8).view(getattr(torch, name))}
    same(read_checkpoint(torch_saved(tensors, _use_new_zipfile_serialization=is_zip)), tensors)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_all_codes_of_a_16_bit_float_are_those_of_torch(name: str) -> None:
    codes = torch.arange(65_536, dtype=torch.int32).to(torch.uint16)
    tensors = {"w": codes.view(getattr(torch, name))}
    same(read_checkpoint(torch_saved(tensors)), tensors)


@pytest.mark.parametrize("is_zip", FORMS)
def test_views_and_shared_storages_are_read(is_zip: bool) -> None:
    whole = torch.randn(6, 5, 4)
    tensors = {
        "whole": whole,
        "turned": whole.permute(2, 0, 1),
        "part": whole[2:, 1::2, 3],
        "one": whole[1, 2, 3],
        "row": whole[:1].transpose(0, 1),
        "empty": torch.empty(0, 3),
        "scalar": torch.tensor(2.5),
        "whole_again": whole,
    }
    same(read_checkpoint(torch_saved(tensors, _use_new_zipfile_serialization=is_zip)), tensors)


@pytest.mark.parametrize("is_zip", FORMS)
def test_parameters_and_tensors_with_attributes_are_read(is_zip: bool) -> None:
    parameter, marked = torch.nn.Parameter(torch.randn(3)), torch.randn(2)
    marked.note = "mine"  # type: ignore[attr-defined]
    saved = {"parameter": parameter, "marked": marked}
    same(read_checkpoint(torch_saved(saved, _use_new_zipfile_serialization=is_zip)), saved)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_is_read(protocol: int) -> None:
    saved = {"w": torch.randn(3, 2), "more": {"v": torch.randn(2)}}
    read = read_checkpoint(torch_saved(saved, pickle_protocol=protocol))
    same(read, {"w": saved["w"], "more.v": saved["more"]["v"]})  # type: ignore[index]


def test_numbers_in_big_order_are_read_as_torch_reads_them() -> None:
    saved = {"w": torch.randn(3, 2, dtype=torch.float64), "h": torch.randn(4).bfloat16()}
    with zipfile.ZipFile(io.BytesIO(torch_saved(saved).data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["archive/byteorder"] = b"big"
    for member, kind in (("archive/data/0", "f8"), ("archive/data/1", "u2")):
        members[member] = np.frombuffer(members[member], kind).byteswap().tobytes()
    same(read_checkpoint(Source("big.pt", zipped(members))), saved)


def test_a_checkpoint_from_before_the_byte_order_was_written_is_little() -> None:
    numbers = np.array([1.5, -2.0, 0.25, 8.0], "<f4")
    read = read_checkpoint(checkpoint(state(w=tensor((2, 2), (2, 1))), _0=numbers.tobytes()))
    np.testing.assert_array_equal(read["w"], numbers.reshape(2, 2))


@pytest.mark.parametrize("is_zip", FORMS)
def test_the_optimiser_and_all_else_are_left_out(is_zip: bool) -> None:
    module = torch.nn.GRU(2, 3)
    optimiser = torch.optim.Adam(module.parameters())
    module(torch.randn(4, 1, 2))[0].sum().backward()
    optimiser.step()
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimiser, [3, 5])
    rest = {
        "epoch": 3,
        "optimizer": optimiser.state_dict(),
        "scheduler": scheduler.state_dict(),
        "tags": {"a", "b"},
        "counts": collections.defaultdict(int, x=1),
        "device": torch.device("cpu"),
        "dtype": torch.float32,
        "size": torch.Size([2, 3]),
    }
    for key in ("state_dict", "model_state_dict", "model"):
        saved = {**rest, key: module.state_dict()}
        same(
            read_checkpoint(torch_saved(saved, _use_new_zipfile_serialization=is_zip)),
            module.state_dict(),
        )


def test_a_lightning_checkpoint_gives_its_state_dict() -> None:
    module = torch.nn.LSTM(2, 3)
    saved = {
        "epoch": 1,
        "global_step": 10,
        "pytorch-lightning_version": "2.4.0",
        "state_dict": {f"model.{name}": value for name, value in module.state_dict().items()},
        "loops": {"fit_loop": {"state_dict": {}}},
        "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(1.0)}},
        "optimizer_states": [torch.optim.Adam(module.parameters()).state_dict()],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": {"hidden_size": 3, "dropout": 0.5, "layers": [1, 2]},
    }
    same(read_checkpoint(torch_saved(saved)), saved["state_dict"])


def test_several_state_dicts_keep_their_names_apart() -> None:
    encoder, decoder = torch.nn.GRU(2, 3).state_dict(), torch.nn.GRU(3, 2).state_dict()
    read = read_checkpoint(
        torch_saved({"en": encoder, "de": decoder, "en_opt": {"param_groups": []}})
    )
    expected = {f"en.{name}": value for name, value in encoder.items()}
    same(read, {**expected, **{f"de.{name}": value for name, value in decoder.items()}})


def test_an_ordered_dict_of_python_2_is_read() -> None:
    # Its pickle held a list of [key, value] pairs.
    value = tensor((2,), (1,))
    pairs = b"](" + b"".join(b"](" + text(name) + value + b"e" for name in ("b", "a")) + b"e"
    pickle = PROTOCOL + b"ccollections\nOrderedDict\n" + pairs + b"\x85R}" + text("m") + b"Nsb."
    read = read_checkpoint(checkpoint(pickle, _0=np.float32([1, 2, 3, 4]).tobytes()))
    assert list(read) == ["b", "a"]
    np.testing.assert_array_equal(read["a"], [1, 2])


def test_a_storage_view_of_an_old_file_starts_where_it_says() -> None:
    whole = np.arange(5, dtype=np.float32)
    data = torch_saved({"w": torch.arange(5.0)}, _use_new_zipfile_serialization=False).data
    key = data[data.index(b"cpuq") - 30 : data.index(b"cpuq")].split(b"X")[-2][4:].split(b"q")[0]
    view = b"cpuq\x06K\x05(" + text(key.decode() + "v") + b"K\x02K\x03t"
    changed = data.replace(b"cpuq\x06K\x05N", view).replace(b"K\x00K\x05\x85", b"K\x00K\x03\x85")
    assert changed != data
    expected = torch.load(io.BytesIO(changed))["w"].numpy()
    np.testing.assert_array_equal(expected, whole[2:])
    np.testing.assert_array_equal(read_checkpoint(Source("old.pt", changed))["w"], expected)


def test_what_wrappers_put_before_the_names_is_left_out() -> None:
    module = torch.nn.LSTM(2, 3)
    inner = torch.nn.Sequential(collections.OrderedDict(rnn=module))
    expected = {f"rnn.{name}": value for name, value in module.state_dict().items()}
    same(read_checkpoint(torch_saved(torch.nn.DataParallel(inner).state_dict())), expected)
    same(read_checkpoint(torch_saved(torch.compile(inner, backend="eager").state_dict())), expected)


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("code", ["<f4", ">f8", "<f2", "<i8", "|u1", "?"])
def test_numpy_arrays_by_name_are_read(protocol: int, code: str) -> None:
    array = np.asfortranarray(np.arange(-6, 6).reshape(3, 4)).astype(code)
    saved = {"w": array, "v": array[0], "words": np.array(["a"]), "any": np.array([{}])}
    for data in (torch_saved(saved, pickle_protocol=protocol).data, pickle.dumps(saved, protocol)):
        read = read_checkpoint(Source("model.pt", data))
        assert list(read) == ["w", "v"]
        np.testing.assert_array_equal(read["w"], array)
        np.testing.assert_array_equal(read["v"], array[0])


def test_arrays_read_cannot_be_written_to_the_file() -> None:
    read = read_checkpoint(torch_saved({"w": torch.ones(2)}))
    assert not read["w"].flags.writeable


@pytest.mark.parametrize("is_zip", FORMS)
def test_a_checkpoint_is_read_where_there_is_no_pytorch(
    is_zip: bool, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "model.pt"
    saved = torch_saved({"w": torch.ones(3).bfloat16()}, _use_new_zipfile_serialization=is_zip)
    path.write_bytes(saved.data)
    code = (
        "import pathlib, sys; sys.modules['torch'] = None\n"
        "from rnnviz.readers.torch.container import read_checkpoint as read\n"
        "from rnnviz.readers.result import Source\n"
        f"print(read(Source('model.pt', pathlib.Path({str(path)!r}).read_bytes()))['w'].tolist())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1.0, 1.0, 1.0]"


def test_weights_that_are_nan_are_let_through() -> None:
    saved = {"w": torch.tensor([1.0, float("nan"), float("inf")])}
    same(read_checkpoint(torch_saved(saved)), saved)


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = torch.nn.LSTM(2, 3)


LINE = re.escape('torch.save(model.state_dict(), "weights.pt")')


@pytest.mark.parametrize("is_zip", FORMS)
@pytest.mark.parametrize("module", [Net(), torch.nn.GRU(2, 3)])
def test_a_whole_module_is_refused_with_the_line_that_saves_its_weights(
    module: torch.nn.Module, is_zip: bool
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the old form could not keep every class's source
        saved = torch_saved(module, _use_new_zipfile_serialization=is_zip)
    with pytest.raises(ModelError, match=f"whole module with its class .*{LINE}"):
        read_checkpoint(saved)


def test_a_torchscript_program_is_refused_with_the_line_that_saves_its_weights() -> None:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(torch.nn.Linear(2, 3)), stream)
    with pytest.raises(ModelError, match=r"TorchScript program; .*torch\.jit\.load\(\"net\.pt\"\)"):
        read_checkpoint(Source("net.pt", stream.getvalue()))


def quantised() -> torch.Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = torch.ones(2, 2), torch.ones(2), torch.zeros(2)
        return torch.quantize_per_channel(*rows, 0, torch.quint4x2)


SPECIAL = [
    (torch.eye(3).to_sparse(), "torch.sparse"),
    (quantised(), "torch.quint4x2"),
    (torch.empty(2, device="meta"), "meta"),
    (torch.ones(2, dtype=torch.complex64).conj().imag, "torch.neg"),
]


@pytest.mark.parametrize("is_zip", FORMS)
def test_complex_numbers_are_read(is_zip: bool) -> None:
    tensors = {name: torch.randn(3, 2, dtype=getattr(torch, name)) for name in COMPLEX}
    saved = tensors | {"array": np.ones((2, 2), complex)}
    read = read_checkpoint(torch_saved(saved, _use_new_zipfile_serialization=is_zip))
    assert read.pop("array").tolist() == [[1, 1], [1, 1]]
    for name, expected in tensors.items():
        np.testing.assert_array_equal(read[name], expected.numpy())


PLAIN = {name: value for value, name in SPECIAL if name != "meta"}


@pytest.mark.parametrize("named", PLAIN)
def test_the_call_that_makes_a_tensor_plain_does(named: str) -> None:
    with pytest.raises(ModelError) as refused:
        read_checkpoint(torch_saved({"rnn.w": PLAIN[named]}))
    call = str(refused.value).partition("make it one with ")[2].partition(" and save")[0]
    plain = eval(f"value{call}", {"value": PLAIN[named]})
    np.testing.assert_array_equal(read_checkpoint(torch_saved({"rnn.w": plain}))["rnn.w"], plain)


@pytest.mark.parametrize(("value", "named"), SPECIAL, ids=[named for _, named in SPECIAL])
@pytest.mark.parametrize("is_zip", FORMS)
def test_a_tensor_of_another_make_is_refused_by_its_name(
    value: Any, named: str, is_zip: bool
) -> None:
    saved = torch_saved({"rnn.w": value}, _use_new_zipfile_serialization=is_zip)
    with pytest.raises(ModelError, match=f"“rnn.w” in “model.pt” should be .* type is {named}"):
        read_checkpoint(saved)


OTHER = [
    (b"", "is empty"),
    (b"PK", "ZIP archive, but it is damaged"),
    (b"\x80", "complete pickle"),
    (b"\x89HDF\r\n\x1a\n" + bytes(100), "another kind of file"),
    (b"just a text", "another kind of file"),
    (zipped({"word/document.xml": b"<w/>"}), "another kind of file"),
    (zipped({"a/data.pkl": b"", "b/data.pkl": b""}), "another kind of file"),
    (torch_saved({"epoch": 3}).data, "it holds none"),
    (torch_saved(torch.ones(2)).data, "it holds none"),
    (torch_saved([torch.ones(2)]).data, "it holds none"),
    (pickle.dumps(3), "it holds none"),
]


@pytest.mark.parametrize(("data", "sentence"), OTHER, ids=range(len(OTHER)))
def test_another_file_is_refused_by_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        read_checkpoint(Source("model.pt", data))


@pytest.mark.parametrize("is_zip", FORMS)
def test_a_file_cut_off_anywhere_is_refused(is_zip: bool) -> None:
    module = torch.nn.GRU(2, 3)
    data = torch_saved(module.state_dict(), _use_new_zipfile_serialization=is_zip).data
    for end in range(0, len(data) - 1, 7):
        with pytest.raises(ModelError):
            read_checkpoint(Source("model.pt", data[:end]))


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_flipped_bit_in_the_numbers_is_refused(place: str) -> None:
    data = bytearray(torch_saved({"w": torch.full((50,), 1.5)}).data)
    number = np.float32(1.5).tobytes()
    data[data.find(number) if place == "first" else data.rfind(number)] ^= 1
    with pytest.raises(ModelError, match="damaged or cut off"):
        read_checkpoint(Source("model.pt", bytes(data)))


def quantised_net() -> Any:
    """A state dict with packed weights."""
    net = torch.nn.Sequential(torch.nn.LSTM(2, 3), torch.nn.Linear(3, 2)).eval()
    kinds = {torch.nn.LSTM, torch.nn.Linear}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.ao.quantization.quantize_dynamic(net, kinds).state_dict()


def joblib_saved(value: Any) -> bytes:
    stream = io.BytesIO()
    joblib.dump(value, stream)
    return stream.getvalue()


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    QUANTISED = torch.quantize_per_tensor(torch.ones(2, 2), 0.1, 1, torch.qint8)
VALID = [
    torch_saved(torch.nn.LSTM(2, 3).state_dict()).data,
    torch_saved(torch.nn.LSTM(2, 3).state_dict(), _use_new_zipfile_serialization=False).data,
    torch_saved({"w": torch.randn(4).half(), "v": np.ones(3)}, pickle_protocol=4).data,
    pickle.dumps({"w": np.ones((2, 3), np.float32)}),
    pickle.dumps({"w": np.ones((2, 3)), "names": np.array(["a", "b"]), "n": np.int64(3)}, 0),
    pickle.dumps([torch.nn.GRU(2, 3).state_dict(), {"chars": ("a", "b")}], 1),
    torch_saved({"q": QUANTISED}).data,
    torch_saved(quantised_net()).data,
    torch_saved({"net": torch.nn.GRU(2, 3), "when": datetime.date(2026, 1, 1)}).data,
    joblib_saved({"w": np.ones((2, 3)), "loss": np.float64(0.5)}),
]
with zipfile.ZipFile(io.BytesIO(VALID[0])) as _archive:
    PICKLE = _archive.read("archive/data.pkl")
    STORED = {name.split("/")[-1]: _archive.read(name) for name in _archive.namelist()}


def changed(draw: Any, valid: bytes) -> bytes:
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(valid)))
        inserted = draw(st.binary(max_size=4))
        valid = valid[:place] + inserted + valid[place + draw(st.integers(0, 4)) :]
    return valid


@given(st.data())
def test_a_changed_file_gives_arrays_or_one_sentence(data: st.DataObject) -> None:
    valid = data.draw(st.sampled_from(VALID))
    with suppress(RnnvizError):
        assert read_checkpoint(Source("model.pt", changed(data.draw, valid)))


@given(st.data())
def test_a_changed_pickle_in_a_whole_archive_gives_arrays_or_one_sentence(
    data: st.DataObject,
) -> None:
    stored = {f"_{key}": value for key, value in STORED.items() if key.isdigit()}
    with suppress(RnnvizError):
        assert read_checkpoint(checkpoint(changed(data.draw, PICKLE), **stored))
