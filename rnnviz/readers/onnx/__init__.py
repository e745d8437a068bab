"""ONNX files ▶ recurrent stacks: every LSTM, GRU and RNN node, wherever it stands."""

from rnnviz.readers.onnx.reader import read

__all__ = ["read"]
