from __future__ import annotations

import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rnnviz as rv
from rnnviz import cli
from rnnviz.cli import trace_command
from rnnviz.cli.options import print_progress
from rnnviz.core.resources import app_file, asset

PACKAGE = Path(rv.__file__).parent


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys) -> str:
    """The one sentence on stderr; nothing may be on stdout."""
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"rnnviz: [^\n]+\.\n", err)
    return err


def test_a_typed_text_becomes_a_trace_that_opens_again(folder, capsys):
    assert cli.main(["trace", "hello", "-o", "hello.npz"]) == 0
    trace = rv.Trace.load("hello.npz")
    assert trace.sequence.tokens == (("h", "e", "l", "l", "o"),)
    assert trace["forget"].shape == (5, 1, 16)
    size = Path("hello.npz").stat().st_size / 1e3
    line = f"hello.npz: 5 steps × 16 units × 6 signals, {size:.3g} kB\n"
    assert capsys.readouterr().out == line


def test_every_option_reaches_the_network(folder, capsys):
    options = "--cell gru --units 4 --layers 2 --bidirectional --seed 3 --init orthogonal"
    how = "--kind words --encoding embedding"
    arguments = ["trace", "one two one", *options.split(), *how.split(), "-o", "a.npz"]
    assert cli.main(arguments) == 0
    sequence = rv.parse("one two one", "words", encoding="embedding", seed=3)
    model = rv.random_model("gru", 8, 4, 2, bidirectional=True, seed=3, init="orthogonal")
    expected, came = rv.trace(model, sequence), rv.Trace.load("a.npz")
    assert len(came.layers) == 4
    for wanted, layer in zip(expected.layers, came.layers, strict=True):
        np.testing.assert_array_equal(layer.signals["update"], wanted.signals["update"])
    printed = capsys.readouterr().out
    assert "3 steps × 4 units × 4 signals × 2 layers × 2 directions" in printed


def test_torch_and_numpy_write_the_same_numbers(folder):
    for backend in ("numpy", "torch"):
        cli.main(["trace", "hello", "--backend", backend, "-o", f"{backend}.npz"])
    numpy, torch = rv.Trace.load("numpy.npz"), rv.Trace.load("torch.npz")
    np.testing.assert_allclose(numpy["cell"], torch["cell"], rtol=0, atol=1e-6)


@pytest.mark.parametrize(("suffix", "read"), [(".csv", pd.read_csv), (".PARQUET", pd.read_parquet)])
def test_a_table_holds_the_numbers_of_the_archive(folder, suffix, read):
    cli.main(["trace", "hello", "-o", "hello.npz"])
    cli.main(["trace", "hello", "-o", f"hello{suffix}"])
    table = read(f"hello{suffix}").query("unit == 3")
    assert list(table["token"]) == list("hello")
    forget = rv.Trace.load("hello.npz")["forget"][:, 0, 3]
    np.testing.assert_allclose(table["forget"], forget, rtol=0, atol=1e-7)


def test_columns_of_a_file_are_read_scaled_and_filled(folder):
    Path("a.csv").write_text("day,wind,rain\n1,2,0\n2,,0\n3,6,0\n", encoding="utf-8")
    options = ["--columns", "wind", "--missing", "interpolate", "--scale", "minmax"]
    assert cli.main(["trace", "--file", "a.csv", *options, "-o", "a.npz"]) == 0
    values = rv.Trace.load("a.npz").sequence.values
    np.testing.assert_allclose(values[:, 0, 0], [0, 0.5, 1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("piped", [b"hello\n", b"hello\r\n", b"hello"])
def test_standard_input_loses_only_its_last_line_break(folder, monkeypatch, piped):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
    assert cli.main(["trace", "-", "-o", "a.npz"]) == 0
    assert rv.Trace.load("a.npz").sequence.tokens == (tuple("hello"),)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["", "-o", "a.npz"], "empty or blank"),
        (["-o", "a.npz"], "One input is wanted"),
        (["hi", "--file", "a.txt", "-o", "a.npz"], "a text and a file came"),
        (["--file", "nowhere.csv", "-o", "a.npz"], "“nowhere.csv” should be a file"),
        (["--file", "taken.csv", "-o", "a.npz"], "“taken.csv” is a folder"),
        (["--file", ".", "-o", "a.npz"], "A file ending in"),
        (["hi", "--kind", "numbers", "-o", "a.npz"], "hi"),
        (["hi", "-o", "a.txt"], ".npz, .csv, .parquet"),
        (["hi", "-o", "a"], ".npz, .csv, .parquet"),
        (["hi", "-o", "nowhere/a.npz"], "“nowhere” should be a folder"),
        (["hi", "-o", "taken.csv"], "“taken.csv” cannot be written"),
        (["h\udcffi", "-o", "a.npz"], "whole characters"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(folder, capsys, arguments, said):
    Path("taken.csv").mkdir()
    assert cli.main(["trace", *arguments]) == 2
    assert said in refused(capsys)
    assert [path.name for path in folder.iterdir()] == ["taken.csv"]


def test_standard_input_that_is_binary_is_refused(folder, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes(range(256)))))
    assert cli.main(["trace", "-", "-o", "a.npz"]) == 2
    assert "UTF-8" in refused(capsys)


