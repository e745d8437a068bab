"""Files of weights that the static Read page opens: its numbers are NumPy's, or it refuses."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import rnnviz as rv
from rnnviz.core.gate_order import GATE_ORDER, TORCH_PARAMETERS
from rnnviz.i18n import word
from rnnviz.site.networks import network_parts
from rnnviz.site.readings import NUMBERS, reading_parts
from tests.browser.live import in_double
from tests.site.reading import HAS, assert_arithmetic, named_network
from tests.site.reading import NUMBERS as SHOWN

Arrays = dict[str, np.ndarray[Any, Any]]
OPEN_FILE = """async ([name, bytes, headers, reading, gates, layer, text]) => {
  const { arrays } = await rnnviz.contentIn(new File([new Uint8Array(bytes)], name));
  const stack = rnnviz.torchLayers(arrays, gates);
  const template = rnnviz.readingHeader(headers[stack.cell], reading);
  const { header, numbers } = rnnviz.openedModel(template, stack, layer);
  const model = new rnnviz.PageModel(header, numbers);
  Object.assign(window, { model, run: model.run(model.read(text), []), original: null });
}"""
# In the order of PyTorch's matrices.
N_GATES = {"rnn": 1, "gru_reset_after": 3, "lstm": 4}


def torch_arrays(
    cell: str, n_inputs: int, n_units: int, path: str = "", *, has_biases: bool = True
) -> Arrays:
    """One layer of a torch.nn module with random weights."""
    generator = np.random.default_rng(n_inputs)
    rows = N_GATES[cell] * n_units
    shapes = {"x": (rows, n_inputs), "h": (rows, n_units), "b": (rows,), "bh": (rows,)}
    roles = ("x", "h", "b", "bh") if has_biases else ("x", "h")
    return {
        f"{path}{TORCH_PARAMETERS[role]}_l0": generator.normal(size=shapes[role]).astype("f4")
        for role in roles
    }


def safetensors(arrays: Arrays) -> bytes:
    header, body = {}, b""
    names = {"f4": "F32", "f8": "F64", "f2": "F16", "i8": "I64"}
    for name, array in arrays.items():
        numbers = array.tobytes()
        kind = names[array.dtype.str[1:]]
        span = [len(body), len(body) + len(numbers)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": span}
        body += numbers
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def npz(arrays: dict[str, Any], *, is_packed: bool = False) -> bytes:
    stream = BytesIO()
    (np.savez_compressed if is_packed else np.savez)(stream, **arrays)
    return stream.getvalue()


def choose(page: Page, name: str, data: bytes) -> None:
    given = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.locator("[data-place=file]").set_input_files(given)


def check_layer(page: Page, model: rv.Model, text: str, layer: int = 0) -> None:
    """The page has the numbers of this layer of the model's run on these numbers."""
    trace = rv.trace(in_double(model), rv.parse(text, kind="numbers"))
    page.wait_for_function(HAS, arg=[*trace.layers[layer].signals])
    for name, values in trace.layers[layer].signals.items():
        np.testing.assert_allclose(page.evaluate(SHOWN, name), values[:, 0], rtol=1e-11, atol=1e-12)


def opened_model(page: Page, name: str, data: bytes, folder: Path) -> rv.Model:
    (folder / name).write_bytes(data)
    choose(page, name, data)
    expect(page.locator("[data-place=model]")).to_have_value(re.compile(r"^file\d?$"))
    expect(page.locator("[data-place=about]")).to_contain_text(f"“{name}”")
    return read_quietly(folder / name)


def read_quietly(path: Path) -> rv.Model:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rv.AssumptionWarning)
        return rv.read_model(path)


def test_classic_cells_of_both_formats_compute_what_numpy_computes(
    opened: Any, tmp_path: Path
) -> None:
    page = opened()
    for cell, n_inputs, n_units in (("lstm", 3, 5), ("gru_reset_after", 1, 20), ("rnn", 11, 4)):
        arrays = torch_arrays(cell, n_inputs, n_units, "net.rnn.", has_biases=cell != "rnn")
        wide = {
            name: array.astype("f8" if cell == "lstm" else "f4") for name, array in arrays.items()
        }
        for name, data in (
            (f"{cell}.safetensors", safetensors(wide)),
            (f"{cell}.npz", npz(arrays, is_packed=cell == "rnn")),
        ):
            model = opened_model(page, name, data, tmp_path)
            check_layer(page, model, page.locator("[data-place=text]").input_value())
            row = " ".join(["0.5"] * n_inputs)
            page.locator("[data-place=text]").fill(f"{row}; {row};")
            expect(page.locator("[data-part=slider]")).to_have_attribute("max", "2")
            check_layer(page, model, f"{row}; {row};")
            chart = page.locator("[data-place=chart]")
            n_strips = n_inputs if n_inputs <= 8 else 0
            expect(chart.locator(".scatterlayer .trace")).to_have_count(n_strips)
    # The arithmetic of a layer without biases has none.
    expect(page.locator("[data-place=arithmetic]")).not_to_contain_text("bias")


