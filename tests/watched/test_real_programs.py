"""`rv.watch` on programs that others published, unchanged: an agent along its episodes, a stream of
sound, a character language model. Each is held against what the program itself gave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz as rv

# sb3-contrib: an agent with an LSTM


@pytest.fixture
def agent() -> Any:
    from sb3_contrib import RecurrentPPO

    sizes = {"lstm_hidden_size": 8, "net_arch": [4]}
    return RecurrentPPO(
        "MlpLstmPolicy",
        "CartPole-v1",
        n_steps=16,
        batch_size=16,
        n_epochs=1,
        policy_kwargs=sizes,
        seed=3,
        device="cpu",
    )


def played(agent: Any, n_steps: int) -> tuple[list[Any], list[Any], list[int]]:
    """Actions and hidden states of a stretch of play, and the steps at which an episode ended."""
    world, state, starts = agent.get_env(), None, np.ones(1, dtype=bool)
    seen = world.reset()
    actions, hidden, ends = [], [], [0]
    for step in range(1, n_steps + 1):
        action, state = agent.predict(seen, state=state, episode_start=starts, deterministic=True)
        seen, _, starts, _ = world.step(action)
        actions.append(action)
        hidden.append(state[0])
        ends += [step] if starts[0] else []
    return actions, hidden, [*ends, n_steps]


def test_an_agents_states_are_one_trace_an_episode(agent: Any) -> None:
    with rv.watch(agent.policy, layers=["lstm_actor"], keep=60) as seen:
        _, hidden, ends = played(agent, 60)
    episodes = seen["lstm_actor"].joined()
    assert [trace.sequence.n_steps for trace in episodes] == np.diff(ends).tolist()
    assert len(episodes) > 1
    ours = np.concatenate([trace["hidden"] for trace in episodes])
    assert np.abs(ours - np.concatenate(hidden)).max() < 1e-6
    assert {trace.certainty.grade for trace in episodes if trace.certainty} == {"proved"}


def test_an_agent_learns_the_same_while_it_is_watched(agent: Any) -> None:
    before = {name: weight.clone() for name, weight in agent.policy.state_dict().items()}

    def learned(is_watched: bool) -> dict[str, torch.Tensor]:
        agent.policy.load_state_dict(before)
        agent.policy.optimizer.state.clear()
        agent.set_random_seed(3)
        agent._last_obs = None
        if not is_watched:
            agent.learn(32)
            return {name: weight.clone() for name, weight in agent.policy.state_dict().items()}
        with rv.watch(agent.policy) as seen:
            agent.learn(32)
        for layer in seen.values():
            assert layer.n_calls >= 32
            assert layer.difference < 1e-6
        return dict(agent.policy.state_dict())

    alone, watched = learned(False), learned(True)
    assert all(torch.equal(alone[name], watched[name]) for name in before)
    assert not torch.equal(before["lstm_actor.weight_hh_l0"], alone["lstm_actor.weight_hh_l0"])


# silero-vad: where there is speech


@pytest.fixture
def silero() -> Iterator[Any]:
    n_threads = torch.get_num_threads()
    # It sets the threads of the whole process.
    import silero_vad

    yield silero_vad
    torch.set_num_threads(n_threads)


class Silero(nn.Module):
    """The published network, written out: its package has it as TorchScript, without Python."""

    def __init__(self, published: Any) -> None:
        super().__init__()
        self.register_buffer("waves", torch.empty(258, 1, 256))
        shapes = ((129, 128, 1), (128, 64, 2), (64, 64, 2), (64, 128, 1))
        convolutions = [nn.Conv1d(m, n, 3, stride, padding=1) for m, n, stride in shapes]
        self.encoder = nn.Sequential(*(y for one in convolutions for y in (one, nn.ReLU())))
        self.rnn = nn.LSTMCell(128, 128)
        self.readout = nn.Conv1d(128, 1, 1)
        weights = [y for name, y in published.state_dict().items() if name.startswith("_model.")]
        self.load_state_dict(dict(zip(self.state_dict(), weights, strict=True)))

    def forward(self, sound: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        padded = nn.functional.pad(sound, (0, 64), mode="reflect")[:, None]
        waves = nn.functional.conv1d(padded, self.waves, stride=128)
        loudness = (waves[:, :129] ** 2 + waves[:, 129:] ** 2).sqrt()
        hidden, cell = self.rnn(self.encoder(loudness).squeeze(-1), state)
        return self.readout(hidden[..., None].relu()).sigmoid().flatten(), (hidden, cell)


def a_sound(n_samples: int) -> torch.Tensor:
    """Silence, then a voice: overtones of a falling pitch, swelling four times a second."""
    seconds = torch.arange(n_samples) / 16000
    pitch = 2 * torch.pi * torch.cumsum(180 - 40 * seconds, 0) / 16000
    voice = sum(torch.sin(k * pitch) / k for k in range(1, 20))
    return 0.2 * voice * torch.sin(4 * torch.pi * seconds) ** 2 * (seconds > 0.3)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_stream_of_sound_with_the_published_weights(silero: Any) -> None:
    sound, published, given = a_sound(512 * 30), silero.load_silero_vad(), []
    model, padded, state = Silero(published), nn.functional.pad(sound, (64, 0)), None
    with torch.no_grad(), rv.watch(model) as seen:
        for start in range(0, len(sound), 512):
            speech, state = model(padded[None, start : start + 576], state)
            assert abs(speech - published(sound[None, start : start + 512], 16000)) < 1e-5
            given.append(numbers(published._state))
    trace = seen["rnn"][-1]
    assert np.abs(trace["hidden"] - np.stack(given)[:, 0]).max() < 1e-5
    assert np.abs(trace["cell"] - np.stack(given)[:, 1]).max() < 1e-5
    assert trace.certainty is not None
    assert trace.certainty.grade == "proved"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_published_script_is_refused_and_the_way_named_leads_on(
    silero: Any, tmp_path: Path
) -> None:
    published = silero.load_silero_vad()
    with pytest.raises(rv.ModelError, match=r"torch.save\(module.state_dict"), rv.watch(published):
        pass
    torch.save(published.state_dict(), tmp_path / "weights.pt")
    read = rv.read_model(tmp_path / "weights.pt", part="_model.decoder.rnn")
    assert [(layer.cell_name, layer.n_units) for layer in read.layers] == [("lstm", 128)]


# stanza: a character language model


def characters(rec_dropout: float) -> Any:
    from stanza.models.common.char_model import CharacterLanguageModel
    from stanza.models.common.vocab import CharVocab

    torch.manual_seed(5)
    options = {"char_emb_dim": 5, "char_hidden_dim": 7, "char_num_layers": 1, "char_dropout": 0.1}
    options |= {"char_rec_dropout": rec_dropout, "char_unit_dropout": 0.1}
    vocabulary = {"char": CharVocab([sorted("abcdefghijklmnopqrstuvwxyz \n")])}
    model = CharacterLanguageModel(options, vocabulary)
    model.eval()
    for state in (model.charlstm_h_init, model.charlstm_c_init):
        nn.init.normal_(state)
    return model


SENTENCES = [["the", "cat"], ["a", "longer", "sentence"]]


def test_sentences_of_unequal_length_with_a_learned_start() -> None:
    model = characters(0.0)
    with rv.watch(model) as seen:
        short, long = model.build_char_representation(SENTENCES)
    trace = seen["charlstm.lstm"][0]
    assert trace.sequence.lengths == (19, 9)
    assert np.abs(trace.layers[0].initial["hidden"] - numbers(model.charlstm_h_init[0])).max() == 0
    # The states behind each word, the longer sentence first.
    assert np.abs(trace["hidden"][[4, 8], 1] - numbers(short)).max() < 1e-6
    assert np.abs(trace["hidden"][[2, 9, 18], 0] - numbers(long)).max() < 1e-6


def test_a_loop_over_cells_with_a_row_that_ends() -> None:
    model = characters(0.2)
    with rv.watch(model) as seen:
        short, long = model.build_char_representation(SENTENCES)
    both, one = seen["charlstm.lstm.cells.0"]
    assert np.abs(both["hidden"][[4, 8], 1] - numbers(short)).max() < 1e-6
    assert np.abs(one["hidden"][-1, 0] - numbers(long)[-1]).max() < 1e-6


def numbers(tensor: torch.Tensor) -> Any:
    return tensor.detach().numpy()
