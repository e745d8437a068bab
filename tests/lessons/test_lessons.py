"""Every lesson: both texts say the same things, and nothing in them is typed that is computed."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import fields
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest

from rnnviz.cells import CELLS
from rnnviz.core.resources import asset
from rnnviz.diagrams.symbols import latex_equations
from rnnviz.errors import InputError
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.interactive import NumberAnswer, OptionAnswer, Options, SettingsAnswer
from rnnviz.lessons.lesson import (
    FACT,
    Control,
    Exercise,
    Figure,
    Formula,
    Lesson,
    LessonPart,
    Live,
    Open,
    Prose,
    QuizQuestion,
    with_facts,
)
from rnnviz.lessons.mathml import mathml
from rnnviz.lessons.parse import parse_lesson
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson, lesson_code, lessons_about
from rnnviz.lessons.sheet import sheet
from rnnviz.lessons.slides import slides
from rnnviz.ui.choices import CHOICES

every_lesson = pytest.mark.parametrize("id", LESSONS)
every_text = pytest.mark.parametrize("language", LANGUAGES)
# What lessons may write beside the letters of the cells' own equations.
MORE_LETTERS = {*"tjkTLxhcyUVWESaspednu", r"\rho", r"\tau", r"\lambda", r"\ell"}


def named(one: Lesson, kind: type[Any]) -> list[str]:
    return [part.name for part in one.parts if isinstance(part, kind)]


def bones(part: LessonPart) -> tuple[Any, ...]:
    """What a part is beside its words."""
    count = len(getattr(part, "options", ()))
    values = [value for value, _ in part.options] if isinstance(part, Control) else count
    if isinstance(part, QuizQuestion | Exercise):
        values = [bool(explanation) for explanation in part.explanations]
    return type(part), getattr(part, "name", ""), getattr(part, "latex", ""), values


def inline_formulas(one: Lesson) -> set[str]:
    values = [getattr(part, field.name) for part in one.parts for field in fields(part)]
    texts = [text for value in values for text in each_text(value)]
    return {found for text in texts for found in re.findall(r"\$([^$]+)\$", text)}


def each_text(value: str | tuple[Any, ...]) -> Iterator[str]:
    """A text itself, or those of options."""
    if isinstance(value, str):
        yield value
    else:
        for one in value:
            yield from each_text(one)


def test_every_lesson_is_written_in_every_language() -> None:
    for id in LESSONS:
        for language in LANGUAGES:
            assert asset("lessons", f"{id}.{language}.md").is_file(), (id, language)


@every_lesson
def test_both_languages_have_the_same_figures_formulas_and_questions_in_order(id: str) -> None:
    english, chinese = (
        [bones(part) for part in lesson(id, language).parts if bones(part)[1:] != ("", "", 0)]
        for language in LANGUAGES
    )
    assert english == chinese
    assert lesson(id, "en").facts() == lesson(id, "zh").facts()
    assert inline_formulas(lesson(id, "en")) == inline_formulas(lesson(id, "zh"))
    counts = [len(slides(lesson(id, language).parts)) for language in LANGUAGES]
    assert counts[0] == counts[1]


@every_lesson
@every_text
def test_a_text_names_exactly_what_its_module_computes(id: str, language: str) -> None:
    one, own = lesson(id, language), lesson_code(id)
    assert one.facts() == set(own.facts)
    for kind, names in (
        (Figure, set(own.figures)),
        (Live, set(own.widgets)),
        (Open, set(own.links)),
        (QuizQuestion, set(own.answers)),
        (Exercise, set(own.exercises)),
        (Control, {control.name for control in own.controls}),
    ):
        found = named(one, kind)
        assert set(found) == names
        # A widget and a chart stand once on a page.
        assert len(found) == len(set(found)), kind
    labels = {part.name: part.options for part in one.parts if isinstance(part, Control)}
    for control in own.controls:
        options = control.options if isinstance(control, Options) else ()
        assert tuple(value for value, _ in labels[control.name]) == options


@every_lesson
def test_every_fact_figure_and_answer_can_be_computed(id: str) -> None:
    own = lesson_code(id)
    settings = own.settings()
    for name, fact in own.facts.items():
        assert isinstance(fact(settings), int | float | str), name
    for question in lesson(id, "en").questions:
        assert 0 <= own.answers[question.name]() < len(question.options)
    for part in lesson(id, "en").exercises:
        answer = own.exercises[part.name]
        assert isinstance(answer, OptionAnswer) == bool(part.options)
        if isinstance(answer, OptionAnswer):
            assert 0 <= answer.right() < len(part.options)
        if isinstance(answer, NumberAnswer):
            assert math.isfinite(answer.value())
        if isinstance(answer, SettingsAnswer):
            # The lesson does not open with the task already done.
            assert not answer.reached(settings)
    for draw in own.figures.values():
        assert go.Figure(draw(settings, Look("zh", True))).data
    for stage in own.widgets.values():
        assert stage(settings).trace.layers


@every_lesson
@every_text
def test_every_wrong_number_and_setting_has_a_hint(id: str, language: str) -> None:
    for part in lesson(id, language).exercises:
        wanted = lesson_code(id).exercises[part.name]
        names = [name for name, _ in part.hints]
        if isinstance(wanted, OptionAnswer):
            # Its options have their own explanations.
            assert names == []
            continue
        is_number = isinstance(wanted, NumberAnswer)
        assert names == ["", *(wanted.mistakes() if is_number else wanted.mistakes)]
        assert len(set(dict(part.hints).values())) == len(names)


@every_lesson
def test_a_usual_mistake_is_no_right_answer_and_is_known_as_it_is_typed(id: str) -> None:
    for name, wanted in lesson_code(id).exercises.items():
        if isinstance(wanted, NumberAnswer):
            for mistake, number in wanted.mistakes().items():
                typed = round(number, 4)
                assert not wanted.accepts(typed), (name, mistake)
                assert wanted.mistake(typed) == mistake, name
            assert wanted.mistake(wanted.value()) == ""
            assert wanted.mistake(math.nan) == ""


@every_lesson
@every_text
def test_a_lesson_asks_three_questions_explains_every_option_and_has_exercises(
    id: str, language: str
) -> None:
    one = lesson(id, language)
    assert len(one.questions) >= 3
    assert len(one.exercises) >= 3
    for part in one.tasks:
        assert all(part.explanations), part.name
        # An option's explanation is its own.
        assert len(set(part.explanations)) == len(part.explanations), part.name


@every_lesson
@every_text
def test_no_text_speaks_of_the_place_of_an_option(id: str, language: str) -> None:
    said = asset("lessons", f"{id}.{language}.md").read_text("utf-8")
    assert not re.search(r"(first|second|third|fourth|last) option|of the above", said)
    assert not re.search(r"第[一二三四1-4]\s?个?(选?项|选择)|最后一项|以上(都|全|各)", said)


@every_lesson
def test_a_lesson_links_to_the_app(id: str) -> None:
    own = lesson_code(id)
    assert own.links
    known = {choice.key: choice for choice in CHOICES}
    for link in own.links.values():
        target = link(own.settings())
        assert target.page in ("read", "train", "compare")
        for key, text in target.choices.items():
            known[key].read(text)


def n_words(part: LessonPart) -> int:
    """Words that a reader of a part reads: no explanation of an option that was not chosen."""
    read = (getattr(part, name, "") for name in ("text", "caption", "prompt"))
    return len(" ".join((*read, *map(str, getattr(part, "options", ())))).split())


def n_experiments(parts: tuple[LessonPart, ...]) -> int:
    """Live drawings, and figures with controls before them."""
    shown = [part for part in parts if isinstance(part, Control | Figure | Live)]
    moved = [Control, *map(type, shown)]
    return sum(
        isinstance(part, Live) or (isinstance(part, Figure) and before is Control)
        for before, part in zip(moved, shown, strict=False)
    )


@every_lesson
def test_the_minutes_are_those_of_reading_and_trying(id: str) -> None:
    parts = lesson(id, "en").parts
    wanted = sum(map(n_words, parts)) / 200 + 3 * n_experiments(parts)
    wanted += len(lesson(id, "en").exercises)
    assert abs(MINUTES[id] - wanted) <= 1
    # Never less than it takes to read, whatever else is left out.
    assert MINUTES[id] > sum(map(n_words, parts)) / 150


@every_text
def test_the_course_says_the_least_and_the_most_minutes_of_its_lessons(language: str) -> None:
    said = [int(number) for number in re.findall(r"\d+", lessons_about(language))]
    assert said == [min(MINUTES.values()), max(MINUTES.values())]


@every_lesson
@every_text
def test_the_teachers_note_says_the_same_minutes(id: str, language: str) -> None:
    said = re.search(r"\d+", lesson(id, language).teacher.time)
    assert said
    assert int(said[0]) == MINUTES[id]


@every_lesson
@every_text
def test_every_formula_is_well_formed_mathml_in_the_letters_of_the_cells(
    id: str, language: str
) -> None:
    one = lesson(id, language)
    letters = {
        a for cell in CELLS.values() for line in latex_equations(cell) for a in symbols(line)
    }
    shown = [part.latex for part in one.parts if isinstance(part, Formula)]
    for formula in (*shown, *inline_formulas(one)):
        plain = FACT.sub("0", formula)
        ElementTree.fromstring(mathml(plain))
        assert symbols(plain) <= letters | MORE_LETTERS, formula


def symbols(formula: str) -> set[str]:
    """The letters that stand for something: no commands but Greek ones, no words."""
    bare = re.sub(r"\\(?:text|mathrm|operatorname)\{[^}]*\}", "", formula)
    greek = set(re.findall(r"\\(?:tau|lambda|theta|alpha|rho|ell)\b", bare))
    bare = re.sub(r"\\[A-Za-z]+", " ", bare)
    # A subscript's letters tell of its symbol.
    bare = re.sub(r"_\{[^{}]*\}|_.", "", bare)
    return set(re.findall(r"[A-Za-z]", bare)) | greek


@every_lesson
@every_text
def test_every_column_of_a_table_has_a_name(id: str, language: str) -> None:
    tables = [part.text for part in lesson(id, language).parts if isinstance(part, Prose)]
    for table in (text for text in tables if text.startswith("|")):
        assert all(name.strip() for name in table.split("\n")[0].strip("|").split("|"))


class Tags(HTMLParser):
    """The elements of a page, and all that it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.counts: dict[str, int] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        sources = [value or "" for name, value in attrs if name in ("src", "href") and tag != "a"]
        self.fetched += [source for source in sources if not source.startswith("data:")]


