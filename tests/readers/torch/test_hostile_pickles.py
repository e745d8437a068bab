"""Pickles written to do harm, to fill memory or to crash: refused unrun, fast and small."""

import os
import struct
import subprocess
import sys
from pickle import dumps
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.errors import ModelError
from rnnviz.readers.result import Source
from rnnviz.readers.torch import pickle_vm
from rnnviz.readers.torch.container import read_checkpoint
from rnnviz.readers.torch.pickle_globals import GlobalFinder
from rnnviz.readers.torch.stand_in import UnknownGlobal
from tests.readers.bounded import MEGABYTE, memory_below
from tests.readers.saved import (
    PROTOCOL,
    checkpoint,
    state,
    tensor,
    text,
    torch_saved,
    whole,
    whole_tuple,
)

FORMS = [True, False]


class Calls:
    def __init__(self, function: Any, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


PAYLOADS = [
    (Calls(os.system, "echo harm > {path}"), r"(posix|nt)\.system"),
    (Calls(eval, "open({path!r}, 'w')"), r"(builtins|__builtin__)\.eval"),
    (Calls(exec, "open({path!r}, 'w')"), r"(builtins|__builtin__)\.exec"),
    (Calls(getattr, os, "system"), r"(builtins|__builtin__)\.getattr"),
    (Calls(subprocess.Popen, "echo harm > {path}"), r"(subprocess|commands)\.Popen"),
    (Calls(__import__, "os"), r"(builtins|__builtin__)\.__import__"),
    (Calls(torch.hub.load, "a", "b"), r"torch\.hub\.load"),
]


@pytest.mark.parametrize("is_zip", FORMS)
@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize(("payload", "named"), PAYLOADS[:3] + PAYLOADS[4:], ids=range(6))
def test_a_payload_is_named_and_not_run(
    payload: Calls, named: str, protocol: int, is_zip: bool, tmp_path: Any
) -> None:
    path = tmp_path / "harm"
    function, arguments = payload.call
    armed = Calls(function, *(str(a).format(path=str(path)) for a in arguments))
    saved = torch_saved(
        {"w": torch.ones(2), "a": armed},
        pickle_protocol=protocol,
        _use_new_zipfile_serialization=is_zip,
    )
    with pytest.raises(ModelError, match=f"calls {named} when it is opened"):
        read_checkpoint(saved)
    assert not path.exists()


NAMED = ["os.system", "builtins.getattr", "operator.attrgetter", "importlib.import_module"]


@pytest.mark.parametrize("name", NAMED)
def test_a_name_is_refused_where_it_stands_before_anything_is_made_of_it(name: str) -> None:
    module, function = name.split(".")
    by_line = state(w=f"c{module}\n{function}\n".encode())
    by_stack = state(w=text(module) + text(function) + b"\x93")
    for pickle in (by_line, by_stack):
        with pytest.raises(ModelError, match=f"calls {name} when it is opened"):
            read_checkpoint(checkpoint(pickle))


def test_no_stand_in_leads_to_a_function_of_python() -> None:
    # What a name with a dot in it would reach by attributes: `OrderedDict.fromkeys`, …
    for name in ("OrderedDict.__class__", "OrderedDict.fromkeys", "OrderedDict.update"):
        found = GlobalFinder(Source("a.pt", b""))(f"collections.{name}")
        assert type(found) is UnknownGlobal
        called = text("collections") + text(name) + b"\x93)R"
        with pytest.raises(ModelError, match="it holds none"):
            read_checkpoint(checkpoint(state(w=called)))


def test_getattr_reaches_members_of_unknown_classes_and_nothing_else() -> None:
    member = b"cbuiltins\ngetattr\n(cmine\nColour\n" + text("RED") + b"tR"
    with pytest.raises(ModelError, match="it holds none"):
        read_checkpoint(checkpoint(state(w=member)))
    for owner in (b"N", text("os"), b"ccollections\nOrderedDict\n"):
        reached = b"cbuiltins\ngetattr\n(" + owner + text("system") + b"tR"
        with pytest.raises(ModelError, match=r"calls builtins\.getattr when it is opened"):
            read_checkpoint(checkpoint(state(w=reached)))


@pytest.mark.parametrize("protocol", [0, 1])
def test_a_payload_of_an_early_protocol_is_named_and_not_run(protocol: int, tmp_path: Any) -> None:
    path = tmp_path / "harm"
    armed = dumps({"a": Calls(os.system, f"echo harm > {path}")}, protocol)
    with pytest.raises(ModelError, match=r"calls (posix|nt)\.system when it is opened"):
        read_checkpoint(Source("model.pkl", armed))
    instance = b"(Vecho harm\nios\nsystem\n."
    with pytest.raises(ModelError, match=r"calls os\.system when it is opened"):
        read_checkpoint(Source("model.pkl", instance))
    assert not path.exists()


def test_building_changes_nothing_outside_the_pickle() -> None:
    attributes = b"}" + text("make") + b"Ns"
    for name in ("collections\nOrderedDict", "torch\nSize", "numpy\nndarray"):
        pickle = PROTOCOL + f"c{name}\n".encode() + attributes + b"b0" + state(w=b"N")[2:]
        with pytest.raises(ModelError, match="it holds none"):
            read_checkpoint(checkpoint(pickle))
    assert read_checkpoint(torch_saved({"w": torch.ones(1)}))["w"] == 1


def deep(opening: bytes, closing: bytes, count: int) -> bytes:
    return opening * count + closing * count


def laughs(depth: int) -> bytes:
    """A dict of twenty entries, each the one made before."""
    entries = b"".join(text(f"{i}") + b"h" + bytes([depth]) for i in range(20))
    return b"}q" + bytes([depth + 1]) + b"(" + entries + b"u"


STEPS = 100_000
NESTS = ("state_dict", "model_state_dict", "model", "module", "net", "network", "weights")
CRASHING = {
    "tuples as a key": PROTOCOL + b"})" + b"\x85" * STEPS + b"Ns.",
    "tuples": state(w=b")" + b"\x85" * STEPS),
    "lists": state(w=deep(b"]", b"a", STEPS // 2)[:-1]),
    "dicts": PROTOCOL + b"}" + deep(text("a") + b"}", b"s", STEPS // 3) + b".",
    "ordered dicts": state(w=b"]q\x010" + b"ccollections\nOrderedDict\nh\x01\x85R" * (STEPS // 5)),
    "itself": PROTOCOL + b"}q\0" + text("a") + b"h\0s.",
    "itself by every name": PROTOCOL
    + b"}q\0("
    + b"".join(text(name) + b"h\0" for name in NESTS)
    + b"u.",
    "models in models": PROTOCOL + b"}" + deep(text("model") + b"}", b"s", STEPS // 4) + b".",
    "a billion laughs": PROTOCOL + b"}q\0" + b"".join(laughs(i) for i in range(100)) + b".",
    "colliding keys": PROTOCOL
    + b"}("
    + b"".join(whole(i * (2**61 - 1)) + b"N" for i in range(STEPS // 2))
    + b"u.",
}


OBJECT = b"cmine\nThing\n)\x81"
CRASHING |= {
    "objects in objects": PROTOCOL + OBJECT + (OBJECT + b"b") * (STEPS // 4) + b".",
    "objects of one state": PROTOCOL
    + b"}q\0("
    + b"".join(text(f"a{i}") + b"N" for i in range(STEPS // 4))
    + b"u0]("
    + (OBJECT + b"h\0b") * (STEPS // 8)
    + b"e.",
    "objects that share objects": PROTOCOL
    + OBJECT
    + b"q\0"
    + b"".join(
        b"0" + OBJECT + b"}(" + b"".join(text(f"a{k}") + b"h" + bytes([i]) for k in range(9))
        + b"ubq" + bytes([i + 1])
        for i in range(200)
    )
    + b".",
    "lists that share lists": PROTOCOL
    + b"]q\0"
    + b"".join(b"0](" + (b"h" + bytes([i])) * 9 + b"eq" + bytes([i + 1]) for i in range(200))
    + b".",
    "modules that share modules": PROTOCOL
    + OBJECT
    + b"q\0"
    + b"".join(
        b"0" + OBJECT + b"}(" + text("_parameters") + b"}" + text("_modules") + b"}("
        + b"".join(text(f"a{k}") + b"h" + bytes([i]) for k in range(9))
        + b"uubq" + bytes([i + 1])
        for i in range(200)
    )
    + b".",
    "a long call": PROTOCOL
    + b"(" + b"N" * (STEPS // 2) + b"tq\0" + b"0cmine\nThing\nq\1"
    + b"0h\1h\0R" * (STEPS // 10) + b".",
    "a long call of what is known": PROTOCOL
    + b"(" + b"N" * (STEPS // 2) + b"tq\0" + b"0ctorch\nSize\nq\1"
    + b"0h\1h\0R" * (STEPS // 10) + b".",
}  # fmt: skip


@pytest.mark.parametrize("kind", CRASHING)
def test_nesting_and_sharing_end_with_one_sentence(kind: str) -> None:
    with memory_below(150 * MEGABYTE), pytest.raises(ModelError):
        read_checkpoint(checkpoint(CRASHING[kind]))


def test_the_tuples_crash_the_unpickler_of_python() -> None:
    # Why pickled.py has a machine of its own.
    code = "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"
    pickle = PROTOCOL + b"})" + b"\x85" * 4 * STEPS + b"Ns."
    done = subprocess.run([sys.executable, "-c", code], input=pickle, capture_output=True)
    assert done.returncode < 0


FILLING = {
    "steps": b"N" * 20 * MEGABYTE,
    "marks": b"(" * 20 * MEGABYTE,
    "a memo": b"}r\xff\xff\xff\x7f",
    "a text's length": b"X\xff\xff\xff\xffabc",
    "a text's long length": b"\x8d" + struct.pack("<Q", 2**62) + b"abc",
    "bytes' length": b"\x8e" + struct.pack("<Q", 2**62),
    "an array's length": b"\x96" + struct.pack("<Q", 2**62),
    "a frame's length": b"\x95" + struct.pack("<Q", 2**62),
    "a whole number": b"\x8b" + struct.pack("<i", 2**31 - 1),
    "a negative length": b"\x8b" + struct.pack("<i", -1),
    "copies": b"".join([b"c__builtin__\nbytearray\nq\0", whole(10**12), b"\x85R"]),
    "pairs": b"]q\0(" + b"]" * 1000 + b"e0" + b"ccollections\nOrderedDict\nh\0\x85R0" * 50_000,
}


@pytest.mark.parametrize("kind", FILLING)
def test_a_claim_or_a_loop_takes_no_memory(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_vm, "MAX_OPCODES", STEPS)
    with memory_below(100 * MEGABYTE), pytest.raises(ModelError):
        read_checkpoint(checkpoint(PROTOCOL + FILLING[kind] + b"."))


STRIDES = {
    "larger than stored": ((40_000, 40_000), (0, 0), 0, 4),
    "beyond the end": ((2, 2), (3, 1), 0, 4),
    "an offset beyond": ((1,), (1,), 4, 4),
    "a scalar beyond": ((), (), 4, 4),
    "a negative offset": ((1,), (1,), -1, 4),
    "a negative stride": ((2,), (-1,), 1, 4),
    "a negative shape": ((-1, 2), (1, 1), 0, 4),
    "more strides": ((2,), (1, 1), 0, 4),
    "an offset that overflows": ((1,), (1,), 2**63 - 1, 4),
    "a stride that overflows": ((2, 1), (2**62, 1), 0, 4),
    "many axes": ((1,) * 65, (1,) * 65, 0, 4),
    "empty and large": ((0, 2**62, 2**62), (1, 1, 1), 0, 4),
}


@pytest.mark.parametrize("kind", STRIDES)
def test_a_view_beyond_its_storage_is_never_built(kind: str) -> None:
    shape, stride, offset, count = STRIDES[kind]
    saved = checkpoint(state(w=tensor(shape, stride, offset, count)), _0=bytes(16))
    with memory_below(MEGABYTE), pytest.raises(ModelError, match=r"“w” in “model\.pt” should have"):
        read_checkpoint(saved)


@pytest.mark.parametrize("is_zip", FORMS)
def test_an_expanded_tensor_is_never_built(is_zip: bool) -> None:
    expanded = {"w": torch.zeros(1).expand(40_000, 40_000)}
    saved = torch_saved(expanded, _use_new_zipfile_serialization=is_zip)
    with memory_below(MEGABYTE), pytest.raises(ModelError, match=r"“w” in “model\.pt” should have"):
        read_checkpoint(saved)


def test_an_axis_of_one_may_have_any_stride() -> None:
    saved = checkpoint(state(w=tensor((1, 2), (2**70, 1))), _0=np.float32([1, 2, 3, 4]).tobytes())
    np.testing.assert_array_equal(read_checkpoint(saved)["w"], [[1, 2]])


def test_many_views_of_one_storage_are_counted_before_they_are_built() -> None:
    kept = torch.zeros(1_000_000, dtype=torch.float16)
    saved = torch_saved({f"w{i}": kept[i:] for i in range(600)})
    bound = len(saved.data) + 10 * MEGABYTE
    with memory_below(bound), pytest.raises(ModelError, match=r"“model\.pt” holds 600 of 23"):
        read_checkpoint(saved)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float8_e4m3fn, torch.bool])
def test_narrow_numbers_that_many_names_share_are_counted(dtype: torch.dtype) -> None:
    kept = torch.zeros(100_000).to(dtype)
    saved = torch_saved({f"w{i}": kept.view(100, 1000) for i in range(4_000)})
    bound = len(saved.data) + 20 * MEGABYTE
    with memory_below(bound), pytest.raises(ModelError, match=r"“model\.pt” holds 4000 of"):
        read_checkpoint(saved)


LONG = {
    "vocabularies": PROTOCOL + b"}" + text("v" * MEGABYTE) + b"}(" + b"".join(
        text(f"vocab{i}") + b"]" for i in range(20_000)) + b"us.",
    "objects": PROTOCOL + OBJECT + b"}" + text("v" * 250) + OBJECT + b"}(" + b"".join(
        text(f"{i}" * 50) + OBJECT for i in range(20_000)) + b"ubsb.",
    "tensors": PROTOCOL + tensor((1, 1), (1, 1)) + b"q\0" + b"0}" + text("v" * 250) + b"}("
    + b"".join(text(f"{i}" * 50) + b"h\0" for i in range(20_000)) + b"us.",
}  # fmt: skip


@pytest.mark.parametrize("kind", LONG)
def test_long_names_are_not_written_out_many_times(kind: str) -> None:
    with memory_below(60 * MEGABYTE), pytest.raises(ModelError):
        read_checkpoint(checkpoint(LONG[kind], _0=bytes(16)))


SHORT = {
    "too short": (4, {"_0": bytes(15)}),
    "too long": (4, {"_0": bytes(17)}),
    "not there": (4, {"_1": bytes(16)}),
    "a claim": (10**12, {"_0": bytes(16)}),
}


@pytest.mark.parametrize("kind", SHORT)
def test_a_storage_that_is_not_as_declared_is_refused(kind: str) -> None:
    count, members = SHORT[kind]
    saved = checkpoint(state(w=tensor((2, 2), (2, 1), count=count)), **members)
    with memory_below(MEGABYTE), pytest.raises(ModelError, match="some are missing or cut off"):
        read_checkpoint(saved)


def test_a_storage_key_reaches_no_other_member() -> None:
    for key in ("../data.pkl", "/etc/passwd", "0/../0", ""):
        saved = checkpoint(state(w=tensor((2, 2), (2, 1), key=key)), _0=bytes(16))
        with pytest.raises(ModelError, match="some are missing or cut off"):
            read_checkpoint(saved)


def test_old_storages_that_claim_more_than_the_file_are_refused() -> None:
    data = torch_saved({"w": torch.ones(3)}, _use_new_zipfile_serialization=False).data
    length = data.rindex(struct.pack("<q", 3))
    for claimed in (4, 2**62, -1):
        changed = data[:length] + struct.pack("<q", claimed) + data[length + 8 :]
        with memory_below(MEGABYTE), pytest.raises(ModelError, match="missing or cut off"):
            read_checkpoint(Source("model.pt", changed))


def numpy_array(count: int) -> bytes:
    """A NumPy array of bytes, of what lies on the stack's top before it: its text."""
    made = b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85c_codecs\nencode\n"
    made += text("b") + text("latin1") + b"\x86RtR(K\x01" + whole_tuple((count,))
    made += b"cnumpy\ndtype\n" + text("u1") + b"\x89\x88\x87R\x89"
    return made + b"c_codecs\nencode\nh\0" + text("latin1") + b"\x86Rtb"


def test_a_text_that_is_no_bytes_is_refused() -> None:
    for character, is_read in (("\xff", True), ("\u0100", False)):
        pickle = PROTOCOL + text("a" + character) + b"q\0" + b"0" + state(w=numpy_array(2))[2:]
        if is_read:
            assert read_checkpoint(checkpoint(pickle))["w"].tolist() == [97, 255]
        else:
            with pytest.raises(ModelError, match="some are missing or cut off"):
                read_checkpoint(checkpoint(pickle))


def test_many_arrays_of_one_text_are_counted_before_they_are_built() -> None:
    size = MEGABYTE
    entries = {f"w{i}": numpy_array(size) for i in range(70)}
    pickle = PROTOCOL + text("a" * size) + b"q\0" + b"0" + state(**entries)[2:]
    with memory_below(10 * MEGABYTE), pytest.raises(ModelError, match="takes more; save"):
        read_checkpoint(checkpoint(pickle))
