"""The Keras that wrote a file, and what its layers do unless they say otherwise.

Defaults of `LSTM` and `GRU` at the source: Keras 2.0 to 2.2 (keras/layers/recurrent.py) have
`recurrent_activation="hard_sigmoid"` and `reset_after=False`; Keras 2.3 has "sigmoid"; tf.keras of
TensorFlow 2, whose versions end in "-tf" or are 2.4 and later, and Keras 3 also reset after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSION = re.compile(r"(\d{1,4})(?:\.(\d{1,4}))?")


@dataclass(frozen=True)
class KerasWriter:
    """Version of the Keras that wrote a file.

    version    as the file has it: "2.2.4", "2.2.4-tf", "3.15.1"; "" where it has none.
    is_legacy  whether the file has the layout of Keras 1 and 2, which Keras 3 can still write.
    """

    version: str
    is_legacy: bool

    @property
    def number(self) -> tuple[int, int] | None:
        """Major and minor number; None where they are not said.

        >>> KerasWriter("2.2.4-tf", True).number
        (2, 2)
        """
        found = _VERSION.match(self.version)
        return (int(found[1]), int(found[2] or 0)) if found else None

    @property
    def is_keras_2(self) -> bool:
        """True when Keras 1 or 2 wrote it; the legacy layout without a version counts as such."""
        return self.is_legacy if self.number is None else self.number < (3, 0)

    @property
    def is_before_2_3(self) -> bool:
        """True when its gates are hard sigmoids unless it says otherwise.

        >>> KerasWriter("2.2.4", True).is_before_2_3, KerasWriter("2.3.1", True).is_before_2_3
        (True, False)
        """
        return self.is_legacy if self.number is None else self.number < (2, 3)

    @property
    def resets_after(self) -> bool:
        """True when its GRU resets after the product unless it says otherwise."""
        if self.number is None:
            return not self.is_legacy
        return self.number >= (2, 4) or (self.number == (2, 3) and "-tf" in self.version)

    @property
    def defaults(self) -> dict[str, str | bool]:
        """Options of its cells where a configuration does not have them."""
        gates = "hard_sigmoid" if self.is_before_2_3 else "sigmoid"
        after = self.resets_after
        return {"activation": "tanh", "recurrent_activation": gates, "reset_after": after}
