"""The Python lines of a page, run as a reader would run them: installed, in an empty folder."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.inputs.files import read_file
from rnnviz.inputs.table import table_sequence
from rnnviz.train.config import TrainingConfig
from rnnviz.train.named_weights import name_weights
from rnnviz.train.safetensors_io import write_arrays
from rnnviz.ui import results
from rnnviz.ui.export_code import TracedRun, code_lines, weights_file
from rnnviz.ui.selections import (
    DataFile,
    Heartbeat,
    InputChoice,
    ModelChoice,
    ModelFile,
    OpenedModel,
    PresetModel,
    ProbeSignal,
    PublishedInput,
    PublishedModel,
    RandomModel,
    TaskExample,
    TextFile,
    TrainedModel,
    TypedNumbers,
    TypedText,
    UntrainedModel,
)
from rnnviz.ui.url import File

ROOT = Path(__file__).parents[2]
TYPED = TypedText("abc", "characters")
PLAIN = RandomModel("lstm", 4, 1, "forward", 7, "xavier", 3.0, "tanh", "full", "numpy")
TABLE = "date,a b,c\n2024-01-01,1,x\n2024-01-02,,y\n2024-01-03,5,x\n"
EDITS = [
    rv.Clamp("forget", 0.9, units=[1, 3], start=1),
    rv.Silence(2),
    rv.SetState("cell", -1.5, 1),
    rv.AddToState("hidden", 0.5, 2, units=0),
    rv.Reset(2),
    rv.ChangeWeight("forget.b", 1, 2.0),
]


def made(source: InputChoice, n_inputs: int, model: ModelChoice = PLAIN) -> rv.Trace:
    """The trace of the lines."""
    names: dict[str, Any] = {}
    exec(code_lines(TracedRun(model, source, n_inputs)), names)
    trace: rv.Trace = names["trace"]
    return trace


def same(one: rv.Trace, other: rv.Trace) -> None:
    assert one.sequence.tokens == other.sequence.tokens
    np.testing.assert_array_equal(one.sequence.values, other.sequence.values)
    assert len(one.layers) == len(other.layers)
    for mine, theirs in zip(one.layers, other.layers, strict=True):
        assert (mine.cell_name, mine.direction, mine.level) == (
            theirs.cell_name,
            theirs.direction,
            theirs.level,
        )
        for name, values in theirs.signals.items():
            np.testing.assert_array_equal(mine.signals[name], values)


@settings(max_examples=25)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_any_typed_text_is_spelled_so_that_python_reads_the_same(text: str) -> None:
    sequence = rv.parse(text)
    model = rv.random_model("lstm", sequence.n_features, 4, seed=7, init="xavier", gain=3)
    same(made(TypedText(text, "characters"), sequence.n_features), rv.trace(model, sequence))


@pytest.mark.parametrize(
    "text", ["it's", '"""', "a\\n\tb\n", "'\"\\", "👩‍👧 你好", "{x} %s", "\\'"]
)
def test_quotes_line_breaks_and_emoji_survive(text: str) -> None:
    sequence = rv.parse(text, kind="words", encoding="embedding", size=3)
    model = rv.random_model("gru", 3, 4, seed=7, init="xavier", gain=3)
    choice = RandomModel("gru", 4, 1, "forward", 7, "xavier", 3.0, "tanh", "full", "numpy")
    same(made(TypedText(text, "words", "embedding", 3), 3, choice), rv.trace(model, sequence))


def test_numbers_are_read_as_numbers() -> None:
    sequence = rv.parse("1 2; -3 4e1", kind="numbers")
    model = rv.random_model("lstm", 2, 4, seed=7, init="xavier", gain=3)
    same(made(TypedNumbers("1 2; -3 4e1"), 2), rv.trace(model, sequence))


def test_every_choice_of_a_model_is_in_the_lines() -> None:
    choice = RandomModel("rnn", 3, 2, "both", 11, "orthogonal", 2.0, "relu", "one_to_one", "torch")
    model = rv.random_model(
        "rnn",
        3,
        3,
        2,
        direction="both",
        seed=11,
        init="orthogonal",
        gain=2,
        activation="relu",
        recurrence="one_to_one",
    )
    same(made(TYPED, 3, choice), rv.trace(model, rv.parse("abc"), backend="torch"))


@pytest.mark.parametrize(
    "choices",
    [
        {"scale": "none", "missing": "interpolate"},
        {"columns": ("c", "a b"), "scale": "minmax", "missing": "zero", "axis": "c"},
        {"columns": ("a b",), "scale": "none", "missing": "drop", "axis": ""},
    ],
)
def test_a_table_is_read_from_its_file_as_the_page_read_it(
    choices: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "it's.csv").write_text(TABLE, "utf-8")
    monkeypatch.chdir(tmp_path)
    sequence = table_sequence(
        read_file("it's.csv", TABLE.encode()),
        choices.get("columns"),
        **{key: value for key, value in choices.items() if key != "columns"},
    )
    n = sequence.n_features
    model = rv.random_model("lstm", n, 4, seed=7, init="xavier", gain=3)
    same(made(DataFile(File("it's.csv", TABLE.encode()), **choices), n), rv.trace(model, sequence))


