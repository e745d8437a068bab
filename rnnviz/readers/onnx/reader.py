"""An ONNX file ▶ its recurrent stacks. Nothing in it is run."""

from __future__ import annotations

from collections import Counter

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.certainty import Reference
from rnnviz.readers.onnx.assumptions import onnx_assumptions
from rnnviz.readers.onnx.calls import LayerCalls
from rnnviz.readers.onnx.constant_folding import Budget, Values
from rnnviz.readers.onnx.front import Front, OnnxEmbedding, front_of
from rnnviz.readers.onnx.graph import OnnxNode, Scope, node_label, scope_of
from rnnviz.readers.onnx.layers import onnx_layers
from rnnviz.readers.onnx.left_out import count_operators, left_out
from rnnviz.readers.onnx.metadata import metadata_vocabularies
from rnnviz.readers.onnx.proof import ProofMaker
from rnnviz.readers.onnx.readout import OnnxReadout, products_by_value, readout_of
from rnnviz.readers.onnx.recurrent import SIGNATURES, RecurrentNode, recurrent_node
from rnnviz.readers.onnx.reference import is_standard, onnx_reference
from rnnviz.readers.onnx.runnable import RunnableFile
from rnnviz.readers.onnx.stacks import onnx_stacks
from rnnviz.readers.onnx.unrolled import MAX_RECURRENT, no_recurrent_nodes
from rnnviz.readers.onnx.wire import damaged, parsed
from rnnviz.readers.recurrent import RecurrentStack
from rnnviz.readers.report import import_result
from rnnviz.readers.result import Answers, Evidence, ImportResult, Source, StoredArray
from rnnviz.readers.vocabulary import with_vocabulary


def import_onnx(source: Source, answers: Answers) -> tuple[ImportResult, ...]:
    """Every stack of LSTM, GRU and RNN nodes in an ONNX file.

    An ONNX file leaves no question open but which of several vocabularies in its metadata is its
    own. Nodes that could not be read beside those that could are
    named in the report's row "left_out". Weights in another file are taken only from one that is
    uploaded with it or lies beside it.

    Raises ModelError for a damaged file, one without such nodes and one whose nodes cannot be
    read; MissingLibraryError without onnx.
    """
    proto = parsed(source)
    values = Values(Budget(len(source.data)), source)
    whole = scope_of(proto)
    results = _Reader(source, whole, values, RunnableFile(proto, source)).results()
    vocabularies = tuple(metadata_vocabularies(proto))
    return tuple(with_vocabulary(result, vocabularies, answers) for result in results)


class _Reader:
    def __init__(
        self, source: Source, whole: Scope, values: Values, runnable: RunnableFile
    ) -> None:
        self.source, self.whole, self.values = source, whole, values
        self.refused: list[ModelError] = []
        self.unread: list[str] = []
        nodes = self._nodes()
        self.calls = LayerCalls(nodes, values)
        self.counted = count_operators(whole)
        self.products = products_by_value(whole, values)
        plain = not self.unread and all(map(is_standard, nodes))
        self.proofs = ProofMaker(runnable, whole, values, nodes, is_plain=plain)

    def results(self) -> tuple[ImportResult, ...]:
        stacks = onnx_stacks(self.calls.first, self.values)
        results = [self._result(stack, len(stacks) > 1) for stack in stacks]
        read = tuple(result for result in results if result is not None)
        if not read:
            # Without a refusal, nodes that feed each other in a circle.
            raise next(iter(self.refused), damaged(self.source.name))
        return read

    def _nodes(self) -> tuple[RecurrentNode, ...]:
        places = [(s, n) for s, n in self.whole.walk() if n.operator in SIGNATURES]
        if not 1 <= len(places) <= MAX_RECURRENT:
            raise no_recurrent_nodes(self.source.name, self.whole, len(places))
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

    def _result(
        self, nodes: tuple[RecurrentNode, ...], is_one_of_many: bool
    ) -> ImportResult | None:
        name = nodes[0].label if is_one_of_many or len(self.unread) else ""
        try:
            front = front_of(nodes[0], self.values)
            readout = readout_of(nodes[-1], self.products, self.values)
            stack = RecurrentStack(
                name,
                shown(self.source.name) + (f", {name}" if name else ""),
                tuple(y for level, node in enumerate(nodes) for y in onnx_layers(node, level)),
                self._evidence(nodes, front, readout),
                embedding=front.embedding.matrix if front.embedding is not None else None,
                readout=readout.readout if readout is not None else None,
                reference=self._reference(nodes, front, readout),
            )
            return import_result(stack)
        except ModelError as error:
            self._refuse(error, nodes[0].label)
            return None

    def _reference(
        self, nodes: tuple[RecurrentNode, ...], front: Front, readout: OnnxReadout | None
    ) -> Reference | None:
        """The file's own run; where it cannot be run, the nodes by themselves."""
        is_called_once = all(self.calls.counts[node] == 1 for node in nodes)
        run = self.proofs.run(nodes, front, readout) if is_called_once else None
        return run or onnx_reference(nodes)

    def _evidence(
        self, nodes: tuple[RecurrentNode, ...], front: Front, readout: OnnxReadout | None
    ) -> Evidence:
        notes = {"readout": readout.note} if readout is not None and readout.note else {}
        if lengths := next((node.lengths for node in nodes if node.lengths), ""):
            notes["lengths"] = shown(lengths)
        calls = [call.node for node in nodes for call in self.calls.all_of(node)]
        used = {*calls, *(readout.nodes if readout is not None else ())}
        n_calls = max(self.calls.counts[node] for node in nodes)
        return Evidence(
            "onnx",
            {"initial_states": "default"} if any(node.runtime_states for node in nodes) else {},
            _stored(nodes, front.embedding),
            front.embedding.name if front.embedding is not None else "",
            readout.name if readout is not None else "",
            notes,
            left_out(self.counted, used),
            tuple(self.unread),
            onnx_assumptions(nodes, front, n_calls, self.values),
        )


def _stored(
    nodes: tuple[RecurrentNode, ...], embedding: OnnxEmbedding | None
) -> tuple[StoredArray, ...]:
    """The arrays of the file with the number types that it has them in."""
    weights = [
        StoredArray(f"{node.label}/{key}", array.shape, node.stored[key])
        for node in nodes
        for key, array in node.weights.items()
    ]
    if embedding is not None:
        weights.append(StoredArray(embedding.name, embedding.matrix.shape, embedding.stored))
    return tuple(weights)


def _labels(places: list[tuple[Scope, OnnxNode]]) -> list[str]:
    """Paths of the nodes in the file, the second of a name with its number."""
    counts: Counter[str] = Counter()
    labels = []
    for scope, node in places:
        path = "/".join((*scope.path, node_label(node))).strip("/")
        counts[path] += 1
        labels.append(f"{path} {counts[path]}" if counts[path] > 1 else path)
    return labels
