"""Pickle machine that imports no Python class and calls none.

It runs the opcodes of protocols 0 to 5 (`pickletools`, CPython); objects of unknown classes become
inert stand-ins. CPython's unpickler is not used because data alone can crash it: 200,000 nested
tuples as a key of a dict overflow the C stack, whatever `find_class` refuses. Here only texts and
small numbers are keys, nested values are not hashed, copied or compared, and opcodes are counted.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol, runtime_checkable

from rnnviz.core.checks import shown, whole_characters
from rnnviz.errors import ModelError, RnnvizError
from rnnviz.readers.limits import MAX_OPCODES, MAX_PICKLE
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Buffer, Latin1Text
from rnnviz.readers.torch.stand_in import StandIn, UnknownGlobal, Unordered

FindClass = Callable[[str], object]
PersistentLoad = Callable[[object], object]
# Of a known constructor. A longer tuple would be copied at every call.
_MAX_ARGUMENTS = 32
# Beyond these, numbers with equal hashes could be chosen. Vocabularies end far below.
_MAX_KEY = 10_000_000


@dataclass(frozen=True, eq=False)
class Constructor:
    """Substitute for a callable global: `build` takes its arguments, in constant time."""

    build: Callable[..., object]


@runtime_checkable
class Stateful(Protocol):
    """Substitute for an object that the BUILD opcode gives a state."""

    def set_state(self, state: Any) -> None:
        """Take the state, as `__setstate__` does."""


@runtime_checkable
class Inline(Protocol):
    """Substitute for an object whose numbers follow its state, outside the opcodes."""

    def read_inline(self, stream: BytesIO) -> None:
        """Take the numbers and move behind them."""


def unpickle(
    source: Source, data: Buffer, find_class: FindClass, persistent_load: PersistentLoad
) -> tuple[object, int]:
    """Value of a pickle, and the bytes it took.

    find_class       from a global's dotted name to its substitute; raises for a forbidden one.
    persistent_load  from a persistent ID to its substitute.

    Raises ModelError for a damaged or too large pickle and for other opcodes.

    >>> unpickle(Source("a.pt", b""), b"\\x80\\x02K\\x05.", str, str)
    (5, 5)
    """
    stream = BytesIO(data[:MAX_PICKLE])
    machine = _Machine(stream, find_class, persistent_load)
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            _check_count(source, count)
            _OPCODES[opcode.name](machine, argument)
        return machine.stack.pop(), stream.tell()
    except (RnnvizError, MemoryError):
        raise
    except Exception as error:
        # A wrong opcode may raise any exception of Python on what it finds on the stack.
        if stream.tell() == MAX_PICKLE < len(data):
            raise pickle_too_large(source) from error
        raise damaged_pickle(source) from error


def damaged_pickle(source: Source) -> ModelError:
    """Error for a pickle that is cut off, or whose values are not what they should be."""
    return ModelError(
        "“{name}” should hold a complete pickle of protocol 0 to 5, as torch.save writes it,"
        " but it is damaged, cut off or something else; copy it again, or save it again with"
        ' torch.save(model.state_dict(), "weights.pt").',
        name=shown(source.name),
    )


class _Machine:
    def __init__(
        self, stream: BytesIO, find_class: FindClass, persistent_load: PersistentLoad
    ) -> None:
        self.stack: list[Any] = []
        self.outer: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.stream = stream
        self.find_class = find_class
        self.persistent_load = persistent_load

    def push(self, value: object) -> None:
        self.stack.append(value)

    def mark(self) -> None:
        self.outer.append(self.stack)
        self.stack = []

    def marked(self) -> list[Any]:
        items, self.stack = self.stack, self.outer.pop()
        return items

    def push_last(self, count: int) -> None:
        items = tuple(self.stack[-count:])
        del self.stack[-count:]
        self.stack.append(items)

    def push_dict(self) -> None:
        items = self.marked()
        self.stack.append({})
        self.set_items(items)

    def set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        entries = target.entries if type(target) is StandIn else target
        if type(entries) is not dict:
            raise TypeError
        # Names of tensors and tokens are texts, their places small numbers. Other keys, the classes
        # of callbacks among them, could collide on purpose or nest without end.
        # Python 3 keeps a text of Python 2 as bytes; protocol 2 writes bytes as a call.
        pairs = zip(map(_text, items[::2]), items[1::2], strict=True)
        entries.update((key, value) for key, value in pairs if _is_key(key))

    def extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        elements = target.elements if type(target) is StandIn else target
        if not isinstance(elements, list):
            raise TypeError
        elements.extend(items)

    def push_global(self, name: str) -> None:
        self.stack.append(self.find_class(name))

    def push_stack_global(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if type(name) is not str or type(module) is not str:
            raise TypeError
        self.push_global(f"{module}.{name}")

    def call(self) -> None:
        arguments, constructor = self.stack.pop(), self.stack.pop()
        if type(arguments) is not tuple:
            raise TypeError
        self.push_made(constructor, arguments)

    def call_with_names(self) -> None:
        self.stack.pop()
        self.call()

    def call_marked(self) -> None:
        constructor, *arguments = self.marked()
        self.push_made(constructor, tuple(arguments))

    def call_named(self, name: str) -> None:
        arguments = tuple(self.marked())
        self.push_made(self.find_class(name.replace(" ", ".", 1)), arguments)

    def push_made(self, constructor: object, arguments: tuple[Any, ...]) -> None:
        if isinstance(constructor, UnknownGlobal | StandIn):
            self.stack.append(StandIn(constructor.name, arguments))
        elif type(constructor) is Constructor and len(arguments) <= _MAX_ARGUMENTS:
            self.stack.append(constructor.build(*arguments))
        else:
            raise TypeError

    def build(self) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        # The attributes of an OrderedDict or a Parameter are not needed.
        if type(target) is StandIn:
            target.state = state
        elif isinstance(target, Stateful):
            target.set_state(state)
        if isinstance(target, Inline):
            target.read_inline(self.stream)

    def remember(self, index: int) -> None:
        self.memo[index] = self.stack[-1]


def _text(key: Any) -> Any:
    if type(key) is bytes:
        return str(Latin1Text(key.decode("latin-1")))
    return str(key) if type(key) is Latin1Text else key


def _is_key(key: object) -> bool:
    return type(key) is str or (type(key) is int and 0 <= key < _MAX_KEY)


_Opcode = Callable[[_Machine, Any], Any]
_LITERALS = (
    *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "INT", "LONG", "LONG4", "FLOAT"),
    *("BINSTRING", "SHORT_BINSTRING", "STRING"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
)
_TEXTS = ("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE")
_OPCODES: dict[str, _Opcode] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda machine, _: None),
    **dict.fromkeys(_LITERALS, lambda machine, value: machine.push(value)),
    **dict.fromkeys(_TEXTS, lambda machine, text: machine.push(whole_characters(text))),
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_SET": lambda machine, _: machine.push(Unordered()),
    "MARK": lambda machine, _: machine.mark(),
    "POP": lambda machine, _: machine.stack.pop(),
    "POP_MARK": lambda machine, _: machine.marked(),
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    "TUPLE1": lambda machine, _: machine.push_last(1),
    "TUPLE2": lambda machine, _: machine.push_last(2),
    "TUPLE3": lambda machine, _: machine.push_last(3),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.marked())),
    "LIST": lambda machine, _: machine.push(machine.marked()),
    "DICT": lambda machine, _: machine.push_dict(),
    "FROZENSET": lambda machine, _: machine.push(Unordered(machine.marked())),
    "APPEND": lambda machine, _: machine.extend([machine.stack.pop()]),
    **dict.fromkeys(("APPENDS", "ADDITEMS"), lambda machine, _: machine.extend(machine.marked())),
    "SETITEM": lambda machine, _: machine.set_items([machine.stack.pop(-2), machine.stack.pop()]),
    "SETITEMS": lambda machine, _: machine.set_items(machine.marked()),
    "GLOBAL": lambda machine, name: machine.push_global(name.replace(" ", ".", 1)),
    "STACK_GLOBAL": lambda machine, _: machine.push_stack_global(),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), lambda machine, _: machine.call()),
    "NEWOBJ_EX": lambda machine, _: machine.call_with_names(),
    "OBJ": lambda machine, _: machine.call_marked(),
    "INST": lambda machine, name: machine.call_named(name),
    "BUILD": lambda machine, _: machine.build(),
    "BINPERSID": lambda machine, _: machine.push(machine.persistent_load(machine.stack.pop())),
    **dict.fromkeys(
        ("PUT", "BINPUT", "LONG_BINPUT"), lambda machine, index: machine.remember(index)
    ),
    "MEMOIZE": lambda machine, _: machine.remember(len(machine.memo)),
    **dict.fromkeys(
        ("GET", "BINGET", "LONG_BINGET"), lambda machine, index: machine.push(machine.memo[index])
    ),
}


def _check_count(source: Source, count: int) -> None:
    if count > MAX_OPCODES:
        raise pickle_too_large(source)


def pickle_too_large(source: Source) -> ModelError:
    """Error for a pickle beyond the limits."""
    return ModelError(
        "A pickle may be {bound} bytes long and take {n_bound} steps to read, but that in “{name}”"
        " takes more; save the tensors of the recurrent layers alone.",
        bound=MAX_PICKLE,
        n_bound=MAX_OPCODES,
        name=shown(source.name),
    )
