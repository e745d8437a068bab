"""Learn: every lesson is predicted, revealed and read to its end."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from rnnviz.i18n import LANGUAGES, word
from rnnviz.lessons.lesson import Figure, Live
from rnnviz.lessons.option_order import option_order
from rnnviz.lessons.registry import LESSONS, lesson, lesson_code
from rnnviz.lessons.slides import slides
from tests.browser.conftest import WIDE
from tests.browser.explore import Explore

PHONE = {"width": 390, "height": 844}


class Learn:
    """The page Learn in one tab that all tests share: to open it again takes far less."""

    def __init__(self, app: Explore) -> None:
        self.app = app

    def __call__(
        self, query: str = "lang=en", *, scheme: str = "light", viewport: dict[str, int] = WIDE
    ) -> Explore:
        """The page as its address opens it."""
        page = self.app.page
        # The answers of an earlier test would open the lesson answered.
        page.evaluate("localStorage.clear()")
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{self.app.url}/learn?{query}")
        page.locator(".st-key-lesson, [class*=st-key-card_]").first.wait_for()
        self.app.rest()
        self.app.lie_still()
        return self.app


@pytest.fixture
def learn(tab: Explore) -> Learn:
    # A test may have looked at the page on paper.
    tab.page.emulate_media(media="screen")
    return Learn(tab)


def charts(app: Explore) -> Locator:
    return app.main.locator(".js-plotly-plot .main-svg:first-child")


def expect_drawn(app: Explore) -> None:
    """Plotly says nothing of data that it cannot read, and draws an empty chart."""
    empty = "[...document.querySelectorAll('.js-plotly-plot')].filter(e => !e._fullData?.length)"
    app.page.wait_for_function(f"!{empty}.length")


def answered(id: str, n: int) -> list[str]:
    """Names of the first questions of a lesson."""
    return [question.name for question in lesson(id, "en").questions[:n]]


def pictures(id: str, n_answered: int) -> int:
    shown = lesson(id, "en").shown(answered(id, n_answered))
    return sum(isinstance(part, Figure | Live) for part in shown)


def button(app: Explore, key: str, language: str = "en") -> Locator:
    return app.main.get_by_role("button", name=word(key, language), exact=True)


def test_the_shelf_has_a_card_a_lesson_and_marks_what_was_finished(learn: Learn) -> None:
    app = learn()
    cards = app.main.locator("[class*=st-key-card_]")
    expect(cards).to_have_count(len(LESSONS))
    titles = [f"{number} · {lesson(id, 'en').title}" for number, id in enumerate(LESSONS, 1)]
    expect(app.main.locator("[class*=st-key-card_] h2")).to_have_text(titles)
    app.page.locator(".st-key-open_gru button").click()
    heading = app.main.get_by_role("heading", name=lesson("gru", "en").title, exact=True)
    expect(heading).to_be_visible()
    app.expect_address("lesson=gru")
    for name in answered("gru", 3):
        asked = app.main.locator(f".st-key-question_{name}")
        asked.locator("[role=radiogroup] label").first.click()
        asked.get_by_role("button", name=word("learn.reveal")).click()
    expect(app.main.get_by_text(word("learn.sources"))).to_be_visible()
    button(app, "learn.all").click()
    expect(app.page.locator(".st-key-card_gru").get_by_text(word("learn.done"))).to_be_visible()
    app.expect_no_address("lesson=")


# In turn: the words at a question depend on the language, what is asked on the lesson. In class
# every lesson is walked through in both (test_slides.py).
@pytest.mark.parametrize(
    ("id", "language"), [(id, LANGUAGES[at % len(LANGUAGES)]) for at, id in enumerate(LESSONS)]
)
def test_a_lesson_is_predicted_revealed_and_read_to_its_end(
    learn: Learn, id: str, language: str
) -> None:
    app = learn(f"lang={language}&lesson={id}")
    one = lesson(id, language)
    if pictures(id, 0):
        expect(charts(app).first).to_be_visible()
    for number, question in enumerate(one.questions):
        expect(charts(app)).to_have_count(pictures(id, number))
        asked = app.main.locator(f".st-key-question_{question.name}")
        reveal = asked.get_by_role("button", name=word("learn.reveal", language))
        expect(reveal).to_be_disabled()
        right = lesson_code(id).answers[question.name]()
        order = option_order(len(question.options), int(app.chosen["mix"]), id, question.name)
        asked.locator("label[data-testid=stRadioOption], [role=radiogroup] label").nth(
            order.index(right)
        ).click()
        reveal.click()
        said = word("learn.right", language, option="").strip()
        expect(asked.get_by_test_id("stAlert")).to_contain_text(said)
    expect(charts(app)).to_have_count(pictures(id, len(one.questions)))
    expect(app.main.get_by_text(word("learn.sources", language))).to_be_visible()
    app.main.get_by_text(word("learn.teacher", language)).click()
    expect(app.main.get_by_text(word("teacher.aim", language))).to_be_visible()
    app.rest()
    expect_drawn(app)
    assert app.alert.count() == len(one.questions)
    assert not app.crash.count()


def test_a_clicker_pressed_faster_than_slides_are_drawn_is_never_stuck(learn: Learn) -> None:
    app = learn("lang=en&lesson=dense&class=1")
    one = lesson("dense", "en")
    count = len(slides(one.parts))
    where = app.page.locator(".slide-controls output")
    expect(where).to_have_text(f"1 / {count}")
    # One press a slide and one a question, none twice and none lost.
    app.press("PageDown", times=count - 1 + len(one.questions))
    expect(where).to_have_text(f"{count} / {count}")
    app.rest()
    expect(where).to_have_text(f"{count} / {count}")
    for question in one.questions:
        app.expect_address(question.name)
    assert len(app.chosen["guess"].split(",")) == len(one.questions)
    app.press("PageUp", times=count)
    expect(where).to_have_text(f"1 / {count}")
    app.expect_no_address("slide=")


def test_page_down_answers_with_the_option_that_the_class_has_chosen(learn: Learn) -> None:
    app = learn("lang=en&lesson=dense&class=1")
    one = lesson("dense", "en")
    at = len(slides(one.shown([])))
    app.press("PageDown", times=at - 1)
    asked = app.main.locator(f".st-key-question_{one.questions[0].name}")
    asked.locator("[role=radiogroup] label").nth(1).click()
    expect(button(app, "learn.reveal")).to_be_enabled()
    app.press("PageDown")
    expect(asked.get_by_test_id("stAlert").first).to_be_visible()
    app.expect_address("guess=")
    assert "·" not in app.chosen["guess"]
    app.press("PageDown")
    where = app.page.locator(".slide-controls output")
    expect(where).to_have_text(f"{at + 1} / {len(slides(one.parts))}")


def test_arrows_turn_a_slide_that_has_no_player(learn: Learn) -> None:
    app = learn("lang=en&lesson=gru&class=1")
    where = app.page.locator(".slide-controls output")
    count = len(slides(lesson("gru", "en").parts))
    expect(where).to_have_text(f"1 / {count}")
    app.press("ArrowRight")
    expect(where).to_have_text(f"2 / {count}")
    app.rest()
    app.press("ArrowLeft")
    expect(where).to_have_text(f"1 / {count}")


def test_held_gates_live_in_the_address_and_change_the_number_in_the_text(
    learn: Learn,
) -> None:
    app = learn('lang=en&lesson=gru&guess=["2"]')
    said = app.main.get_by_text("The largest difference is now")
    expect(said).to_contain_text("1.94")
    for gate in ("reset", "update"):
        held = app.main.locator(f"[class*=st-key-hold_gru_{gate}]")
        held.locator("label").click()
        expect(slider_of(app, gate)).to_be_enabled()
        app.rest()
    slider_of(app, "update").focus()
    app.press("Home")
    expect(said).to_contain_text("now 0.")
    app.expect_address("update%22%3A0")
    linked = app.page.url
    app.page.goto(linked.replace("/learn", "/"))
    app.page.get_by_role("link", name="Learn", exact=True).click()
    expect(said).to_contain_text("now 0.")


def slider_of(app: Explore, control: str) -> Locator:
    """The slider of a control of the GRU's lesson."""
    return app.main.locator(f"[class*=st-key-control_gru_{control}]").get_by_role("slider")


