"""The page that reads without a server: its HTML, its style, its words and its script."""

from __future__ import annotations

from rnnviz.errors import InputError
from rnnviz.i18n import error_message, word
from rnnviz.network.random_model import INITIALISATIONS
from rnnviz.ui.player.bundle import bundle
from rnnviz.ui.player.component import file_text

_COMPONENTS = (
    *("player", "answer", "step_sentence", "text_axis", "diagram", "arithmetic"),
    *("live_network", "linked_chart", "jump_table"),
)
_FILES = (
    *("gaps.js", "model_spec.js", "overlay.js", "number_text.js", "colour_range.js"),
    *("run_figure.js", "colour_scale.js", "held_marks.js", "page_answer.js", "page_parts.js"),
    *("unit_update.js", "run_sentences.js", "run_arithmetic.js"),
    *("placed_weights.js", "normal_numbers.js", "random_weights.js", "weight_files.js"),
    *("torch_layers.js", "run_comparison.js", "difference_figure.js", "compare_view.js"),
    *("compare_choice.js", "figure_panels.js", "reading_header.js", "opened_model.js"),
    *("saved_network.js", "opened_file.js", "file_opener.js", "change_list.js"),
    *("weights_choice.js", "layer_switch.js", "number_reader.js", "page_model.js"),
    *("read_notices.js", "model_list.js", "read_page.js", "site_page.js"),
)
# For pages; the rest for tests of what these compute.
_EXPORTS = (
    *("ReadPage", "add", "openSite", "bytesOf"),
    *("PageModel", "unpack", "RunComparison", "drawnNumbers"),
    *("noticeOf", "contentIn", "torchLayers", "readingHeader", "openedModel", "drawnModel"),
    *("savedFacts", "savedStack", "savedModel"),
)
_FILE_WORDS = (
    *("about", "assumed", "assumed_rnn", "help", "left", "lost", "open"),
    *("damaged", "finite", "kind", "large", "level", "missing", "mixed", "none"),
    *("objects", "packed", "projection", "several", "shape", "size", "trained", "type"),
    *("unknown", "weights"),
)
_WORDS = {
    "model": "model",
    "says": "says",
    "examples": "examples",
    "undo": "do.undo",
    "clear": "do.clear",
    "remove": "do.remove",
    "silence": "done.silence",
    "reset": "done.reset",
    "at": "done.at",
    "from": "done.from",
    "span": "done.span",
    "read_as": "unknown.read_as",
    "unknown": "site.unknown",
    "unread": "site.unread",
    "numbers": "site.numbers",
    "cut": "site.cut",
    "stale": "stale.of",
    "with": "with",
    "with_nothing": "site.with_nothing",
    "with_network": "site.with_network",
    "with_numbers": "site.with_numbers",
    "with_text": "with.text",
    "with_unchanged": "with.unchanged",
    "with_untrained": "with.untrained",
    "other": "inputs.two",
    "about_network": "site.about_network",
    "about_text": "compare.inputs.about",
    "about_unchanged": "compare.intervened.about",
    "about_untrained": "compare.training.about",
    "beside": "sides.beside",
    "sides": "sides",
    "difference": "sides.difference",
    "untouched": "versus.untouched",
    "changed": "versus.changed",
    "before": "course.before",
    "after": "course.after",
    "here": "compare.here",
    "sizes": "compare.sizes",
    "most": "most",
    "most_signal": "most.signal",
    "most_largest": "most.largest",
    "most_mean": "most.mean",
    "most_where": "most.where",
    "most_place": "most.place",
    "agree": "most.agree",
    "flips": "most.flips",
    "layer": "layer",
    "layers": "layers",
    "layer_number": "layer.number",
    "own": "model.group.own",
    "seed": "seed",
    "init": "init",
    "gain": "gain",
    "direction": "direction",
    **{f"direction_{name}": f"direction.{name}" for name in ("forward", "backward", "both")},
    **{f"init_{name}": f"init.{name}" for name in INITIALISATIONS},
    "units": "units",
    "moment": "moment",
    "incomplete": "site.incomplete",
    "not_held": "site.not_held",
    **{f"file_{name}": f"site.file.{name}" for name in _FILE_WORDS},
}
_EMPTY = InputError(
    "At least one token was expected, but the text is empty or blank; type something."
)
# Its gap is filled in the page.
_NO_MODEL = InputError(
    "The address names the model “{name}”, but there is none of that name; choose one of the list.",
    name="{name}",
)


def page_script() -> str:
    """The script: it sets `rnnviz.ReadPage`, and `rnnviz.add` and `rnnviz.openSite` of a site."""
    return bundle(_COMPONENTS, _FILES, _EXPORTS)


def read_page_css() -> str:
    """Style of the page; components bring theirs."""
    return file_text("overlay.css") + file_text("read_page.css")


def read_page_html() -> str:
    """Places that the script fills."""
    return file_text("read_page.html")


def page_words(language: str) -> dict[str, str]:
    """Words that the script writes, with their gaps."""
    words = {name: word(key, language) for name, key in _WORDS.items()}
    said = {"empty": _EMPTY, "no_model": _NO_MODEL}
    return words | {name: error_message(error, language) for name, error in said.items()}