def test_every_layer_of_a_stack_is_shown(opened: Any, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    module = torch.nn.LSTM(2, 3, num_layers=2, bidirectional=True)
    arrays = {name: array.numpy() for name, array in module.state_dict().items()}
    arrays["head.weight"] = np.ones((2, 6), "f4")
    page = opened("zh/read.html", viewport={"width": 390, "height": 844})
    model = opened_model(page, "stack.safetensors", safetensors(arrays), tmp_path)
    expect(page.locator("[data-place=about]")).to_contain_text("层数：2 (→ ←)")
    expect(page.locator("[data-place=about]")).to_contain_text("未使用：head.weight")
    text = page.locator("[data-place=text]").input_value()
    for layer in range(4):
        page.locator("[data-place=layer]").select_option(str(layer))
        check_layer(page, model, text, layer)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    # Another model of the list, and back.
    page.locator("[data-place=model]").select_option("untrained_gru")
    expect(page.locator("[data-place=switch]")).to_be_hidden()
    page.locator("[data-place=model]").select_option("file")
    check_layer(page, model, text, 3)


@pytest.mark.parametrize("has_biases", [True, False])
@pytest.mark.parametrize("cell", N_GATES)
def test_every_number_of_an_opened_file_is_explained_as_in_the_app(
    script_page: Page, tmp_path: Path, cell: str, has_biases: bool
) -> None:
    arrays = stacked(cell, has_biases)
    (tmp_path / "net.npz").write_bytes(data := npz(arrays))
    model = read_quietly(tmp_path / "net.npz")
    text = "0.5 -0.25 1; -1 0.75 0.125; 0 2 -0.5;"
    trace = rv.trace(in_double(model), rv.parse(text, kind="numbers"))
    # As the page names them.
    trace = replace(trace, sequence=replace(trace.sequence, features=["x0", "x1", "x2"]))
    own = {name: named_network(f"untrained_{name}") for name in N_GATES}
    headers = {name: network_parts(one, "en")[0] for name, one in own.items()}
    reading = reading_parts(NUMBERS, "en")
    gates = {name: GATE_ORDER["torch"][name] for name in N_GATES}
    for layer in range(4):
        given = ["net.npz", list(data), headers, reading, gates, layer, text]
        script_page.evaluate(OPEN_FILE, given)
        assert_arithmetic(script_page, model, trace, "en", layer)


def stacked(cell: str, has_biases: bool) -> Arrays:
    """Two levels of five units in both directions."""
    return {
        name.replace("_l0", f"_l{level}{end}"): array + (end != "")
        for level, n_inputs in enumerate((3, 10))
        for end in ("", "_reverse")
        for name, array in torch_arrays(cell, n_inputs, 5, has_biases=has_biases).items()
    }


class Objects:
    """What a pickle would make run code."""

    def __reduce__(self) -> Any:
        return print, ("run",)


def cut_short(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def refused_files() -> dict[str, tuple[str, bytes]]:
    """By the sentence's key, a file of a name."""
    lstm = torch_arrays("lstm", 2, 3)
    odd = {**lstm, "weight_hh_l0": np.ones((7, 3), "f4")}
    level = {
        name.replace("_l0", "_l1"): array for name, array in torch_arrays("lstm", 4, 3).items()
    }
    wide = {
        "weight_ih_l0": np.ones((4 * 400, 300), "f4"),
        "weight_hh_l0": np.ones((1600, 400), "f4"),
    }
    files = {
        "kind": ("model.pt", b"PK\x03\x04 a checkpoint"),
        "none": ("keras.npz", npz({"kernel": np.ones((2, 8))})),
        "several": (
            "two.npz",
            npz({f"{path}{n}": a for path in ("a.", "b.") for n, a in lstm.items()}),
        ),
        "mixed": (
            "mixed.npz",
            npz(
                {
                    **lstm,
                    **{n.replace("_l0", "_l1"): a for n, a in torch_arrays("rnn", 3, 3).items()},
                }
            ),
        ),
        "projection": ("p.npz", npz({**lstm, "weight_hr_l0": np.ones((2, 3), "f4")})),
        "missing": ("m.npz", npz({"weight_ih_l0": lstm["weight_ih_l0"]})),
        "missing bias": ("b.npz", npz({n: a for n, a in lstm.items() if n != "bias_hh_l0"})),
        "missing forward": (
            "r.npz",
            npz({n.replace("_l0", "_l0_reverse"): array for n, array in lstm.items()}),
        ),
        "missing direction": (
            "d.npz",
            npz({n: a for n, a in stacked("lstm", True).items() if "_l1_reverse" not in n}),
        ),
        "several names": (
            "cell.npz",
            npz({**lstm, **{n.removesuffix("_l0"): array for n, array in lstm.items()}}),
        ),
        "none left": (f"{'as_long_as_a_name_may_be' * 2}.npz"[-40:], npz({})),
        "none at all": ("nothing.safetensors", safetensors({})),
        "weights again": ("over.safetensors", over_each_other()),
        "shape": ("s.safetensors", safetensors(odd)),
        "level": ("l.npz", npz({**lstm, **level})),
        "finite": ("f.npz", npz({**lstm, "bias_ih_l0": np.full(12, np.nan, "f4")})),
        "type": ("t.safetensors", safetensors({**lstm, "bias_ih_l0": np.ones(12, "i8")})),
        "objects": ("o.npz", npz({**lstm, "extra": np.array([Objects()], object)})),
        "weights": ("w.safetensors", safetensors(wide)),
    }
    damaged = {
        "cut.safetensors": cut_short(safetensors(lstm)),
        "cut.npz": cut_short(npz(lstm)),
        "empty.safetensors": b"",
        "text.safetensors": b"hello, this is no model at all",
        "list.safetensors": (2).to_bytes(8, "little") + b"[]",
        "long.safetensors": (2**63).to_bytes(8, "little") + b"{}",
        "null.safetensors": (10).to_bytes(8, "little") + b'{"a":null}',
        "less.npz": npz(lstm, is_packed=True).replace(b"PK\x01\x02", b"PK\x01\x03"),
        "bomb.npz": lying(npz({**lstm, "big": np.zeros(100_000)}, is_packed=True)),
    }
    return files | {f"damaged {name}": (name, data) for name, data in damaged.items()}


def over_each_other() -> bytes:
    """Many layers whose matrices are the same bytes: a small file of very many numbers."""
    entry = {"dtype": "F32", "shape": [400, 100], "data_offsets": [0, 160_000]}
    header = {f"weight_{kind}_l{level}": entry for level in range(900) for kind in ("ih", "hh")}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(160_000)


def lying(data: bytes) -> bytes:
    """An archive whose directory says that its members are smaller than they are."""
    made, at = bytearray(data), data.find(b"PK\x01\x02")
    while at >= 0:
        made[at + 24 : at + 28] = (200).to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 1)
    return bytes(made)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_other_files_are_refused_in_one_sentence_and_nothing_is_lost(
    opened: Any, language: str
) -> None:
    phone = {"width": 390, "height": 844}
    page = opened(f"{language}/read.html#model=brackets_lstm&text=([", viewport=phone)
    for reason, (name, data) in refused_files().items():
        choose(page, name, data)
        template = word(f"site.file.{reason.split()[0]}", language)
        # The parts between the gaps.
        notice = page.locator("[data-place=notice]")
        expect(notice).to_contain_text(f"“{name}”")
        for part in re.split(r"\{\w+\}", template):
            expect(notice).to_contain_text(part.strip())
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        assert "{" not in str(notice.text_content()).replace("([{", "")
    expect(page.locator("[data-place=model]")).to_have_value("brackets_lstm")
    expect(page.locator("[data-place=text]")).to_have_value("([")
    page.locator("[data-place=text]").fill("([{")
    expect(page.locator("[data-place=answer] [data-part=name]")).to_have_text("3")


def test_a_browser_that_cannot_unpack_says_so(opened: Any) -> None:
    page = opened()
    page.evaluate("() => { delete globalThis.DecompressionStream; }")
    choose(page, "packed.npz", npz(torch_arrays("rnn", 2, 3), is_packed=True))
    said = word("site.file.packed", name="packed.npz")
    expect(page.locator("[data-place=notice]")).to_have_text(said)
    choose(page, "plain.npz", npz(torch_arrays("rnn", 2, 3)))
    expect(page.locator("[data-place=about]")).to_contain_text("“plain.npz”: RNN")


def test_a_file_is_dropped_on_the_page(opened: Any, tmp_path: Path) -> None:
    page = opened()
    data = npz(torch_arrays("gru_reset_after", 2, 4))
    (tmp_path / "dropped.npz").write_bytes(data)
    page.evaluate(
        """(bytes) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([new Uint8Array(bytes)], "dropped.npz"));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
        }""",
        list(data),
    )
    expect(page.locator("[data-place=about]")).to_contain_text("“dropped.npz”: GRU (PyTorch)")
    model = read_quietly(tmp_path / "dropped.npz")
    check_layer(page, model, page.locator("[data-place=text]").input_value())