@every_lesson
@every_text
def test_a_sheet_stands_alone_and_shows_every_figure(id: str, language: str) -> None:
    text = sheet(id, language)
    tags, one = Tags(text), lesson(id, language)
    assert not tags.fetched
    assert "script" not in tags.counts
    assert "{fact" not in text
    pictures = named(one, Figure) + named(one, Live)
    assert tags.counts.get("svg", 0) == len(pictures)
    # The answer stands in the teacher's key, and nowhere on the page of the question.
    own, question = lesson_code(id), one.questions[0]
    settings = own.settings(own.sheet_settings)
    asked = with_facts(question, lambda name: own.facts[name](settings))
    option = asked.options[own.answers[question.name]()]
    students, rest = text.split('<section class="answers">')
    assert option.split("$")[0][:12] in rest.partition('<section class="answers key">')[2]
    assert students.count('class="question"') >= len(one.questions)
    assert len(text) < 1_500_000


def is_sign(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS"


@every_lesson
@every_text
def test_bold_ends_where_markdown_sees_it(id: str, language: str) -> None:
    """CommonMark: a run that ends in punctuation closes only before a space or punctuation."""
    settings = lesson_code(id).settings()
    for part in lesson(id, language).parts:
        filled = with_facts(part, lambda name: lesson_code(id).facts[name](settings))
        for field in fields(filled):
            for text in each_text(getattr(filled, field.name)):
                for found in re.finditer(r"\*\*(.+?)\*\*", text):
                    after = text[found.end() : found.end() + 1] or " "
                    before = text[: found.start()][-1:] or " "
                    assert not is_sign(found[1][-1]) or after.isspace() or is_sign(after), found[0]
                    assert not is_sign(found[1][0]) or before.isspace() or is_sign(before), found[0]


@every_lesson
@every_text
def test_paper_asks_for_nothing_that_only_a_screen_can_do(id: str, language: str) -> None:
    # The teacher's key may speak of the class in front of the app.
    text = sheet(id, language).partition('<section class="answers key">')[0]
    assert not re.search(r"\b([Pp]ress play|[Cc]lick|[Ss]liders?\b|[Dd]rag)|点击|滑块|拖动", text)


@every_text
def test_the_arithmetic_is_left_to_students_and_done_in_the_key(language: str) -> None:
    students, rest = sheet("lstm_step", language).split('<section class="answers">')
    key = rest.partition('<section class="answers key">')[2]
    code = lesson_code("lstm_step")
    blanks = [code.facts[name](code.settings()) for name in sorted(code.sheet_blanks)]
    numbers = [format_number(one) for one in blanks if not isinstance(one, str)]
    assert len(numbers) == 8
    assert students.count('class="blank"') == len(numbers)
    for shown in numbers:
        assert f">{shown}<" not in students
        assert f">{shown}<" in key


@every_lesson
@every_text
def test_a_text_types_no_number_of_a_lesson(id: str, language: str) -> None:
    source = asset("lessons", f"{id}.{language}.md").read_text("utf-8")
    assert not re.search(r"\b[Ll]essons? \d|第 ?[0-9一二三四五六七八九十]+ ?课", source)
    for named in re.findall(r"\{lesson: (\w+)\}", source):
        assert named in LESSONS


HEAD = "# T\n\nS\n\n"
TAIL = "\n\n{teacher}\n- aim: a\n- time: b\n- misunderstanding: c\n- answer: d\n\n{sources}\n- e\n"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("{figur: a} b", "line 5: a slot"),
        ("{figure} b", "line 5: a slot"),
        ("{question: q} why?\n- one", "a question with its options"),
        ("{question: q} why?\n- one\n  : a\n  : b\n- two", "one explanation, `: …`, for an option"),
        ("{reveal: q}", "a reveal of a question before it"),
        ("{exercise: e} what?", "an exercise, its solution after `: `"),
        ("{exercise: e} what?\n  : so\n- one\n  : why", "no option or several"),
        (
            "{exercise: e} what?\n  : so\n\n{question: q} why?\n- one\n- two",
            "line 8: an exercise, since all questions stand before",
        ),
        ("$$x", "a formula between"),
        ("a {fact x} b", "a fact, `{fact: name}`"),
        ("{control: c} label\n- value", "`- value: label`"),
        ("{open: o}", "the words of the link"),
    ],
)
def test_a_slip_in_a_text_is_named_with_its_line(body: str, wanted: str) -> None:
    with pytest.raises(InputError, match=re.escape(wanted)):
        parse_lesson(HEAD + body + TAIL, "gru", "en")


