"""The models in this folder, trained again: `python -m assets.models.make`, or some by their names.

Every model is seeded; the same PyTorch on the same kind of processor gives the same bits.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from assets.models.words import ABOUT, DATA, EXAMPLES, TITLES
from rnnviz.train.loop import Snapshot, Training, TrainingConfig
from rnnviz.train.named_weights import name_weights
from rnnviz.train.safetensors_io import write_arrays

FOLDER = Path(__file__).parent
DATE = "2026-11-23"
EXAMPLE_SEED = 7
DIGITS = 6


@dataclass(frozen=True)
class Recipe:
    """A model to make.

    kept         the steps at which its weights are kept for a lesson.
    for_finding  whether it is made for a published finding alone.
    date         of its training.
    """

    name: str
    config: TrainingConfig
    kept: tuple[int, ...] = ()
    for_finding: bool = False
    date: str = DATE


def _for_finding(name: str, config: TrainingConfig) -> Recipe:
    return Recipe(name, config, for_finding=True, date="2026-11-27")


RECIPES = (
    Recipe(
        "next_character_lstm", TrainingConfig("next_character", "lstm", 128, steps=3500, rate=0.004)
    ),
    Recipe(
        "next_character_gru",
        TrainingConfig("next_character", "gru_reset_after", 128, steps=3000, rate=0.003),
    ),
    Recipe(
        "brackets_lstm",
        TrainingConfig("brackets", "lstm", 12, steps=1500, rate=0.01),
        kept=(0, 60, 150, 400, 1500),
    ),
    Recipe(
        "adding_lstm",
        TrainingConfig("adding", "lstm", 32, steps=3000, batch=64, rate=0.005),
        kept=(0, 200, 1000, 1040, 3000),
    ),
    Recipe(
        "adding_gru",
        TrainingConfig("adding", "gru_reset_after", 32, steps=3000, batch=64, rate=0.005),
    ),
    Recipe("adding_rnn", TrainingConfig("adding", "rnn", 32, steps=3000, batch=64, rate=0.005)),
    Recipe(
        "adding_rnn_identity",
        TrainingConfig(
            "adding",
            "rnn",
            32,
            steps=3000,
            batch=64,
            rate=0.005,
            init="identity",
            activation="relu",
        ),
    ),
    Recipe(
        "temporal_order_lstm", TrainingConfig("temporal_order", "lstm", 16, steps=1500, rate=0.005)
    ),
    Recipe(
        "flip_flop_gru", TrainingConfig("flip_flop", "gru_reset_after", 24, steps=1500, rate=0.005)
    ),
    Recipe("sines_lstm", TrainingConfig("sines", "lstm", 24, steps=2500, rate=0.005)),
    Recipe(
        "languages_gru",
        TrainingConfig("languages", "gru_reset_after", 48, steps=600, batch=64, rate=0.004),
    ),
    _for_finding("counting_lstm", TrainingConfig("counting", "lstm", 4, steps=5000, rate=0.01)),
    _for_finding(
        "counting_gru", TrainingConfig("counting", "gru_reset_after", 4, steps=5000, rate=0.01)
    ),
    _for_finding(
        "copy_lstm_chrono",
        TrainingConfig("copy", "lstm", 24, steps=6000, rate=0.005, init="chrono"),
    ),
    _for_finding("copy_lstm", TrainingConfig("copy", "lstm", 24, steps=6000, rate=0.005)),
    _for_finding("reber_lstm", TrainingConfig("reber", "lstm", 10, steps=1500, batch=16)),
    _for_finding(
        "reber_lstm_no_forget",
        TrainingConfig("reber", "lstm_no_forget", 10, steps=1500, batch=16),
    ),
    _for_finding(
        "parity_linear_rnn_signed",
        TrainingConfig("parity", "linear_rnn", 2, steps=3000, init="pytorch", activation="tanh"),
    ),
    _for_finding(
        "parity_linear_rnn",
        TrainingConfig("parity", "linear_rnn", 2, steps=3000, init="pytorch"),
    ),
    _for_finding("choices_gru", TrainingConfig("choices", "gru_reset_after", 2, steps=2000)),
)


def make(recipe: Recipe) -> str:
    """Train one model and write its file and its card; what it reached, in a line."""
    start = time.process_time()
    training = Training(recipe.config)
    kept = []
    for step in recipe.kept:
        if step > training.step:
            training.advance(step - training.step)
        kept.append(training.snapshot())
    if not training.is_done:
        training.advance(recipe.config.steps - training.step)
    # Of one core at work: the machine may have been busy with other things.
    seconds = round(time.process_time() - start, 1)
    (FOLDER / f"{recipe.name}.safetensors").write_bytes(_weights(training, kept))
    card = _card(recipe, training, kept) | {"seconds": seconds}
    text = json.dumps(card, ensure_ascii=False, indent=2) + "\n"
    (FOLDER / f"{recipe.name}.json").write_text(text, "utf-8")
    return f"{recipe.name}: {_reached(training)}, {seconds} s"


def _weights(training: Training, kept: list[Snapshot]) -> bytes:
    # The untrained weights are drawn again and the last ones are the model's own.
    between = [one for one in kept if 0 < one.step < training.step]
    moments = {
        f"moments.{one.step}.{name}": array
        for one in between
        for name, array in name_weights(one.model).items()
    }
    return write_arrays(name_weights(training.model()) | moments)


def _card(recipe: Recipe, training: Training, kept: list[Snapshot]) -> dict[str, Any]:
    config, task = recipe.config, recipe.config.task
    first, last = training.snapshots[0], training.snapshots[-1]
    numbers = {
        f.name: getattr(config, f.name)
        for f in fields(TrainingConfig)
        if f.name not in ("task_name", "cell_name", "snapshots", "cools")
    } | {"rate": config.learning_rate}
    return {
        "name": recipe.name,
        "title": TITLES[recipe.name],
        "about": ABOUT[recipe.name],
        "task": config.task_name,
        "cell": config.cell_name,
        **numbers,
        **DATA[task.name],
        "metric": task.metric,
        "held_out": round(last.metric, DIGITS),
        "chance": round(task.chance, DIGITS),
        "before_training": round(first.metric, DIGITS),
        "loss": round(last.loss, DIGITS),
        "torch": version("torch"),
        "date": recipe.date,
        "vocabulary": task.vocabulary,
        "outputs": task.outputs,
        "examples": _examples(task.name, config),
        "kept": [
            {"step": one.step, "loss": round(one.loss, DIGITS), "metric": round(one.metric, DIGITS)}
            for one in kept
        ],
        "for_finding": recipe.for_finding,
    }


def _examples(name: str, config: TrainingConfig) -> list[dict[str, Any]]:
    if name in EXAMPLES:
        return [{"text": text} for text in EXAMPLES[name]]
    generator = np.random.default_rng(EXAMPLE_SEED)
    drawn = [config.task.example(generator).values[:, 0] for _ in range(2)]
    return [{"numbers": np.round(values.astype(float), 3).tolist()} for values in drawn]


def _reached(training: Training) -> str:
    first, last = training.snapshots[0].metric, training.snapshots[-1].metric
    task = training.config.task
    return f"{task.metric} {first:.4f} ▶ {last:.4f}, chance {task.chance:.4f}"


# Of every list of models, in this order; the others follow in that of RECIPES.
FIRST = ("languages_gru", "brackets_lstm", "next_character_lstm", "next_character_gru")


def main(names: list[str]) -> None:
    """Train the named models, all when none is named, two at a time."""
    chosen = [recipe for recipe in RECIPES if not names or recipe.name in names]
    with ProcessPoolExecutor(2) as pool:
        for line in pool.map(make, chosen):
            print(line, flush=True)
    made = [recipe.name for recipe in RECIPES if (FOLDER / f"{recipe.name}.json").exists()]
    made.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    listed = json.dumps(made, indent=2) + "\n"
    (FOLDER / "models.json").write_text(listed, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
