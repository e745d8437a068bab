"""Every cell by its name; adding one is adding a file here and a line below."""

from types import MappingProxyType

from rnnviz.cells.gru import GRU
from rnnviz.cells.gru_reset_after import GRU_RESET_AFTER
from rnnviz.cells.lstm import LSTM
from rnnviz.cells.lstm_coupled import LSTM_COUPLED
from rnnviz.cells.lstm_layer_norm import LSTM_LAYER_NORM
from rnnviz.cells.lstm_peephole import LSTM_PEEPHOLE
from rnnviz.cells.lstm_projected import LSTM_PROJECTED
from rnnviz.cells.mgu import MGU
from rnnviz.cells.min_gru import MIN_GRU
from rnnviz.cells.min_lstm import MIN_LSTM
from rnnviz.cells.rnn import RNN
from rnnviz.cells.slstm import SLSTM

_ALL = (
    RNN,
    LSTM,
    GRU,
    GRU_RESET_AFTER,
    LSTM_PEEPHOLE,
    LSTM_PROJECTED,
    LSTM_COUPLED,
    LSTM_LAYER_NORM,
    MGU,
    MIN_GRU,
    MIN_LSTM,
    SLSTM,
)
CELLS = MappingProxyType({cell.name: cell for cell in _ALL})
