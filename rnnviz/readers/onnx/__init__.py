"""ONNX files ▶ recurrent stacks: every LSTM, GRU and RNN node, wherever it stands."""

from rnnviz.readers.onnx.reader import import_onnx

__all__ = ["import_onnx"]