def test_a_text_without_its_closing_blocks_is_refused() -> None:
    with pytest.raises(InputError, match=re.escape("{teacher}")):
        parse_lesson("# T\n\nS\n\na\n\nb\n", "gru", "en")
    with pytest.raises(InputError, match="misunderstanding"):
        parse_lesson(HEAD + TAIL.replace("- time: b\n", ""), "gru", "en")


def test_what_follows_a_reveal_is_not_shown_before_it() -> None:
    text = HEAD + "a\n\n{question: q} why?\n- one\n- two\n\n{reveal: q}\n\nb" + TAIL
    one = parse_lesson(text, "gru", "en")
    assert [type(part) for part in one.shown([])][-1] is QuizQuestion
    assert one.shown(["q"]) == one.parts


def test_a_question_without_a_reveal_hides_nothing() -> None:
    text = HEAD + "{question: q} why?\n- one\n- two\n\nb" + TAIL
    one = parse_lesson(text, "gru", "en")
    assert one.shown([]) == one.parts


def test_each_option_has_the_explanation_that_stands_below_it() -> None:
    body = (
        "{question: q} why\nso?\n- one\n  more\n  : for {fact: a}\n  and b\n- two\n: to c\n- three"
    )
    [part] = parse_lesson(HEAD + body + TAIL, "gru", "en").questions
    assert part.prompt == "why so?"
    assert part.options == ("one more", "two", "three")
    assert part.explanations == ("for {fact: a} and b", "to c", "")


