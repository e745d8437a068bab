"""The lesson of a network that writes: what it says of its texts, with PyTorch as the witness."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.interventions.serialise import from_text
from rnnviz.lessons.content import writes
from rnnviz.lessons.content.character_counts import counted_perplexity, probability
from rnnviz.lessons.content.held_out_reading import held_out_trace, held_trace
from rnnviz.lessons.content.temperature import entropy, scaled_outputs
from rnnviz.lessons.content.text_probes import cut_place, held_out_rows
from rnnviz.lessons.content.written_text import (
    PROMPT,
    SPACING_UNIT,
    greedy,
    loop,
    unit_hold,
    words,
    written,
)
from rnnviz.lessons.interactive import SettingsAnswer
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import book

MODEL = preset(writes.PRESET).model()
CHARACTERS = preset(writes.PRESET).vocabulary
SETTINGS = writes.CODE.settings()


def fact(name: str) -> float:
    return float(writes.CODE.facts[name](SETTINGS))


def torch_logits(text: str, forget: float | None = None) -> torch.Tensor:
    """Scores after every character (time, character), stepped in torch by the equations."""
    layer, readout = MODEL.layers[0], MODEL.readout
    assert readout is not None
    w = {name: torch.tensor(array, dtype=torch.float64) for name, array in layer.weights.items()}
    h = c = torch.zeros(layer.n_units, dtype=torch.float64)
    scores = []
    for character in text:
        x = CHARACTERS.index(character)
        z = {
            gate: w[f"{gate}.x"][:, x] + w[f"{gate}.h"] @ h + w[f"{gate}.b"] + w[f"{gate}.bh"]
            for gate in GATE_ORDER["torch"]["lstm"]
        }
        f = z["forget"].sigmoid() if forget is None else torch.full_like(c, forget)
        c = f * c + z["input"].sigmoid() * z["candidate"].tanh()
        h = z["output"].sigmoid() * c.tanh()
        scores.append(torch.tensor(readout.weights).double() @ h + torch.tensor(readout.bias))
    return torch.stack(scores)


def torch_bits(text: str, forget: float | None = None) -> torch.Tensor:
    targets = torch.tensor([CHARACTERS.index(character) for character in text[1:]])
    nats = torch.nn.functional.cross_entropy(
        torch_logits(text, forget)[:-1], targets, reduction="none"
    )
    return nats / np.log(2)


@pytest.mark.parametrize("temperature", [0.3, 0.7, 1.0, 1.5])
def test_temperature_divides_the_scores_and_the_entropy_is_torchs(temperature: float) -> None:
    scores = torch_logits(PROMPT)[-1]
    wanted = torch.distributions.Categorical(logits=scores / temperature)
    view = scaled_outputs(temperature)
    places = [CHARACTERS.index(name.replace("␣", " ").replace("⏎", "\n")) for name in view.names]
    np.testing.assert_allclose(view.probabilities, wanted.probs[places], rtol=1e-4)
    bits = float(wanted.entropy()) / np.log(2)
    assert entropy(temperature) == pytest.approx(bits, rel=1e-4)


def test_entropy_rises_with_the_temperature_from_nothing_to_at_most_the_uniform() -> None:
    entropies = [entropy(float(one)) for one in writes.SHOWN_TEMPERATURES]
    assert entropies[0] == 0
    assert entropies == sorted(entropies)
    assert entropies[-1] < fact("entropy_most") == 6


def test_at_temperature_0_it_takes_the_most_probable_and_soon_repeats_itself() -> None:
    text = greedy()
    scores = torch_logits(PROMPT + text[:80])
    said = [CHARACTERS[int(one)] for one in scores[len(PROMPT) - 1 : -1].argmax(1)]
    assert "".join(said) == text[:80]
    start, period = loop(text)
    assert period > 0
    assert all(text[i] == text[i + period] for i in range(start, len(text) - period))
    assert writes.CODE.answers["ends"]() == 2
    assert text[:60] not in book()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("xyabababababab", (2, 2)), ("abcdefghijkl", (12, 0)), ("xaaaaaaa", (1, 1))],
)
def test_a_loop_is_found_where_there_is_one(text: str, wanted: tuple[int, int]) -> None:
    assert loop(text) == wanted


def test_the_same_seed_writes_the_same_text_and_another_seed_another() -> None:
    written.cache_clear()
    one = written(0.7, 1).text
    written.cache_clear()
    assert written(0.7, 1).text == one != written(0.7, 2).text


def test_fewer_words_exist_the_hotter_it_is() -> None:
    shares = [fact(f"words_{at}") for at in ("03", "07", "10", "15")]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 95
    assert 40 < shares[-1] < 60


def test_the_perplexity_is_torchs_loss() -> None:
    rows = [row for row in held_out_rows()[:4] if set(row) <= set(CHARACTERS)]
    bits = torch.cat([torch_bits(row) for row in rows])
    found = np.concatenate(
        [
            writes.surprise(held_out_trace(), row=held_out_rows().index(row))[1 : len(row)]
            for row in rows
        ]
    )
    np.testing.assert_allclose(found, bits, atol=1e-3)
    assert (
        fact("perplexity")
        == pytest.approx(2 ** fact("bits"))
        == pytest.approx(np.exp(fact("nats")))
    )
    # The training measured its loss on other windows of the same text.
    assert fact("nats") == pytest.approx(preset(writes.PRESET).loss, abs=0.05)


@pytest.mark.parametrize("forget", [0.0, 0.5, 1.0])
def test_perplexity_with_a_held_gate_is_torchs(forget: float) -> None:
    row = held_out_rows()[0]
    bits = torch_bits(row, forget)
    found = writes.surprise(held_trace(forget))[1 : len(row)]
    np.testing.assert_allclose(found, bits, rtol=2e-3, atol=2e-3)


def test_never_forgetting_is_worse_than_knowing_nothing() -> None:
    held = [fact(f"held_{at}") for at in ("000", "050", "100")]
    assert writes.CODE.answers["worst"]() == 2
    assert fact("held_free") < held[1] < held[0] < len(CHARACTERS) < held[2]
    kept = [fact(f"kept_words_{at}") for at in ("000", "050", "100")]
    assert kept[2] < 25 < 50 < min(kept[:2])
    # What the explanation says: the cell state piles up, and tanh of it hardly moves.
    assert fact("piled_held") > 4 * fact("piled_free")
    assert fact("moves_held") < 0.15 * fact("moves_free")


def test_counting_gives_probabilities_and_the_frequencies_those_of_the_book() -> None:
    for before in ("Alice wa", "zq", ""):
        for n in (0, 2, 4):
            total = sum(probability(before, one, n, len(CHARACTERS)) for one in CHARACTERS)
            assert total == pytest.approx(1, abs=0.01)
    text = book()[: cut_place()]
    share = Counter(text)["e"] / len(text)
    assert probability("Th", "e", 0, 64) == pytest.approx(share, rel=1e-3)
    by_context = [counted_perplexity(n, CHARACTERS) for n in writes.CONTEXTS]
    assert by_context == sorted(by_context, reverse=True)
    assert by_context[0] < 64
    assert by_context[-1] > fact("perplexity") > 0.9 * by_context[-1]


def test_most_runs_of_ten_characters_occur_once() -> None:
    text = book()[: cut_place()]
    runs = Counter(text[i : i + 10] for i in range(len(text) - 9))
    assert sum(count == 1 for count in runs.values()) > 0.8 * len(runs)


def test_words_begin_with_more_surprise_than_they_go_on_with() -> None:
    assert fact("first_letter") > 2 * fact("later_letter")


def test_the_unit_held_high_takes_the_spaces_and_other_units_do_not() -> None:
    assert fact("length_high") > 15 > 5 > fact("length_free")
    assert abs(fact("length_low") - fact("length_free")) < 0.5
    answer = writes.CODE.exercises["spaces"]
    assert isinstance(answer, SettingsAnswer)
    assert [answer.reached({"state": v}) for v in (None, -1.0, 0.0, 1.0, 2.0, 3.0)] == [
        *(False,) * 3,
        *(True,) * 3,
    ]
    held = written(0.7, 1, 80, unit_hold(2.0))
    read = writes.trace(MODEL, writes.parse(held.whole), intervene=unit_hold(2.0))
    assert (read["cell"][:, 0, SPACING_UNIT] == 2).all()
    for unit in range(0, 128, 8):
        text = written(0.7, 1, 300, unit_hold(2.0, unit)).text
        lengths = [len(word) for word in words(text)]
        assert np.mean(lengths) < fact("length_high") / 2


def test_the_exercises_are_those_of_the_formulas() -> None:
    assert fact("cooled") == pytest.approx(np.exp(4) / (np.exp(4) + np.exp(2)))
    assert fact("four") == pytest.approx((2 * 4 * 2 * 8) ** (1 / 4))


def test_the_links_open_the_text_with_what_is_held_here() -> None:
    links = writes.CODE.links
    assert links["write"]({**SETTINGS, "temperature": "1.5"}).choices["temperature"] == "1.5"
    assert from_text(links["steered"](SETTINGS).choices["do"]) == unit_hold(2.0)
    assert links["write"](SETTINGS).choices["text"] == PROMPT