def test_what_is_a_default_is_left_out() -> None:
    plain = RandomModel("lstm", 4, 1, "forward", 7, "xavier", 1.0, "tanh", "full", "numpy")
    lines = code_lines(TracedRun(plain, TYPED, 3))
    for word in ("n_layers", "direction", "gain", "activation", "recurrence", "backend", "size"):
        assert word not in lines


def test_interventions_are_written_out() -> None:
    names: dict[str, Any] = {}
    exec(code_lines(TracedRun(PLAIN, TYPED, 3, interventions=EDITS)), names)
    assert names["trace"].interventions == tuple(EDITS)
    sequence = rv.parse("abc")
    model = rv.random_model("lstm", 3, 4, seed=7, init="xavier", gain=3)
    same(names["trace"], rv.trace(model, sequence, intervene=EDITS))


LONG = "the cat sat on the mat " * 120
PLAN = TrainingConfig("brackets", "slstm", 5, seed=3)
WINDOW = (1200, 1230)


@dataclass(frozen=True)
class Kind:
    """One kind of run, and the window that is shown of a long input."""

    model: ModelChoice
    input: InputChoice
    window: tuple[int, int] | None = None
    is_wide: bool = False
    interventions: tuple[Any, ...] = ()

    @property
    def origin(self) -> object:
        return self.model.origin if isinstance(self.model, OpenedModel) else None

    @property
    def files(self) -> dict[str, bytes]:
        """The uploads, as the page tells its user to put them beside the notebook."""
        own = [self.input.file] if isinstance(self.input, TextFile | DataFile) else []
        if isinstance(self.origin, ModelFile):
            own.append(self.origin.file)
        if isinstance(self.origin, TrainedModel):
            own.append(File(weights_file(PLAN), write_arrays(name_weights(PLAN.initial_model))))
        return {file.name: file.data for file in own}

    @property
    def lines(self) -> str:
        """What the page prints."""
        n_inputs = len(results.source_of(self.input).features)
        run = TracedRun(self.model, self.input, n_inputs, PLAN, self.interventions)
        return code_lines(replace(run, window=self.window, is_wide=self.is_wide))

    def trace(self) -> rv.Trace:
        """The trace of the whole, made without the lines."""
        source = results.source_of(self.input)
        model = PLAN.initial_model
        if not isinstance(self.origin, TrainedModel):
            model = results.model_of(self.model, len(source.features))
        return rv.trace(model, source.window(0, source.n_steps), intervene=self.interventions)


def model_file() -> File:
    """A model file that reads two numbers, or the symbols a and b."""
    random = np.random.default_rng(0)
    shapes = {"weight_ih_l0": (9, 2), "weight_hh_l0": (9, 3), "bias_ih_l0": 9, "bias_hh_l0": 9}
    arrays = {f"gru.{name}": random.standard_normal(shape) for name, shape in shapes.items()}
    stream = BytesIO()
    np.savez(stream, **arrays)
    return File("mine.npz", stream.getvalue())


def array_file() -> File:
    stream = BytesIO()
    np.save(stream, np.arange(12.0).reshape(4, 1, 3))
    return File("array.npy", stream.getvalue())


def sample_file() -> File:
    sample = rv.sample("sunspots")
    return File(sample.file, sample.path.read_bytes())


def preset_at(moment: int) -> OpenedModel:
    return OpenedModel(PresetModel("brackets_lstm", moment))