def test_an_exercise_has_its_solution_and_perhaps_options() -> None:
    body = (
        "{exercise: a} what?\n  : so\n  ? look\nthere\n  ?signless minus\n\n"
        "{exercise: b} 哪一项？\n：因为\n- 甲\n  ：对\n- 乙\n  ：错"
    )
    one, two = parse_lesson(HEAD + body + TAIL, "gru", "zh").exercises
    assert (one.prompt, one.solution, one.options) == ("what?", "so", ())
    assert (one.hints, two.hints) == ((("", "look there"), ("signless", "minus")), ())
    assert (two.prompt, two.solution, two.options) == ("哪一项？", "因为", ("甲", "乙"))
    assert two.explanations == ("对", "错")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("更新\n门 and\nreset", "更新门 and reset"),
        ("状态。\nGRU", "状态。GRU"),
        ("Pascanu、\nMikolov", "Pascanu、Mikolov"),
        ("{fact: a}：\nLSTM", "{fact: a}：LSTM"),
        ("单元 13\n（在新的", "单元 13（在新的"),
        ("他说\n“忘了”\n吗", "他说“忘了”吗"),
        ("第 {fact: a}\n步", "第 {fact: a} 步"),
        ("he said\n“no”\nagain", "he said “no” again"),
        ("- 一\n二\n- 三，\n$x$", "- 一二\n- 三，$x$"),
    ],
)
def test_a_line_break_of_the_source_is_no_space_in_chinese(source: str, shown: str) -> None:
    assert parse_lesson(HEAD + source + TAIL, "gru", "zh").parts[0].text == shown  # type: ignore[union-attr]


@every_lesson
def test_chinese_has_no_space_at_its_punctuation_and_no_slanted_type(id: str) -> None:
    stop, slanted = "[\u3001-\u3011\uff00-\uffef]", r"\*[^*]*[\u4e00-\u9fff][^*]*\*"
    for part in lesson(id, "zh").parts:
        for field in fields(part):
            for text in each_text(getattr(part, field.name)):
                assert not re.search(rf"[^|] {stop}|{stop} [^|]", text)
                assert not re.search(slanted, text.replace("**", ""))
