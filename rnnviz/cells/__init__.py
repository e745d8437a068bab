"""Every cell by its name; adding one is adding a file here and a line below."""

from types import MappingProxyType

from rnnviz.cells.gru import GRU
from rnnviz.cells.gru_reset_after import GRU_RESET_AFTER
from rnnviz.cells.lstm import LSTM
from rnnviz.cells.rnn import RNN

CELLS = MappingProxyType({cell.name: cell for cell in (RNN, LSTM, GRU, GRU_RESET_AFTER)})
