"""What is said of a pickle that names something other than tensors; nothing of it was made."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.limits import MAX_PICKLE
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Buffer
from rnnviz.readers.torch.pickle_vm import Named

# Modules whose functions no model's class is from, and by which a pickle does harm.
_HARMFUL = frozenset(
    (
        *(
            "__builtin__",
            "_io",
            "_pickle",
            "_posixsubprocess",
            "_thread",
            "asyncio",
            "base64",
            "bdb",
        ),
        *(
            "builtins",
            "code",
            "codecs",
            "codeop",
            "commands",
            "ctypes",
            "distutils",
            "ftplib",
            "gc",
        ),
        *("http", "imp", "importlib", "inspect", "io", "linecache", "marshal", "multiprocessing"),
        *(
            "nt",
            "ntpath",
            "operator",
            "os",
            "pdb",
            "pickle",
            "pip",
            "pkgutil",
            "posix",
            "posixpath",
        ),
        *("profile", "pty", "pydoc", "requests", "runpy", "setuptools", "shutil", "signal", "site"),
        *(
            "smtplib",
            "socket",
            "ssl",
            "subprocess",
            "sys",
            "tempfile",
            "threading",
            "timeit",
            "trace",
        ),
        *("urllib", "urllib2", "venv", "webbrowser", "zipimport"),
    )
)
_HARMFUL_PLACES = ("torch.hub", "torch.serialization", "torch.utils.cpp_extension", "numpy.testing")


def named(source: Source, stand_ins: Mapping[str, object], pickle: Buffer) -> Named:
    """A global's dotted name ▶ its stand-in; ModelError for one that has none.

    >>> named(Source("a.pt", b""), {"torch.float32": 4}, b"")("torch.float32")
    4
    """

    def find(name: str) -> object:
        if name in stand_ins:
            return stand_ins[name]
        raise refused(source, name, bytes(pickle[:MAX_PICKLE]))

    return find


def refused(source: Source, name: str, pickle: bytes) -> ModelError:
    """The sentence for a pickle that names this.

    >>> refused(Source("a.pt", b""), "os.system", b"").facts["named"]
    'os.system'
    """
    facts = {"name": shown(source.name), "named": shown(name, limit=80)}
    if name == "torch.storage._load_from_bytes":
        return ModelError(
            "“{name}” should be written by torch.save, but pickle.dump wrote its tensors; load it"
            ' where you trust it and save it with torch.save(state_dict, "weights.pt").',
            name=facts["name"],
        )
    if name.split(".")[0] in _HARMFUL or name.startswith(_HARMFUL_PLACES):
        return ModelError(
            "“{name}” should hold only tensors, but it calls {named} when it is opened, as files"
            " made to do harm do; nothing of it was run. Open it nowhere, and take the weights"
            " from someone you trust.",
            **facts,
        )
    if b"_parameters" in pickle and b"_modules" in pickle:
        return ModelError(
            "“{name}” should hold a model's weights, but it holds the whole module with its class"
            " {named}, which only its own program can load; there, save the weights alone:"
            ' torch.save(model.state_dict(), "weights.pt").',
            **facts,
        )
    return _of_a_class(pickle, facts)


def _of_a_class(pickle: bytes, facts: dict[str, str]) -> ModelError:
    # Before the key's text, its length as protocols 2 and 3 write it.
    keys = ("state_dict", "model_state_dict", "model")
    key = next((key for key in keys if b"X%c\0\0\0%s" % (len(key), key.encode()) in pickle), None)
    if key is None:
        return ModelError(
            "“{name}” should hold only tensors, but also holds {named}, which is not opened here"
            ' because opening it runs code; where you trust the file: state = torch.load("{name}",'
            " weights_only=False); torch.save({{k: v for k, v in state.items() if"
            ' torch.is_tensor(v)}}, "weights.pt").',
            **facts,
        )
    return ModelError(
        "“{name}” should hold only tensors, but also holds {named}, which is not opened here"
        ' because opening it runs code; where you trust the file: state = torch.load("{name}",'
        ' weights_only=False); torch.save(state["{key}"], "weights.pt").',
        key=key,
        **facts,
    )