@pytest.mark.parametrize(
    "query",
    [
        'lesson=gru&settings={"reset":"<b>","update":[1]}',
        "lesson=gru&settings=[[[[[",
        'lesson=gru&guess=["99","x"]&slide=99&class=1',
        "lesson=nothing&class=1",
        'lesson=gru&settings={"reset":1e999,"other":null}',
        "lesson=gru&mix=-5&embed=zzz",
    ],
)
def test_a_hostile_link_opens_the_lesson_or_the_shelf(learn: Learn, query: str) -> None:
    app = learn(f"lang=en&{query}")
    assert not app.crash.count()
    expect(app.main.get_by_text(word("error.unexpected"))).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_the_app_lead_to_learn_on_a_phone_too(learn: Learn, language: str) -> None:
    app = learn(f"lang={language}")
    for viewport in (WIDE, PHONE):
        app.page.set_viewport_size(viewport)
        app.page.goto(f"{app.url}/?lang={language}&model=untrained")
        if viewport is PHONE:
            # There the pages fold into the side bar.
            app.page.get_by_test_id("stExpandSidebarButton").click()
        name = word("page.learn", language)
        app.page.get_by_role("link", name=name, exact=True).first.click()
        first = app.main.locator("[class*=st-key-card_] h2").first
        expect(first).to_have_text(f"1 · {lesson(LESSONS[0], language).title}")