def test_standard_input_that_is_closed_is_named(folder, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert cli.main(["trace", "-", "-o", "a.npz"]) == 2
    said = refused(capsys)
    assert "Standard input is closed; give a text, or pipe one" in said
    assert cli.main(["trace", "hello", "-o", "a.npz"]) == 0
    [command] = re.findall("`(.*)`", said)
    python = f"{sys.executable} -m rnnviz"
    subprocess.run(f"{command} -o b.npz".replace("rnnviz", python), shell=True, check=True)
    assert [rv.Trace.load(name).sequence.tokens for name in ("a.npz", "b.npz")] == [
        (tuple("hello"),)
    ] * 2


def test_a_trace_is_renamed_as_it_is_told(folder, capsys):
    assert cli.main(["trace", "hello", "-o", "a.txt"]) == 2
    said = refused(capsys)
    assert "“a.txt” came; rename it" in said
    for suffix in re.findall(r"\.\w+", said.partition("ending in ")[2].partition(", but")[0]):
        assert cli.main(["trace", "hello", "-o", f"a{suffix}"]) == 0
        assert Path(f"a{suffix}").stat().st_size


def test_without_a_standard_error_a_command_goes_on_and_a_refusal_has_its_status(
    folder, monkeypatch
):
    monkeypatch.setattr(sys, "stderr", None)
    print_progress("running", is_done=False)
    assert cli.main(["trace", "hi", "-o", "a.npz"]) == 0
    assert cli.main(["trace", "", "-o", "a.npz"]) == 2


def test_a_refusal_takes_the_line_of_the_progress_before_it(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for done in (0.5, 1.0):
        print_progress(f"running: {done:4.0%}", done == 1)
    assert capsys.readouterr().err == "running:  50%\rrunning: 100%\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that takes nothing")
@pytest.mark.parametrize("command", ["--version", "trace hi -o a.npz", "lesson gru --scorm a.zip"])
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_standard_output_that_is_full_is_one_sentence(folder, command, buffered):
    call = [sys.executable, "-m", "rnnviz", *command.split()]
    environment = os.environ | {"PYTHONUNBUFFERED": buffered}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(call, stdout=full, stderr=subprocess.PIPE, env=environment)
    assert done.returncode == 2
    assert re.fullmatch(r"rnnviz: “standard output” [^\n]+\.\n", done.stderr.decode())


@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
def test_a_table_without_its_library_names_the_install_line(folder, capsys, monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    assert cli.main(["trace", "hi", "-o", "a.parquet"]) == 2
    assert f"pip install {library}" in refused(capsys)


@pytest.mark.parametrize(
    "arguments",
    [["--units", "0"], ["--units", "2.5"], ["--seed", "-1"], ["--layers", "9" * 5_000]],
)
def test_a_number_out_of_range_is_named_with_its_range(capsys, arguments):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["trace", "hi", *arguments, "-o", "a.npz"])
    assert stopped.value.code == 2
    assert f"argument {arguments[0]}: a whole number from " in capsys.readouterr().err


def test_a_network_too_large_for_memory_is_refused(folder, capsys, monkeypatch):
    monkeypatch.setattr(trace_command, "trace", _raise(MemoryError))
    assert cli.main(["trace", "hi", "-o", "a.npz"]) == 2
    assert "does not fit into memory" in refused(capsys)


def test_an_interrupt_ends_quietly_with_130(folder, capsys, monkeypatch):
    monkeypatch.setattr(trace_command, "trace", _raise(KeyboardInterrupt))
    assert cli.main(["trace", "hi", "-o", "a.npz"]) == 130
    assert capsys.readouterr() == ("", "")


def test_the_examples_of_trace_run_as_they_stand_in_a_shell(folder, capsys):
    lines = _examples(["trace", "--help"], capsys)
    assert len(lines) == 5
    Path("weather.csv").write_text("wind,rain\n1,0\n2,3\n4,1\n", encoding="utf-8")
    call = f'rnnviz() {{ "{sys.executable}" -m rnnviz "$@"; }}'
    for line in lines:
        done = subprocess.run(["sh", "-c", f"{call}; {line}"], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert Path(line.split()[-1]).stat().st_size > 0


def test_the_examples_that_start_the_app_hand_streamlit_its_arguments(capsys, monkeypatch):
    started = []
    monkeypatch.setattr(sys, "argv", ["rnnviz"])
    monkeypatch.setattr(cli.runpy, "run_module", lambda name, **how: started.append(sys.argv[1:]))
    assert _examples(["--help"], capsys)[:2] == ["rnnviz", "rnnviz --port 8600 --headless"]
    assert cli.main([]) == cli.main(["--port", "8600", "--headless"]) == 0
    options = ["--server.port", "8600", "--server.headless", "true"]
    assert started == [["run", str(app_file())], ["run", str(app_file()), *options]]


def test_the_folder_of_scans_is_handed_to_the_app(tmp_path, capsys, monkeypatch):
    seen = []
    monkeypatch.setattr(cli.runpy, "run_module", lambda name, **how: seen.append(dict(os.environ)))
    monkeypatch.setattr(sys, "argv", ["rnnviz"])
    monkeypatch.setenv("RNNVIZ_SCANS", "another")
    assert cli.main(["--scans", str(tmp_path)]) == 1
    assert "holds none; scan into it" in refused(capsys)
    for within in (tmp_path / "found", tmp_path):
        within.mkdir(exist_ok=True)
        (within / "corpus.parquet").touch()
        assert cli.main(["--scans", str(tmp_path)]) == 0
    assert [one["RNNVIZ_SCANS"] for one in seen] == [str(tmp_path.resolve())] * 2
    assert cli.main(["--scans", str(tmp_path / "none")]) == 1
    assert "should be a folder" in refused(capsys)


def test_the_app_without_streamlit_is_one_sentence_with_the_install_line(capsys, monkeypatch):
    monkeypatch.setattr(cli, "find_spec", lambda name: None)
    assert cli.main([]) == 1
    assert "pip install streamlit" in refused(capsys)


def test_the_module_prints_the_installed_version():
    done = _python("-m", "rnnviz", "--version")
    assert re.fullmatch(r"rnnviz \d+\.\d+\.\d+\n", done.stdout)


def test_a_terminal_without_unicode_still_gets_its_line(folder):
    done = _python("-m", "rnnviz", "trace", "hi", "-o", "a.npz", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"2 steps \xd7 16 units" in done.stdout


def test_the_command_line_imports_no_heavy_library():
    code = "import sys, rnnviz.cli; print(*sys.modules)"
    loaded = set(_python("-c", code).stdout.split())
    assert "rnnviz.cli" in loaded
    assert not loaded & {"torch", "streamlit", "plotly", "pandas", "pyarrow"}


def test_an_installed_package_serves_the_app_until_it_is_interrupted(tmp_path):
    installed = tmp_path / "rnnviz"
    shutil.copytree(PACKAGE, installed, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(asset(), installed / "_assets", dirs_exist_ok=True)
    shutil.copytree(app_file().parent / ".streamlit", installed / "_app" / ".streamlit")
    shutil.copy(app_file(), installed / "_app")
    port = _free_port()
    with (tmp_path / "log").open("w+") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "rnnviz", "--headless", "--port", str(port)],
            cwd=tmp_path,
            stdout=log,
            stderr=log,
        )
        try:
            assert _answers(f"http://127.0.0.1:{port}/_stcore/health", server)
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 0
        log.seek(0)
        said = log.read()
    assert "Traceback" not in said
    assert "not a valid config option" not in said


def _raise(error):
    def fail(*arguments, **options):
        raise error

    return fail


def _examples(arguments, capsys) -> list[str]:
    with pytest.raises(SystemExit):
        cli.main(arguments)
    lines = capsys.readouterr().out.partition("examples:\n")[2].split("\n\n")[0].splitlines()
    return [re.split(r"\s{2,}", line.strip())[0] for line in lines]


def _python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    patience = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < patience:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            time.sleep(0.2)
    return False


@pytest.mark.filterwarnings("always::rnnviz.AssumptionWarning")
def test_what_was_assumed_is_a_sentence_without_a_line_of_code(folder, capsys):
    Path("a.csv").write_bytes("Wärme;b\n1,5;2\n2,5;3\n3,5;4\n".encode("cp1252"))
    assert cli.main(["trace", "--file", "a.csv", "-o", "a.npz"]) == 0
    said = capsys.readouterr().err
    assert said.startswith("rnnviz: Its characters are read as")
    assert ".py" not in said


def test_the_static_edition_tells_every_stage_and_how_it_is_opened(folder, monkeypatch, capsys):
    parts = {"front page": {"index.html": b"a page"}, "networks": {"en/read.html": b"another"}}
    made = [(name, lambda files=files: files) for name, files in parts.items()]
    monkeypatch.setattr("rnnviz.site.edition._parts", lambda languages: made)
    assert cli.main(["site", "pages"]) == 0
    *stages, written, told = capsys.readouterr().out.splitlines()
    assert stages == list(parts)
    n_files = sum(path.is_file() for path in Path("pages").rglob("*"))
    # The list for the next edition is no page.
    assert written.startswith(f"pages: {n_files - 1} files, ")
    assert Path(told.removeprefix("Open ").split(" in a browser")[0]).read_text() == "a page"
