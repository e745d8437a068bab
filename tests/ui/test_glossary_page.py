"""The glossary as a page: the term that a link asks for comes first, then all of them."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.glossary import glossary


def page(**choices: str) -> AppTest:
    def script() -> None:
        from rnnviz.ui.controls.glossary import glossary_page

        glossary_page()

    app = AppTest.from_function(script, default_timeout=30)
    for key, value in choices.items():
        app.session_state[key] = value
    return app.run()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_every_term_the_asked_one_first(language: str) -> None:
    app = page(lang=language, lesson="glossary", term="update_gate")
    assert not app.exception
    book = glossary(language)
    shown = [header.value for header in app.subheader]
    asked = book.term("update_gate")
    assert asked is not None
    assert shown == [asked.name, *(term.name for term in book.terms)]
    assert any("lesson=glossary&term=candidate" in one.value for one in app.markdown)
    assert not any("](term:" in one.value for one in app.markdown)


def test_a_term_that_is_not_there_asks_for_nothing() -> None:
    app = page(lang="en", lesson="glossary", term="<b>")
    assert not app.exception
    assert len(app.subheader) == len(glossary("en").terms)