def test_a_lesson_on_a_phone_does_not_scroll_sideways(learn: Learn) -> None:
    app = learn('lang=zh&lesson=gru&guess=["2"]', viewport=PHONE)
    expect(charts(app).first).to_be_visible()
    assert app.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 2")


@pytest.mark.parametrize(
    ("id", "figure", "said", "region"),
    [
        ("reads", "unrolled", "Smallest", "hidden state"),
        ("forgets", "fading", "begins at", "what is left of the pulse"),
    ],
)
def test_a_figure_unfolds_to_a_sentence_and_a_table(
    learn: Learn, id: str, figure: str, said: str, region: str
) -> None:
    app = learn(f"lang=en&lesson={id}&guess=[%22·%22]")
    folded = app.main.locator(f".st-key-text_{figure}")
    folded.get_by_text(word("learn.as_text")).click()
    expect(folded.get_by_text(said).first).to_be_visible()
    expect(folded.get_by_role("region", name=region).locator("table")).to_be_visible()
    app.rest()
    found = Axe().run(app.page).response
    assert [(one["id"], [n["html"] for n in one["nodes"]]) for one in found["violations"]] == []


def test_a_lesson_is_printed_whole_with_figures_and_nothing_to_press(learn: Learn) -> None:
    app = learn('lang=en&lesson=gru&guess=["·","·","·"]')
    expect(app.main.locator(".st-key-exercise_mixture")).to_be_visible()
    charts(app).last.scroll_into_view_if_needed()
    app.page.emulate_media(media="print")
    for pressed in ("stSlider", "stButton", "stDownloadButton", "stTextInput", "stSidebar"):
        shown = app.page.locator(f"[data-testid={pressed}]")
        assert not any(one.is_visible() for one in shown.all()), pressed
    expect(app.main.locator(".st-key-teacher")).to_be_hidden()
    # An A4 page between its margins has 703 pixels of 96 an inch.
    for chart in charts(app).all():
        box = chart.bounding_box()
        assert box
        assert 200 < box["width"] <= 703
    assert app.page.pdf().count(b"/Type /Page\n") >= 4


def test_the_sheet_is_one_file_that_opens_without_the_app(learn: Learn, tmp_path: Path) -> None:
    app = learn("lang=zh&lesson=gru")
    exercise = lesson("gru", "zh").exercises[0].prompt[:6]
    # The page itself has no exercise before its questions are answered.
    expect(app.main).not_to_contain_text(exercise)
    with app.page.expect_download() as saved:
        button(app, "learn.sheet", "zh").click()
    path = tmp_path / saved.value.suggested_filename
    saved.value.save_as(path)
    page = app.page.context.new_page()
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    expect(page.locator("body")).to_contain_text(exercise)
    expect(page.get_by_role("heading", name=word("sheet.key", "zh"))).to_be_visible()
    # Students' pages, what is read after them, and the key, each on paper of its own.
    assert page.pdf().count(b"/Type /Page\n") >= 3
    expect(page.locator("h1").first).to_have_text(lesson("gru", "zh").title)
    drawings = [part for part in lesson("gru", "zh").parts if isinstance(part, Figure | Live)]
    expect(page.locator("svg")).to_have_count(len(drawings))
    drawn = page.locator("math[display=block]").first.bounding_box()
    assert drawn
    assert drawn["width"] > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "query", ["", "lesson=gru", 'lesson=gru&guess=["0"]', 'lesson=gru&class=1&slide=6&guess=["2"]']
)
def test_axe_finds_no_fault_on_the_shelf_in_a_lesson_and_in_class(
    learn: Learn, query: str, scheme: str
) -> None:
    app = learn(f"lang=en&{query}", scheme=scheme)
    found = Axe().run(app.page).response
    assert len(found["passes"]) > 15
    assert [(one["id"], [n["html"] for n in one["nodes"]]) for one in found["violations"]] == []
