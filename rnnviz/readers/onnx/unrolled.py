"""Files without recurrent nodes: what their graph says of how the network was written out."""

from __future__ import annotations

from collections import Counter

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value

MAX_RECURRENT = 200
_PRODUCTS = {"MatMul", "Gemm", "MatMulInteger", "com.microsoft::FusedMatMul"}
_SQUASHING = {"Tanh", "Sigmoid", "Relu", "HardSigmoid"}
_LOOPS = ("Loop", "Scan")


def no_recurrent_nodes(name: str, whole: Scope, count: int) -> ModelError:
    """The error for a file with none, or with too many, and the way to one that opens."""
    if count > MAX_RECURRENT:
        return ModelError(
            "“{name}” may hold {bound} LSTM, GRU or RNN nodes, but it holds {came}, as where a"
            " layer is called for every timestep; export a call of it on the whole sequence.",
            name=shown(name),
            bound=MAX_RECURRENT,
            came=count,
        )
    if loop := _loop(whole):
        return ModelError(
            "“{name}” should hold LSTM, GRU or RNN nodes, but its cell is written out in the body"
            " of a {loop}; save the weights instead: in PyTorch"
            ' torch.save(module.state_dict(), "weights.pt"), in Keras model.save("model.keras").',
            name=shown(name),
            loop=loop,
        )
    if steps := _steps(whole):
        return ModelError(
            "“{name}” should hold LSTM, GRU or RNN nodes, but its cell is unrolled, written out"
            " {steps} times; export torch.nn.RNN, GRU or LSTM with torch.onnx.export(…,"
            " dynamo=False), and of another module save torch.save(module.state_dict(),"
            ' "weights.pt").',
            name=shown(name),
            steps=steps,
        )
    return ModelError(
        "“{name}” should hold LSTM, GRU or RNN nodes, but it holds none; export a network with"
        " torch.nn.LSTM, GRU or RNN by torch.onnx.export(…, dynamo=False), or save its weights"
        ' with torch.save(module.state_dict(), "weights.pt").',
        name=shown(name),
    )


def _loop(whole: Scope) -> str:
    """The operator of a loop whose body multiplies and squashes, "" where there is none."""
    for scope, node in whole.walk():
        if node.operator in _LOOPS:
            inside = {n.operator for body in scope.inner.get(node, ()) for _, n in body.walk()}
            if inside & _PRODUCTS and inside & _SQUASHING:
                return node.operator
    return ""


def _steps(whole: Scope) -> int:
    """How many times the same weights are multiplied with, one after the other."""
    used: Counter[Value] = Counter()
    squashed = 0
    for scope, node in whole.walk():
        squashed += node.operator in _SQUASHING
        if node.operator in _PRODUCTS and len(node.inputs) > 1:
            used[_weights(scope, node)] += 1
    most = max(used.values(), default=0)
    return most if most > 1 and squashed >= most else 0


def _weights(scope: Scope, node: OnnxNode) -> Value:
    """The constant that a product reads, before it is transposed."""
    value = scope.resolve(node.inputs[1])
    made, _ = value.scope.producers.get(value.name, (None, 0))
    if made is not None and made.operator in ("Transpose", "Identity") and made.inputs:
        return value.scope.resolve(made.inputs[0])
    return value
