"""Names that pickles made to do harm call; a file that holds one is refused, and nothing is run.

Nothing of any name is run here either way. The sentence warns those who would open the file
elsewhere, so a name that an innocent checkpoint holds is not among these: a class of the standard
library, or of a user's own folder that is called like one of its modules.
"""

from __future__ import annotations

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.result import Source
from rnnviz.readers.torch.pickle_vm import Constructor
from rnnviz.readers.torch.stand_in import StandIn, UnknownGlobal

_MODULE_LIST = (
    "_io _pickle _posixsubprocess _thread asyncio bdb codecs codeop commands ctypes distutils"
    " ftplib gc importlib imp io linecache marshal multiprocessing nt ntpath os pdb pickle pip"
    " pkgutil posix posixpath pty pydoc requests runpy setuptools shutil smtplib socket ssl"
    " subprocess sys tempfile threading timeit urllib urllib2 venv webbrowser zipimport"
)
# Modules whose names are also those of people's own folders: only what lies in them directly.
_COMMON_LIST = "base64 code http inspect operator profile signal site trace"
_BUILTIN_LIST = (
    "__import__ apply breakpoint compile delattr eval exec execfile exit file getattr globals"
    " hasattr help input locals map open quit reduce reload setattr vars"
)
_INNOCENT_LIST = (
    "_io.BytesIO _io.StringIO http.HTTPStatus inspect.Parameter inspect.Signature"
    " inspect._ParameterKind inspect._empty io.BytesIO io.StringIO operator.itemgetter"
    " os.PathLike signal.Handlers signal.Signals"
)
_MODULES, _COMMON_WORDS, _BUILTINS, _INNOCENT = (
    frozenset(words.split())
    for words in (_MODULE_LIST, _COMMON_LIST, _BUILTIN_LIST, _INNOCENT_LIST)
)
_PREFIXES = ("torch.hub", "torch.serialization", "torch.utils.cpp_extension", "numpy.testing")
_GETATTR = ("builtins.getattr", "__builtin__.getattr")


def is_harmful(name: str) -> bool:
    """True for a dotted name that pickles made to do harm call.

    >>> is_harmful("os.system"), is_harmful("code.interact"), is_harmful("code.model.Net")
    (True, True, False)
    """
    root, _, rest = name.partition(".")
    if name in _INNOCENT:
        return False
    if root in ("builtins", "__builtin__"):
        return rest.partition(".")[0] in _BUILTINS
    if root in _COMMON_WORDS:
        return "." not in rest
    return root in _MODULES or name.startswith(_PREFIXES)


def harmful_global(source: Source, name: str) -> ModelError:
    """Error for a file that names a function as files made to do harm do.

    >>> harmful_global(Source("a.pt", b""), "os.system").facts["named"]
    'os.system'
    """
    return ModelError(
        "“{name}” should hold only tensors, but it calls {named} when it is opened, as files"
        " made to do harm do; nothing of it was run. Open it nowhere, and take the weights"
        " from someone you trust.",
        name=shown(source.name),
        named=shown(name, limit=80),
    )


class AttributeAccess:
    """`getattr` of a pickle: a member of an enum or a method is innocent, all else is refused.

    Python 3.11 writes `getattr(Colour, "RED")` for members of an enum (`enum.Enum.__reduce_ex__`).
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._unused = ""

    def named(self, name: str) -> Constructor | None:
        """Substitute for a global that is `getattr`, None for others."""
        if name not in _GETATTR:
            return None

        def build(owner: object, attribute: object, *_: object) -> StandIn:
            if not isinstance(owner, UnknownGlobal | StandIn) or type(attribute) is not str:
                raise harmful_global(self._source, name)
            self._unused = ""
            return StandIn(owner.name)

        self._unused = name
        return Constructor(build)

    def check_used(self) -> None:
        """Raise ModelError for one that was fetched and led to no member."""
        if self._unused:
            raise harmful_global(self._source, self._unused)
