"""Settings of a training, and the model it starts from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnviz.cells import CELLS
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.train.task import Task
from rnnviz.train.tasks import TASKS

BOUNDS = {
    "units": (1, 256),
    "layers": (1, 4),
    "steps": (1, 20_000),
    "batch": (1, 512),
    "rate": (1e-6, 1.0),
    "seed": (0, 2**32 - 1),
    "snapshots": (2, 64),
}


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of a training.

    task_name  in `rnnviz.train.tasks.TASKS`.
    cell_name  in `rnnviz.CELLS`.
    units      of every layer.
    steps      of the optimiser, each on one batch.
    rate       learning rate; None for the task's own.
    snapshots  how many models are kept on the way, the first and the last included.
    cools      whether the learning rate falls over the last quarter of the steps; a training that
               may be made longer keeps it.
    init       how the weights are drawn, as in `random_model`; "" for "forget_bias" where a cell
               has a forget gate, else "pytorch".
    activation of the gate that has a choice, as in `random_model`; "" for the cell's own.

    Raises ModelError for an unknown name and for a number out of `BOUNDS`.

    >>> TrainingConfig("brackets", "lstm").learning_rate
    0.01
    """

    task_name: str
    cell_name: str
    units: int = 32
    layers: int = 1
    steps: int = 500
    batch: int = 32
    rate: float | None = None
    seed: int = 0
    snapshots: int = 12
    cools: bool = True
    init: str = ""
    activation: str = ""

    def __post_init__(self) -> None:
        _check_names(self)
        for name, (low, high) in BOUNDS.items():
            came = self.learning_rate if name == "rate" else getattr(self, name)
            _check_number(name, came, low, high)

    @property
    def task(self) -> Task:
        """The task itself."""
        return TASKS[self.task_name]

    @property
    def learning_rate(self) -> float:
        """The learning rate: its own, or the task's."""
        return self.task.rate if self.rate is None else self.rate

    @property
    def initialisation(self) -> str:
        """How the weights are drawn: as chosen, or as usual for the cell."""
        return self.init or _usual_init(self.cell_name)

    @property
    def initial_model(self) -> Model:
        """The model before its first step; equal settings give equal numbers."""
        task = self.task
        model = random_model(
            self.cell_name,
            task.n_inputs,
            self.units,
            self.layers,
            seed=self.seed,
            init=self.initialisation,
            activation=self.activation,
            n_outputs=task.n_outputs,
        )
        assert model.readout is not None
        readout = replace(model.readout, names=task.outputs, activation=task.activation)
        tokens = task.vocabulary or None
        return replace(model, readout=readout, vocabulary=tokens, source=self.source(0))

    def source(self, step: int) -> str:
        """Origin of the weights after this many steps, in words."""
        steps = f"{step} of {self.steps} training steps"
        return f"{self.task_name}, {self.cell_name}, seed {self.seed}, {steps}"


def _usual_init(cell: str) -> str:
    """PyTorch's start, with the LSTM's forget gate open where there is one (Jozefowicz 2015)."""
    opens = any(s.name == "forget" and s.at_one == "keeps" for s in CELLS[cell].signals)
    return "forget_bias" if opens else "pytorch"


def _check_names(config: TrainingConfig) -> None:
    if config.task_name not in [*TASKS]:
        raise ModelError(
            'There is no task "{task}"; choose one of {tasks}.',
            task=shown(config.task_name),
            tasks=", ".join(TASKS),
        )
    if config.cell_name not in [*CELLS]:
        raise ModelError(
            'There is no cell "{cell}"; choose one of {cells}.',
            cell=shown(config.cell_name),
            cells=", ".join(CELLS),
        )


def _check_number(name: str, came: float, low: float, high: float) -> None:
    is_number = name == "rate" or (isinstance(came, int) and not isinstance(came, bool))
    # A comparison with NaN is False.
    if not is_number or not isinstance(came, int | float) or not low <= came <= high:
        raise ModelError(
            "Training takes {name} from {least} to {most}, but {came} came.",
            name=name,
            least=low,
            most=high,
            came=shown(came),
        )