SHORT, BRACKETS = File("short.txt", b"a cat"), TypedText("([])", "characters")
LONG_FILE = File("long.txt", LONG.encode())
OPENED = OpenedModel(ModelFile(model_file()))
TORCH = RandomModel("gru", 3, 2, "both", 1, "orthogonal", 1.0, "", "full", "torch")
KINDS = {
    "text": Kind(PLAIN, TypedText("it's a cat", "characters")),
    "words": Kind(TORCH, TypedText("a cat, a mat", "words", "embedding", 5)),
    "numbers": Kind(PLAIN, TypedNumbers("1 2; 3 4")),
    "sample": Kind(PLAIN, DataFile(sample_file())),
    "signal": Kind(PLAIN, ProbeSignal("noise", 1)),
    "heartbeat": Kind(replace(PLAIN, units=1), Heartbeat(), (1200, 1230)),
    "table": Kind(PLAIN, DataFile(File("it's.csv", TABLE.encode()), ("a b", "c"))),
    "array": Kind(PLAIN, DataFile(array_file())),
    "text file": Kind(PLAIN, TextFile(SHORT, "words")),
    "long text": Kind(PLAIN, TypedText(LONG, "characters"), WINDOW),
    "long file": Kind(PLAIN, TextFile(LONG_FILE, "characters"), WINDOW),
    "long embedded file": Kind(PLAIN, TextFile(LONG_FILE, "characters", "embedding", 3), WINDOW),
    "wide window": Kind(PLAIN, TextFile(LONG_FILE, "characters"), (0, 2000), is_wide=True),
    "interventions": Kind(PLAIN, TYPED, interventions=tuple(EDITS)),
    "preset": Kind(preset_at(-1), BRACKETS),
    "preset before": Kind(preset_at(0), BRACKETS),
    "preset between": Kind(preset_at(2), BRACKETS),
    "preset of numbers": Kind(OpenedModel(PresetModel("adding_gru")), TaskExample("adding", 1)),
    "published encoder": Kind(
        OpenedModel(PublishedModel("g2p_en", "hello"), "encoder"),
        PublishedInput("g2p_en", "encoder", "hello"),
    ),
    "published tagger": Kind(
        OpenedModel(PublishedModel("g2pm", "重庆"), "tagger"),
        PublishedInput("g2pm", "tagger", "重庆"),
    ),
    "file": Kind(OPENED, ProbeSignal("sines", 2)),
    "file with a vocabulary": Kind(
        replace(OPENED, vocabulary=("b", "a")), TypedText("abba", "characters")
    ),
    "training": Kind(OpenedModel(TrainedModel("job", 0)), BRACKETS),
    "before training": Kind(
        OpenedModel(UntrainedModel("adding", "slstm", 5, 3)), TaskExample("adding", 1)
    ),
}
PUBLIC_CALL = re.compile(r"\brv\.((?:(?:train|figures)\.)?\w+)")
RUNNER = """
import json, os, sys, traceback
from pathlib import Path
import numpy as np

failed = {}
for name, lines in json.loads(sys.stdin.read()).items():
    os.chdir(name)
    names = {}
    try:
        exec(lines, names)
        trace = names.get("trace")
        layers = trace.layers if trace is not None else ()
        Path("result").mkdir()
        np.savez("result/trace.npz", **{
            f"{i}.{n}": a for i, layer in enumerate(layers) for n, a in layer.signals.items()
        })
    except Exception:
        failed[name] = traceback.format_exc()
    os.chdir("..")
import rnnviz
print(json.dumps([rnnviz.__file__, failed]))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment with the package's wheel, and the tests' libraries."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env")
    (site,) = (folder / "env").glob("[Ll]ib/**/site-packages")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--target"]
    subprocess.run([*command, str(site), str(wheel)], check=True, capture_output=True)
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (site / "libraries.pth").write_text("\n".join(libraries))
    scripts = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    return scripts / "python"


def test_the_lines_of_every_kind_run_in_a_notebook_that_has_only_the_uploads(
    python: Path, tmp_path: Path
) -> None:
    for name, kind in KINDS.items():
        (tmp_path / name).mkdir()
        for file, data in kind.files.items():
            (tmp_path / name / file).write_bytes(data)
    lines = {name: kind.lines for name, kind in KINDS.items()}
    done = subprocess.run(
        [str(python), "-c", RUNNER],
        input=json.dumps(lines),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    place, failed = json.loads(done.stdout)
    assert not Path(place).is_relative_to(ROOT)
    assert not failed, "\n".join(failed.values())
    for name, kind in KINDS.items():
        if not kind.is_wide:
            check_trace(kind, np.load(tmp_path / name / "result" / "trace.npz"))


def check_trace(kind: Kind, came: Any) -> None:
    start, stop = kind.window or (0, None)
    for i, layer in enumerate(kind.trace().layers):
        for name, values in layer.signals.items():
            np.testing.assert_allclose(came[f"{i}.{name}"], values[start:stop], atol=1e-5)


def test_the_lines_import_nothing_but_the_package() -> None:
    for kind in KINDS.values():
        imports = [line for line in kind.lines.splitlines() if "import" in line]
        assert imports == ["import rnnviz as rv"]
        assert kind.lines.count("rv.") == len(PUBLIC_CALL.findall(kind.lines))
        for names in PUBLIC_CALL.findall(kind.lines):
            found: Any = rv
            for name in names.split("."):
                assert name in found.__all__, names
                found = getattr(found, name)
            # A mapping has no docstring of its own; its package tells of it.
            assert found.__doc__ or f"{names.rpartition('.')[2]} " in rv.train.__doc__, names
