"""The page Understand: every view on a run, its sentence and numbers, and who is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.analysis.automaton import PartedWord
from rnnviz.analysis.similarity import ComparedState, Similarity
from rnnviz.analysis.symptoms import MOST_DEAD
from rnnviz.analysis.trace_part import trace_part
from rnnviz.figures.patched import figure as patched_figure
from rnnviz.figures.theme import Look
from rnnviz.i18n import LANGUAGES, step_words, word
from rnnviz.interventions.serialise import to_text
from rnnviz.train import preset
from rnnviz.ui import result_jobs
from rnnviz.ui.selections import OpenedModel, PresetModel, ProbeSignal, RunChoice, TypedText
from rnnviz.ui.understand import automaton as automaton_view
from rnnviz.ui.understand import two_networks
from rnnviz.ui.understand.insight import SeenRun
from rnnviz.ui.understand.registry import INSIGHTS, QUESTIONS
from rnnviz.ui.understand.two_networks import TwoNetworks
from rnnviz.ui.view_jobs import insight_result
from tests.test_app import APP, clicked

PAGE = "rnnviz/ui/pages/understand.py"
TEXT = "Alice was beginning to get very tired"
WRITER = RunChoice(OpenedModel(PresetModel("next_character_gru")), TypedText(TEXT, "characters"))
BRACKETS = RunChoice(OpenedModel(PresetModel("brackets_lstm")), TypedText("([])[(", "characters"))
FLIP_FLOP = RunChoice(OpenedModel(PresetModel("flip_flop_gru")), ProbeSignal("noise", 3))


def understand_page(**choices: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=90)
    for key, value in {"lang": "en", **choices}.items():
        app.query_params[key] = value
    app = app.switch_page(PAGE).run()
    return app.run() if wait_for_jobs() else app


def wait_for_jobs() -> bool:
    """Wait until no view is computed any more; whether one was."""
    alive = [job for job in result_jobs._JOBS.values() if job.is_alive]
    for job in alive:
        job.wait(60)
    return bool(alive)


def place_of(step: int) -> str:
    return f"step {step + 1} “{'([])[('[step]}”"


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.caption, *app.code, *app.warning))


@pytest.mark.parametrize(
    ("name", "is_cut"), [("brackets_lstm", True), ("parity_linear_rnn_signed", False)]
)
def test_the_dash_of_a_number_beyond_the_scale_is_told_beside_the_heatmaps(
    name: str, is_cut: bool
) -> None:
    app = understand_page(understand="automaton", model=f"preset:{name}")
    lines = [one.proto.body for one in app.get("html") if 'class="hint"' in one.proto.body]
    assert [word("hint.cut") in line for line in lines] == [True] * is_cut


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_has_its_words_and_draws_what_it_found(language: str) -> None:
    for key, one in INSIGHTS.items():
        assert one.key == key
        for part in ("", ".about", ".caveat"):
            assert word(f"understand.{key}{part}", language)
        if one.settings is None:
            found = one.compute(SeenRun(BRACKETS if key == "automaton" else FLIP_FLOP))
            told = one.said(found)
            assert "{" not in word(told.key, language, **told.facts)
            assert len(found.to_frame())
            assert one.draw is None or one.draw(found, Look(language))["data"]


def test_it_opens_with_a_view_of_the_run_that_is_shown() -> None:
    app = understand_page()
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert "rv.trajectories(trace, layer=0)" in said(app)


@pytest.mark.parametrize("key", [key for key, one in INSIGHTS.items() if one.settings is None])
def test_a_link_opens_a_view_in_chinese(key: str) -> None:
    app = understand_page(lang="zh", model="preset:brackets_lstm", understand=key)
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert word(f"understand.{key}.caveat", "zh") in said(app)


def test_a_network_with_random_weights_has_its_views_too() -> None:
    app = understand_page(model="untrained", understand="eigenvalues", layers="2", layer="1")
    assert not app.exception
    assert not app.warning
    assert "rv.run_eigenvalues(model, trace, layer=1)" in said(app)


def test_numbers_that_are_not_known_are_refused_in_a_sentence() -> None:
    app = understand_page(model="untrained", understand="training")
    assert "choose one of them in the list" in app.warning[0].value
    app = understand_page(understand="automaton")
    assert "the one that counts brackets" in app.warning[0].value
    app = understand_page(model="preset:brackets_lstm", understand="write")
    assert "trained to predict the next character" in app.warning[0].value


@pytest.mark.parametrize("model", ["", "untrained", "preset:adding_lstm", "preset:brackets_lstm"])
def test_a_view_that_refuses_a_model_is_known_before_it_is_opened(model: str) -> None:
    app = understand_page(**({"model": model} if model else {}), understand="two_networks")
    listed = [option for one in app.selectbox for option in one.options]
    apart = {
        key
        for key in ("automaton", "write", "training")
        if word("understand.not_here", name=word(f"understand.{key}")) in listed
    }
    for key in ("automaton", "write", "training"):
        shown = understand_page(**({"model": model} if model else {}), understand=key)
        assert bool(shown.warning) is (key in apart)


def test_a_refusal_opens_a_model_that_fits_with_the_same_view() -> None:
    app = clicked(understand_page(understand="write"), "open_fitting")
    assert not app.exception
    assert not app.warning
    assert app.session_state["chosen"]["model"] == "preset:next_character_lstm"
    assert word("understand.write.about") in said(app)


def test_brackets_are_counted_by_six_states() -> None:
    found = insight_result("automaton", SeenRun(BRACKETS)).found
    assert (found.n_states, found.agreement) == (6, 1)


def test_words_on_which_network_and_automaton_part_stand_under_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = insight_result("automaton", SeenRun(BRACKETS)).found
    parted = replace(found, parted=(PartedWord(("(", "|"), "1", "2"),))
    monkeypatch.setattr(automaton_view, "_automaton_of", lambda *_: parted)
    app = understand_page(model="preset:brackets_lstm", understand="automaton", moment="1")
    assert r"| ( \| | 1 | 2 |" in said(app)


def test_interventions_act_in_views_of_the_run_and_it_is_said() -> None:
    held = [rv.Clamp("forget", 0.0, start=2, stop=4)]
    here = {"model": "preset:brackets_lstm", "says": "([])[(", "do": to_text(held)}
    app = understand_page(**here, understand="how_far_back")
    assert word("understand.changes.act") in said(app)
    model = preset("brackets_lstm").model()
    for run, is_said in (
        (rv.trace(model, rv.parse("([])[("), intervene=held), True),
        (rv.trace(model, rv.parse("([])[(")), False),
    ):
        length = rv.connectivity(model, run).memory_length
        assert (f"memory length is {length:g} steps" in said(app)) is is_said
    other = understand_page(**here, understand="fixed_points")
    assert not other.exception
    assert word("understand.changes.apart") in said(other)


def test_before_and_after_are_the_two_traces_of_one_input() -> None:
    found = insight_result("training", SeenRun(BRACKETS))
    one, sequence = preset("brackets_lstm"), rv.parse("([])[(")
    traces = [rv.trace(model, sequence) for model in (one.untrained_model(), one.model())]
    hidden = [trace["hidden"][:, 0].astype(np.float64) for trace in traces]
    x, y = (values - values.mean(axis=0) for values in hidden)
    wanted = np.linalg.norm(x.T @ y) ** 2
    wanted /= np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)
    assert found.cka[0, 0] == pytest.approx(wanted, abs=1e-6)


def test_it_writes_with_and_without_a_unit() -> None:
    view, settings = INSIGHTS["write"], ("0.7", 1, 3)
    found = insight_result("write", SeenRun(WRITER, 0, settings))
    model = preset("next_character_gru").model()
    free = rv.write(model, TEXT, 200, temperature=0.7, seed=2)
    held = rv.write(model, TEXT, 200, temperature=0.7, seed=2, intervene=[rv.Silence(3)])
    assert (found.free.texts[1], found.held.texts[1]) == (free.text, held.text)
    assert len(view.draw(found, Look())["data"]) == 2  # type: ignore[misc]
    assert view.said(found).key.endswith("held")
    assert found.to_frame().silenced.sum() == 2_000


def test_the_page_writes_and_names_the_unit() -> None:
    app = understand_page(model="preset:next_character_gru", understand="write", held="3")
    assert not app.exception
    assert not app.warning
    assert word("understand.write.silenced") in said(app)
    assert [one.value for one in app.number_input][-1] == 3


def test_a_run_is_not_mistaken_for_another() -> None:
    impulses = replace(FLIP_FLOP, input=ProbeSignal("impulses", 3))
    one, other = (insight_result("trajectories", SeenRun(run)) for run in (FLIP_FLOP, impulses))
    assert one is insight_result("trajectories", SeenRun(replace(FLIP_FLOP)))
    assert not np.array_equal(one.coordinates, other.coordinates)


def test_an_address_of_no_view_opens_the_first() -> None:
    app: Any = understand_page(understand="no such view", layer="9")
    assert not app.exception
    assert "rv.trajectories(trace, layer=0)" in said(app)


def test_a_text_is_coloured_by_the_picked_unit_and_arrows_turn_through_units() -> None:
    app = understand_page(
        model="preset:brackets_lstm", says="([])[(", understand="coloured_text", pick="hidden.11"
    )
    hidden = rv.trace(preset("brackets_lstm").model(), rv.parse("([])[("))["hidden"][:, 0]
    assert f"step {hidden[:, 11].argmax() + 1}: " in said(app)
    turned = clicked(app, "unit_turn_1")
    assert not turned.exception
    assert "Unit **0** of 0 to 11" in said(turned)
    assert "Unit 0 is highest at" in said(turned)
    found = insight_result("coloured_text", SeenRun(BRACKETS, 0, ("hidden", 3)))
    assert found.to_frame().value.tolist() == hidden[:, 3].tolist()


def test_only_a_text_is_coloured() -> None:
    app = understand_page(model="preset:adding_lstm", understand="coloured_text")
    assert "this network read numbers" in app.warning[0].value


def test_the_step_that_wrote_most_is_named() -> None:
    view, found = INSIGHTS["memory"], insight_result("memory", SeenRun(BRACKETS, 0, (2,)))
    trace = rv.trace(preset("brackets_lstm").model(), rv.parse("([])[("))
    kept, wrote = (
        [trace[name][:, 0, 2].astype(float) for name in names]
        for names in (("forget",), ("input", "candidate"))
    )
    # c_t = Σ_j (Π_{k=j+1..t} f_k) i_j g_j, Levy et al. 2018.
    parts = [np.prod(kept[0][j + 1 :]) * wrote[0][j] * wrote[1][j] for j in range(6)]
    assert found.to_frame().part.tolist()[-6:] == pytest.approx(parts, abs=1e-12)
    assert view.said(found).facts["place"] == place_of(int(np.abs(parts).argmax()))


def test_a_cell_that_keeps_nothing_has_no_memory_to_tell_of() -> None:
    app = understand_page(model="untrained", cell="rnn", understand="memory")
    assert "take an LSTM or a GRU" in app.warning[0].value


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_inputs_are_attributed_to_the_chosen_output_and_step(method: str) -> None:
    view, settings = INSIGHTS["inputs"], (2, 3, method, "{")
    found = insight_result("inputs", SeenRun(BRACKETS, 0, settings))
    model, sequence = preset("brackets_lstm").model(), rv.parse("([])[(")
    others = {"time": 3, "method": method, "baseline": "{", "points": 800}
    wanted = rv.attribute(model, sequence, output=2, **others)
    assert found.found.steps == pytest.approx(wanted.steps, abs=0.1)
    told = view.said(found)
    most = int(np.abs(found.found.steps).argmax())
    assert told.facts["place"] == place_of(most)
    assert "{" not in word(told.key, "zh", **told.facts)
    assert len(view.draw(found, Look())["data"]) == 1  # type: ignore[misc]
    assert found.to_frame().attribution.tolist() == found.found.steps.tolist()


def test_integrals_are_refined_until_they_are_complete() -> None:
    text, settings = "([{}])(([{}]){[()]})", (None, None, "integrated_gradients", "]")
    run = replace(BRACKETS, input=TypedText(text, "characters"))
    found = insight_result("inputs", SeenRun(run, 0, settings)).found
    coarse = rv.attribute(preset("brackets_lstm").model(), rv.parse(text), baseline="]")
    change = abs(found.value - found.baseline_value)
    assert abs(found.gap) <= 0.01 * change < abs(coarse.gap)


def test_the_page_names_outputs_in_its_language_and_offers_tokens_as_baselines() -> None:
    app = understand_page(lang="zh", understand="inputs", answer="3", baseline="z", at="2")
    assert not app.exception
    assert not app.warning
    answer, method, baseline = app.selectbox[-3:]
    name = word(f"output.languages.{preset('languages_gru').outputs[3]}", "zh")
    assert answer.options[4] == name
    assert f"“{name}”的得分" in said(app)
    assert method.value == "integrated_gradients"
    assert baseline.value == "z"


def test_a_random_network_attributes_its_hidden_numbers_and_a_table_has_its_mean() -> None:
    app = understand_page(model="untrained", understand="inputs", method="occlusion", answer="1")
    assert not app.exception
    assert not app.warning
    assert "unit 1 of the hidden state is" in said(app)
    assert "the weights are random" in said(app)
    numbers = understand_page(model="preset:adding_lstm", understand="inputs", baseline="mean")
    assert not numbers.exception
    assert not numbers.warning
    assert [one.value for one in numbers.selectbox][-1] == "mean"


def patched(put: str = "", step: int | None = None, text: str = "", at: int | None = None) -> Any:
    run = replace(BRACKETS, input=TypedText("(([]", "characters"))
    return insight_result("patching", SeenRun(run, 0, ((None, None, at, text), put, step)))


def test_a_step_that_has_its_number_for_a_token_is_told_once() -> None:
    app = understand_page(model="untrained", text="12345", understand="memory")
    assert re.search(r"was written at step (\d+)\.", said(app))
    for language in LANGUAGES:
        assert "40" not in step_words(40, "40", language).replace("40", "", 1)


def test_layers_are_counted_from_one_in_the_table_of_health() -> None:
    app = understand_page(model="untrained", understand="health", layers="2", direction="both")
    told = word("health.open", signal="forget gate")
    assert f"| layer 2, backward | {told} |" in said(app)
    other = understand_page(lang="zh", understand="health", model="preset:adding_rnn")
    assert not other.exception
    assert "`" not in next(one.value for one in other.markdown if "≥ 0.5" in one.value)
    assert f"≥ {MOST_DEAD:g}" in said(other)


def test_a_map_of_patches_is_that_of_the_library_and_names_units_that_flip() -> None:
    one, model = patched(text="()[]"), preset("brackets_lstm").model()
    wanted = rv.patch(model, rv.parse("(([]"), rv.parse("()[]"))
    assert one.found.recovered == pytest.approx(wanted.recovered, abs=1e-6)
    assert one.found.all_states[-1] == pytest.approx(1, abs=1e-6)
    step, signal = one.site
    column = wanted.signals.index(signal)
    assert wanted.recovered[step, column] >= wanted.recovered.max() - 0.01
    view = INSIGHTS["patching"]
    facts = view.said(one).facts
    assert (facts["a"], facts["b"], facts["differs"]) == ("2", "0", 2)
    assert facts["flips"] == wanted.at(step).flips[column].sum()
    assert view.draw(one, Look("zh"))["data"]  # type: ignore[misc]
    assert one.to_frame().unit.notna().sum() == len(wanted.at(step).to_frame())


def test_the_patched_run_is_run_b_with_the_chosen_state_put_in() -> None:
    one, model = patched("cell", 2, "()[]"), preset("brackets_lstm").model()
    a, b = (rv.trace(model, rv.parse(text)) for text in ("(([]", "()[]"))
    put = [rv.SetState("cell", float(a["cell"][1, 0, u]), 2, units=u) for u in range(12)]
    wanted = rv.trace(model, rv.parse("()[]"), intervene=put)["hidden"] - b["hidden"]
    panel = next(panel for panel in one.change.panels if panel.signal.name == "hidden")
    assert one.site == (2, "cell")
    assert panel.values == pytest.approx(wanted[:, 0].T, abs=1e-6)


def test_a_state_that_is_all_of_it_does_not_lead_and_is_one_row() -> None:
    model, texts = preset("languages_gru").model(), ("weber", "xeber")
    run = RunChoice(OpenedModel(PresetModel("languages_gru")), TypedText(texts[0], "characters"))
    one = insight_result("patching", SeenRun(run, 0, ((None, None, None, texts[1]), "", None)))
    assert (one.found.whole_state, one.found.alike_from) == ("hidden", 1)
    column = one.found.signals.index("hidden")
    assert one.found.recovered[1:, column] == pytest.approx(one.found.all_states[1:], abs=1e-6)
    assert one.found.recovered[1:, column] == pytest.approx(1, abs=1e-5)
    assert one.site[1] != "hidden"
    shares = rv.patch(model, rv.parse(texts[0]), rv.parse(texts[1])).recovered
    others = np.delete(shares, column, axis=1)
    assert shares[one.site[0], one.found.signals.index(one.site[1])] >= others.max() - 0.01
    for view, rows in (
        (one.found, len(one.found.signals)),
        (one.units, len(one.units.signals) - 1),
    ):
        drawn = patched_figure(view, Look())["data"][0]["y"]
        assert len(drawn) == rows
        assert word("patched.whole", signal="hidden state") in drawn
    chosen = ((None, None, None, texts[1]), "hidden", None)
    assert insight_result("patching", SeenRun(run, 0, chosen)).site == (1, "hidden")
    assert not patched(text="()[]").found.whole_state


def test_the_patched_run_names_its_outputs_in_the_language_of_the_page() -> None:
    app = understand_page(understand="patching", lang="zh")
    assert not app.exception
    chart = next(
        json.loads(one.proto.spec)
        for one in app.get("plotly_chart")
        if "patched_run" in one.proto.id
    )
    labels = str(chart)
    assert word("output.languages.German", "zh") in labels
    assert "German" not in labels
    assert word("patching.whole", "zh", signal="隐藏状态", step=2) in said(app)


def test_texts_with_one_answer_are_asked_about_what_moved_most() -> None:
    one = patched(text="([[]")
    assert one.found.answers[0] == "2"
    assert one.found.answers[1] != "2"


def test_the_page_patches_a_pair_of_its_own_and_one_that_is_typed() -> None:
    choices = {"model": "preset:brackets_lstm", "says": "(([]", "understand": "patching"}
    app = understand_page(**choices)
    assert not app.exception
    assert not app.warning
    assert "with all states of A put in at step 4, 100% of the answer" in said(app)
    typed = understand_page(**choices, lang="zh", second="()[]", put="states", put_at="3")
    assert not typed.exception
    assert not typed.warning
    assert "第 2 步起不同" in said(typed)
    short = understand_page(**choices, second="()")
    assert "A has 4 and B has 2" in short.warning[0].value
    other = understand_page(**choices, second="(x[]")
    assert "no token “x”" in other.warning[0].value


def test_an_input_without_a_pair_is_told_in_a_sentence() -> None:
    app = understand_page(model="untrained", text="a", understand="patching")
    assert not app.exception
    assert not app.error
    assert "no step that could be changed" in app.warning[0].value


def test_numbers_are_patched_with_one_step_set_to_zero() -> None:
    app = understand_page(model="preset:flip_flop_gru", understand="patching")
    assert not app.exception
    assert not app.warning
    assert "more than half" in said(app)


def test_the_lead_of_an_answer_is_a_sum_over_the_steps_that_wrote_it() -> None:
    view, found = INSIGHTS["written_answer"], None
    found = insight_result("written_answer", SeenRun(BRACKETS, 0, (None, None, None)))
    model, trace = (m := preset("brackets_lstm").model()), rv.trace(m, rv.parse("([])[("))
    assert model.readout is not None
    scores = trace["hidden"][-1, 0].astype(float) @ model.readout.weights.T + model.readout.bias
    second, first = np.argsort(scores)[-2:]
    one = found.found
    assert (one.output, one.against) == (str(first), str(second))
    summed = one.parts[-1].sum() + one.initial[-1] + one.bias
    assert summed == pytest.approx(scores[first] - scores[second], abs=1e-4)
    told = view.said(found)
    assert told.facts["place"] == place_of(int(np.abs(one.parts[-1]).argmax()))
    assert told.facts["residual"] == f"{one.residual:.1g}"
    alone = insight_result("written_answer", SeenRun(BRACKETS, 0, (2, "alone", 1)))
    assert alone.found.traced[1] == pytest.approx(
        float(trace["hidden"][1, 0].astype(float) @ model.readout.weights[2])
        + float(model.readout.bias[2]),
        abs=1e-5,
    )
    assert view.said(alone).key.endswith("score")


def test_the_page_tells_who_wrote_an_answer() -> None:
    app = understand_page(understand="written_answer", lang="zh")
    assert not app.exception
    assert not app.warning
    assert "“德语”领先" in said(app)
    random = understand_page(model="untrained", understand="written_answer")
    assert re.search(r"the score of “hidden state \d+” is", said(random))
    simple = understand_page(model="untrained", cell="rnn", understand="written_answer")
    assert simple.button(key="open_fitting")
    assert "take an LSTM or a GRU" in simple.warning[0].value


def test_exponents_are_those_of_the_run() -> None:
    view, found = INSIGHTS["exponents"], insight_result("exponents", SeenRun(FLIP_FLOP))
    model = preset("flip_flop_gru").model()
    wanted = rv.lyapunov(model, rv.trace(model, rv.probe_signal("noise", 3)))
    assert found.exponents.tolist() == pytest.approx(wanted.exponents.tolist(), abs=1e-6)
    told = view.said(found)
    assert told.key.endswith("fade" if wanted.exponents[0] <= 0 else "grow")
    assert told.facts["growing"] == (wanted.exponents > 0).sum()


def test_a_large_network_has_a_slice_of_the_numbers_that_move_most() -> None:
    found = insight_result("phase", SeenRun(FLIP_FLOP, 0, ("", "")))
    model = preset("flip_flop_gru").model()
    read = rv.probe_signal("noise", 3)
    spread = rv.trace(model, read)["hidden"][:, 0].std(axis=0)
    first, second = np.argsort(-spread)[:2]
    assert found.names == (f"hidden[{first}]", f"hidden[{second}]")
    chosen = insight_result("phase", SeenRun(FLIP_FLOP, 0, ("3", "alone")))
    assert chosen.names == ("hidden[3]",)
    held = rv.phase_portrait(model, 3, sequence=read).held
    assert chosen.held.tolist() == pytest.approx(held.tolist(), abs=1e-9)
    told = INSIGHTS["phase"].said(found)
    assert told.key.endswith("slice")
    assert told.facts["rest"] == 22
    assert told.facts["names"] == f"hidden state {first}, hidden state {second}"


def test_two_units_have_a_portrait_with_fixed_points_and_more_have_a_choice() -> None:
    app = understand_page(model="untrained", cell="rnn", units="2", understand="phase")
    assert not app.exception
    assert not app.warning
    assert "The whole state is drawn" in said(app)
    larger = understand_page(
        model="preset:flip_flop_gru", understand="phase", across="5", lang="zh"
    )
    assert not larger.exception
    assert not larger.warning
    assert "这是一个切面" in said(larger)
    assert [one.value for one in larger.selectbox][-2:] == ["5", ""]


def test_two_networks_are_compared_on_the_run_of_both() -> None:
    other = OpenedModel(PresetModel("next_character_lstm"))
    name = "preset:next_character_lstm"
    found = insight_result("two_networks", SeenRun(WRITER, 0, (name, other)))
    models = [preset(f"next_character_{cell}").model() for cell in ("gru", "lstm")]
    wanted = rv.similarity(*(rv.trace(model, rv.parse(TEXT)) for model in models))
    assert found.found.cka == pytest.approx(wanted.cka, abs=1e-6)
    assert found.found.procrustes == pytest.approx(wanted.procrustes, abs=1e-6)
    facts = INSIGHTS["two_networks"].said(found).facts
    place = np.unravel_index(wanted.procrustes.argmin(), wanted.cka.shape)
    assert facts["distance"] == f"{wanted.procrustes.min():.2f}"
    assert facts["cka"] == f"{wanted.cka[place]:.2f}"


def test_two_networks_say_by_which_measure_a_pair_is_nearest() -> None:
    def two(cka: list[float], chance: list[float]) -> TwoNetworks:
        states = tuple(ComparedState(0, "forward", name) for name in ("hidden", "cell"))
        numbers = (np.array([values]) for values in (cka, chance, [0.35, 0.71]))
        return TwoNetworks(Similarity(states[:1], states, *numbers, 30), "random:gru")

    said_of = INSIGHTS["two_networks"].said
    parted, agreed = said_of(two([0.79, 0.58], [0.64, 0.34])), said_of(two([0.9, 0.58], [0.3, 0.3]))
    assert (parted.facts["cka"], parted.facts["cka_by_cka"]) == ("0.79", "0.58")
    assert (parted.facts["distance"], parted.facts["chance_by_cka"]) == ("0.35", "0.34")
    assert "0.35" in word(parted.key, "zh", **parted.facts)
    assert agreed.key.endswith("said")
    assert (agreed.facts["cka"], agreed.facts["distance"]) == ("0.90", "0.35")


def test_a_window_of_a_long_text_is_read_by_the_second_network_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = TEXT * 3
    whole = [
        rv.trace(preset(f"next_character_{cell}").model(), rv.parse(text))
        for cell in ("gru", "lstm")
    ]
    ours, theirs = (trace_part(one, start=40, stop=90) for one in whole)
    run = replace(WRITER, input=TypedText(text, "characters"), window=(40, 90))
    monkeypatch.setattr(SeenRun, "trace", ours)
    other = OpenedModel(PresetModel("next_character_lstm"))
    found = INSIGHTS["two_networks"].compute(SeenRun(run, 0, ("preset:…", other)))
    assert found.found.cka == pytest.approx(rv.similarity(ours, theirs).cka, abs=1e-6)
    late = replace(run, window=(20_000, 20_010))
    with pytest.raises(rv.InputError, match="at most 20000 steps"):
        INSIGHTS["two_networks"].compute(SeenRun(late, 0, ("preset:…", other)))


def test_networks_that_read_the_same_are_offered_and_random_ones_as_controls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(two_networks, "has_dynamical_similarity", lambda: False)
    app = understand_page(model="preset:adding_lstm", understand="two_networks")
    assert not app.exception
    assert not app.warning
    offered = app.selectbox[-1].options
    assert word("does.adding_gru") in offered
    assert word("does.brackets_lstm") not in offered
    assert word("does.adding_lstm") not in offered
    control = understand_page(
        lang="zh", model="preset:brackets_lstm", understand="two_networks", beside="random:gru"
    )
    assert not control.exception
    assert not control.warning
    assert "随机权重" in said(control)
    assert "dsa-metric" in said(control)


def test_views_are_found_by_the_question_that_they_answer() -> None:
    app = understand_page(understand="patching")
    questions = app.segmented_control(key="understand_question")
    assert questions.value == "answers"
    assert word("understand.patching") in [
        option for one in app.selectbox for option in one.options
    ]
    other = questions.set_value("learned").run()
    assert not other.exception
    assert not other.warning
    assert word("understand.training.about") in said(other)
    offered = next(
        one.options for one in other.selectbox if "Before and after training" in one.options
    )
    assert offered[0] == word("understand.training")
    assert offered[-1] == word("understand.not_here", name=word("understand.write"))
    assert sorted(INSIGHTS) == sorted(one.key for views in QUESTIONS.values() for one in views)


def test_a_patch_is_put_in_at_the_players_step() -> None:
    choices = {"model": "preset:brackets_lstm", "says": "(([]", "understand": "patching"}
    app = understand_page(**choices, second="()[]", step="2")
    assert not app.exception
    assert "put into B at step 3" in said(app)
    chosen = understand_page(**choices, second="()[]", step="2", put_at="2")
    assert "put into B at step 2" in said(chosen)


@pytest.mark.parametrize("view", ["nothing", "coloured_text", "inputs", "memory", "patching"])
def test_a_link_of_nonsense_opens_the_page(view: str) -> None:
    nonsense = dict.fromkeys(("answer", "over", "second", "put", "feature", "span", "pick"), "<b>")
    numbers = dict.fromkeys(("layer", "step", "held", "at", "put_at", "across", "up"), "-1e9")
    app = understand_page(
        understand=view, unit="NaN", signal="nothing", method="-", **nonsense, **numbers
    )
    assert not app.exception
    assert not app.error
