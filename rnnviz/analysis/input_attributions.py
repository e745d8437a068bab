"""Result of attributing an output to what was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.core.sequence import Encoding


@dataclass(frozen=True, eq=False, repr=False)
class InputAttributions(Figured):
    """Result of `rnnviz.attribute`: what each step and feature contributes to an output.

    method    "integrated_gradients" or "occlusion".
    steps     (time,), of a step with all its features; 0 after the step that is looked at.
    features  (time, input), of each number alone; None for the occlusion of an embedding.
    value     the output itself, F(x); `baseline_value` that of the baseline, F(x′).
    output    its name, at step `time`.
    scale     "score": before the readout's activation; "output": after it.
    tokens    a visible label for every step.
    points    of the integral, 0 for occlusion.
    """

    drawing: ClassVar[str] = "input_attributions"
    method: Literal["integrated_gradients", "occlusion"]
    steps: Array
    features: Array | None
    value: float
    baseline_value: float
    output: str
    time: int
    scale: Literal["score", "output"]
    tokens: tuple[str, ...]
    feature_names: tuple[str, ...]
    encoding: Encoding = "values"
    points: int = 0
    is_trained: bool = True

    @property
    def total(self) -> float:
        """Sum of the attributions of all steps."""
        return float(self.steps.sum())

    @property
    def gap(self) -> float:
        """What the sum leaves over of F(x) − F(x′): of integrated gradients the error of the
        integral, which more points make smaller; of occlusion what acts together."""
        return self.total - (self.value - self.baseline_value)

    def __repr__(self) -> str:
        change = self.value - self.baseline_value
        return (
            f"<{self.method} of the {self.scale} “{shown(self.output)}” at step {self.time}:"
            f" sum {self.total:+.4g}, output minus baseline {change:+.4g}, gap {self.gap:+.2g}>"
        )

    def to_frame(self) -> Any:
        """A pandas table, a row for each step: `step`, `token`, `attribution`, and each feature."""
        pandas = optional_library("pandas")
        steps = np.arange(len(self.steps))
        table = {"step": steps, "token": self.tokens, "attribution": self.steps}
        frame = pandas.DataFrame(table)
        if self.features is None:
            return frame
        features = pandas.DataFrame(self.features, columns=list(self.feature_names))
        return pandas.concat([frame, features.add_prefix("feature ")], axis=1)
