"""What to train and how, and the network it starts from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnviz.cells import CELLS
from rnnviz.errors import ModelError
from rnnviz.network.model import Model, Readout
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
class Plan:
    """A training to be.

    task       a name in `rnnviz.train.tasks.TASKS`.
    cell       a name in `rnnviz.CELLS`.
    units      of every layer.
    steps      of the optimiser, each on one batch.
    rate       learning rate; None for the task's own.
    snapshots  how many models are kept on the way, the first and the last included.

    Raises ModelError for an unknown name and for a number out of `BOUNDS`.

    >>> Plan("brackets", "lstm").optimiser_rate
    0.01
    """

    task: str
    cell: str
    units: int = 32
    layers: int = 1
    steps: int = 500
    batch: int = 32
    rate: float | None = None
    seed: int = 0
    snapshots: int = 12

    def __post_init__(self) -> None:
        _check_names(self)
        for name, (least, most) in BOUNDS.items():
            came = self.optimiser_rate if name == "rate" else getattr(self, name)
            _check_number(name, came, least, most)

    @property
    def of(self) -> Task:
        """The task itself."""
        return TASKS[self.task]

    @property
    def optimiser_rate(self) -> float:
        """The learning rate that counts."""
        return self.of.rate if self.rate is None else self.rate

    @property
    def start(self) -> Model:
        """The network before its first step: the same plan always gives the same numbers."""
        task = self.of
        model = random_model(
            self.cell,
            task.n_inputs,
            self.units,
            self.layers,
            seed=self.seed,
            init="forget_bias" if _forgets(self.cell) else "pytorch",
            n_outputs=task.n_outputs,
        )
        drawn = model.readout
        assert drawn is not None
        readout = Readout(drawn.weights, drawn.bias, task.outputs, task.activation)
        tokens = task.vocabulary or None
        return replace(model, readout=readout, vocabulary=tokens, source=self.source(0))

    def source(self, step: int) -> str:
        """Where the weights after so many steps come from, in words."""
        return f"{self.task}, {self.cell}, seed {self.seed}, {step} of {self.steps} training steps"


def _forgets(cell: str) -> bool:
    """Whether it has the LSTM's forget gate, which starts open (Jozefowicz 2015)."""
    return any(s.name == "forget" and s.at_one == "keeps" for s in CELLS[cell].signals)


def _check_names(plan: Plan) -> None:
    if plan.task not in TASKS:
        raise ModelError(
            'There is no task "{task}"; choose one of {tasks}.',
            task=plan.task,
            tasks=", ".join(TASKS),
        )
    if plan.cell not in CELLS:
        raise ModelError(
            'There is no cell "{cell}"; choose one of {cells}.',
            cell=plan.cell,
            cells=", ".join(CELLS),
        )


def _check_number(name: str, came: float, least: float, most: float) -> None:
    whole = name == "rate" or (isinstance(came, int) and not isinstance(came, bool))
    # A comparison with NaN is False.
    if not whole or not isinstance(came, int | float) or not least <= came <= most:
        raise ModelError(
            "Training takes {name} from {least} to {most}, but {came} came.",
            name=name,
            least=least,
            most=most,
            came=came,
        )
