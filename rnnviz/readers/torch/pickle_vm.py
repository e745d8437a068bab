"""A pickle ▶ plain values and stand-ins, by a machine that knows no Python class and calls none.

The opcodes of protocols 2 to 5 (`pickletools`, CPython) that tensors, numbers, texts, lists and
dicts are written with. The machine is our own because CPython's unpickler can be crashed by data
alone: 200,000 nested tuples as a key of a dict overflow the C stack, whatever `find_class` refuses.
Here only a text can be a key, nothing is hashed, copied or compared that a file has nested, and the
steps are counted.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol, runtime_checkable

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError, RnnvizError
from rnnviz.readers.limits import MAX_OPCODES, MAX_PICKLE
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Buffer

FindClass = Callable[[str], object]
PersistentLoad = Callable[[object], object]


@dataclass(frozen=True, eq=False)
class Constructor:
    """A stand-in for something callable: `make` takes its arguments, in constant time."""

    build: Callable[..., object]


@runtime_checkable
class Stateful(Protocol):
    """A stand-in that takes its state after it was made."""

    def set_state(self, state: Any) -> None:
        """Keep what is needed of the state."""


def unpickle(
    source: Source, data: Buffer, named: FindClass, kept: PersistentLoad
) -> tuple[object, int]:
    """The pickle's value, and how many bytes it took.

    named  a global's dotted name ▶ its stand-in; raises for one that has none.
    kept   the persistent ID of what lies outside the pickle ▶ its stand-in.

    Raises ModelError for a damaged or too large pickle and one of other opcodes.

    >>> unpickled(Source("a.pt", b""), b"\\x80\\x02K\\x05.", str, str)
    (5, 5)
    """
    stream = BytesIO(data[:MAX_PICKLE])
    machine = _Machine(named, kept)
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            _check_count(source, count)
            _STEPS[opcode.name](machine, argument)
        return machine.stack.pop(), stream.tell()
    except RnnvizError:
        raise
    except Exception as error:
        # What a wrong opcode meets on the stack may fail in any way Python has.
        if stream.tell() == MAX_PICKLE < len(data):
            raise pickle_too_large(source) from error
        raise ModelError(
            "“{name}” should hold a complete pickle of protocol 2 to 5, as torch.save writes it,"
            " but it is damaged, cut off or something else; copy it again, or save it again with"
            ' torch.save(model.state_dict(), "weights.pt").',
            name=shown(source.name),
        ) from error


class _Machine:
    def __init__(self, named: FindClass, kept: PersistentLoad) -> None:
        self.stack: list[Any] = []
        self.outer: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.named = named
        self.kept = kept

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

    def set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not dict:
            raise TypeError
        # A tensor's name is a text. Another key could be made to collide or to nest without end.
        pairs = zip(items[::2], items[1::2], strict=True)
        target.update((key, value) for key, value in pairs if type(key) is str)

    def extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not list:
            raise TypeError
        target.extend(items)

    def find(self, name: str) -> None:
        self.stack.append(self.named(name))

    def find_from_stack(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if type(name) is not str or type(module) is not str:
            raise TypeError
        self.find(f"{module}.{name}")

    def call(self) -> None:
        arguments, maker = self.stack.pop(), self.stack.pop()
        if type(maker) is not Constructor or type(arguments) is not tuple:
            raise TypeError
        self.stack.append(maker.build(*arguments))

    def build(self) -> None:
        state = self.stack.pop()
        # The attributes of an OrderedDict or a Parameter say nothing of their numbers.
        if isinstance(self.stack[-1], Stateful):
            self.stack[-1].set_state(state)

    def remember(self, index: int) -> None:
        self.memo[index] = self.stack[-1]


_Step = Callable[[_Machine, Any], Any]
_LITERALS = (
    *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINSTRING", "SHORT_BINSTRING"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
)
_STEPS: dict[str, _Step] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda machine, _: None),
    **dict.fromkeys(_LITERALS, lambda machine, value: machine.push(value)),
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    **dict.fromkeys(("EMPTY_LIST", "EMPTY_SET"), lambda machine, _: machine.push([])),
    "MARK": lambda machine, _: machine.mark(),
    "POP": lambda machine, _: machine.stack.pop(),
    "POP_MARK": lambda machine, _: machine.marked(),
    "TUPLE1": lambda machine, _: machine.push_last(1),
    "TUPLE2": lambda machine, _: machine.push_last(2),
    "TUPLE3": lambda machine, _: machine.push_last(3),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.marked())),
    "FROZENSET": lambda machine, _: machine.push(tuple(machine.marked())),
    "APPEND": lambda machine, _: machine.extend([machine.stack.pop()]),
    **dict.fromkeys(("APPENDS", "ADDITEMS"), lambda machine, _: machine.extend(machine.marked())),
    "SETITEM": lambda machine, _: machine.set_items([machine.stack.pop(-2), machine.stack.pop()]),
    "SETITEMS": lambda machine, _: machine.set_items(machine.marked()),
    "GLOBAL": lambda machine, name: machine.find(name.replace(" ", ".", 1)),
    "STACK_GLOBAL": lambda machine, _: machine.find_from_stack(),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), lambda machine, _: machine.call()),
    "BUILD": lambda machine, _: machine.build(),
    "BINPERSID": lambda machine, _: machine.push(machine.kept(machine.stack.pop())),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), lambda machine, index: machine.remember(index)),
    "MEMOIZE": lambda machine, _: machine.remember(len(machine.memo)),
    **dict.fromkeys(
        ("BINGET", "LONG_BINGET"), lambda machine, index: machine.push(machine.memo[index])
    ),
}


def _check_count(source: Source, count: int) -> None:
    if count > MAX_OPCODES:
        raise pickle_too_large(source)


def pickle_too_large(source: Source) -> ModelError:
    """What is said of a pickle beyond the limits."""
    return ModelError(
        "A pickle may be {bound} bytes long and take {n_bound} steps to read, but that in “{name}”"
        " takes more; save the tensors of the recurrent layers alone.",
        bound=MAX_PICKLE,
        n_bound=MAX_OPCODES,
        name=shown(source.name),
    )
