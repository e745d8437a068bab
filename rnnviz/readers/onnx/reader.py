"""An ONNX file ▶ its recurrent stacks. Nothing in it is run."""

from __future__ import annotations

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.network.model import Model
from rnnviz.readers.onnx.card import card, left_out, unlike
from rnnviz.readers.onnx.constant_folding import Budget, Values
from rnnviz.readers.onnx.graph import OnnxNode, Scope, scope_of
from rnnviz.readers.onnx.layers import layers_of
from rnnviz.readers.onnx.readout import candidates, embedding_of, reading_of
from rnnviz.readers.onnx.recurrent import OPERATORS, RecurrentNode, recurrent_node
from rnnviz.readers.onnx.reference import onnx_reference
from rnnviz.readers.onnx.stacks import stacks
from rnnviz.readers.onnx.wire import damaged, parsed
from rnnviz.readers.result import Answers, ImportResult, Source

_MAX_NODES = 200


def read(source: Source, answers: Answers) -> tuple[ImportResult, ...]:
    """Every stack of LSTM, GRU and RNN nodes in an ONNX file.

    An ONNX file says all that there is to know of them: there is nothing to answer. What could not
    be read beside what could is named in the "left_out" fact. Weights in another file are taken
    only from one beside it.

    Raises ModelError for a damaged file, one without such nodes and one whose nodes cannot be
    read; MissingLibraryError without onnx.
    """
    proto = parsed(source)
    values = Values(Budget(len(source.data)), source.folder)
    return _Reader(source, scope_of(proto), values).found()


class _Reader:
    def __init__(self, source: Source, whole: Scope, values: Values) -> None:
        self.source, self.whole, self.values = source, whole, values
        self.refused: list[ModelError] = []
        self.unread: list[str] = []
        self.counted = unlike(whole)
        self.products = candidates(whole, values)

    def found(self) -> tuple[ImportResult, ...]:
        nodes = self._nodes()
        together = stacks(nodes, self.values)
        found = [one for stack in together if (one := self._found(stack, len(together) > 1))]
        if not found:
            # Without a refusal, nodes that feed each other in a circle.
            raise next(iter(self.refused), damaged(self.source.name))
        return tuple(found)

    def _nodes(self) -> tuple[RecurrentNode, ...]:
        places = [(s, n) for s, n in self.whole.every() if n.operator in OPERATORS]
        if not 1 <= len(places) <= _MAX_NODES:
            raise ModelError(
                "“{name}” should hold 1 to {bound} LSTM, GRU or RNN nodes, but it holds {came};"
                " export a model that has them.",
                name=shown(self.source.name),
                bound=_MAX_NODES,
                came=len(places),
            )
        labels = _labels(places)
        read = [self._node(*place, label) for place, label in zip(places, labels, strict=True)]
        return tuple(node for node in read if node is not None)

    def _node(self, scope: Scope, node: OnnxNode, label: str) -> RecurrentNode | None:
        try:
            return recurrent_node(scope, node, label, self.values)
        except ModelError as error:
            self._refuse(error, label)
            return None

    def _refuse(self, error: ModelError, label: str) -> None:
        self.refused.append(error)
        self.unread.append(label)

    def _found(self, stack: tuple[RecurrentNode, ...], is_one_of_many: bool) -> ImportResult | None:
        embedded = embedding_of(stack[0], self.values)
        reading = reading_of(stack[-1], self.products, self.values)
        name = stack[0].label if is_one_of_many or len(self.unread) else ""
        try:
            model = Model(
                tuple(
                    layer for level, node in enumerate(stack) for layer in layers_of(node, level)
                ),
                reading.readout if reading is not None else None,
                source=shown(self.source.name) + (f", {name}" if name else ""),
                embedding=embedded[0] if embedded is not None else None,
            )
        except ModelError as error:
            self._refuse(error, stack[0].label)
            return None
        used = {node.node for node in stack} | set(reading.nodes if reading is not None else ())
        rest = left_out(self.counted, used) + tuple(self.unread)
        return ImportResult(
            name, model, card(stack, model, reading, rest), reference=onnx_reference(stack)
        )


def _labels(places: list[tuple[Scope, OnnxNode]]) -> list[str]:
    """Their paths in the file, the second of a name with its number."""
    paths: list[str] = []
    labels = []
    for scope, node in places:
        own = shown(node.name or next(filter(None, node.outputs), node.operator))
        paths.append("/".join((*scope.path, own)).strip("/"))
        times = paths.count(paths[-1])
        labels.append(f"{paths[-1]} {times}" if times > 1 else paths[-1])
    return labels
