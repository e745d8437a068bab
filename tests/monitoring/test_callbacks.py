"""`GateHealth` of Lightning and of Keras, in trainings by the libraries themselves."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import pytest
import torch
from torch import nn

import rnnviz as rv

_KERAS = """
import gc, os
os.environ["KERAS_BACKEND"] = "torch"
import keras, numpy as np, rnnviz as rv
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.layers.GRU(4, name="memory"), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
x, kept = np.random.default_rng(0).normal(size=(12, 6, 3)), []
model.fit(x, x.mean((1, 2)), batch_size=2, epochs=2, verbose=0,
          callbacks=[rv.keras.GateHealth(to=kept, every=5)])
place = "memory/0.forward"
assert [record["step"] for record in kept] == [0, 5, 10], kept
assert kept[1][f"{place}.weights.change"] > 0
with rv.watch(model) as seen:
    model(x[:2])
assert kept[0].keys() >= {f"memory/{name}" for name in rv.health(seen["memory"][-1])}

# Contexts on one layer end in any order, and the layer is its own again.
outer, inner = rv.Log(model, to=(first := []), every=1), rv.Log(model, to=(second := []), every=1)
outer.close()
model(x[:2], training=True)
inner.close()
assert (len(first), len(second)) == (0, 1)
memory = model.layers[0]
assert "inner_loop" not in vars(memory)

# A fit that an error ends leaves nothing on the model.
class Fails(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        raise RuntimeError

def fit():
    try:
        model.fit(x, x.mean((1, 2)), verbose=0,
                  callbacks=[rv.keras.GateHealth(to=(ended := [])), Fails()])
    except RuntimeError:
        return ended

ended = fit()
gc.collect()
assert len(ended) == 1, ended
assert "inner_loop" not in vars(memory) and not model._forward_hooks
for odd in ({"every": 0}, {"rows": "a"}, {"to": 3}):
    try:
        rv.keras.GateHealth(**{"to": [], **odd})
    except rv.InputError:
        continue
    raise AssertionError(odd)
"""


def test_keras_trains_with_it() -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", _KERAS], check=True, timeout=120)


def test_lightning_trains_with_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pl = pytest.importorskip("pytorch_lightning")

        class Module(pl.LightningModule):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.rnn, self.head = nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 1)

            def training_step(self, batch: Any, index: int) -> torch.Tensor:
                return self.head(self.rnn(batch)[0][:, -1]).square().mean()

            def configure_optimizers(self) -> torch.optim.Optimizer:
                return torch.optim.SGD(self.parameters(), lr=0.01)

        module, kept = Module(), list[Any]()
        data = torch.utils.data.DataLoader(torch.randn(24, 6, 3), batch_size=2)
        trainer = pl.Trainer(
            max_epochs=1,
            accelerator="cpu",
            accumulate_grad_batches=2,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[rv.lightning.GateHealth(to=kept, every=2)],
        )
        trainer.fit(module, data)
    assert [record["step"] for record in kept] == [0, 2, 4]
    assert kept[1]["rnn/0.forward.weights.change"] > 0
    assert "rnn/0.forward.gradient.reach" in kept[0]
    assert not module.rnn._forward_hooks
    assert not module._forward_hooks


@pytest.mark.parametrize("odd", [{"every": 0}, {"rows": "a"}, {"to": 3}])
def test_odd_options_are_refused_when_the_callback_is_made(odd: dict[str, Any]) -> None:
    pytest.importorskip("pytorch_lightning")
    with pytest.raises(rv.InputError):
        rv.lightning.GateHealth(**odd)


@pytest.mark.parametrize("library", ["lightning", "keras"])
def test_a_library_that_is_missing_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    skin = getattr(rv, library)
    skin._gate_health.cache_clear()
    for name in ("lightning", "lightning.pytorch", "pytorch_lightning", "keras"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(rv.MissingLibraryError, match="pip install"):
        _ = skin.GateHealth
    with pytest.raises(AttributeError, match="no attribute 'Other'"):
        _ = skin.Other
