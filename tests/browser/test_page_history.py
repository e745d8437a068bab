"""From page to page and back: one step back leads to the page before, as it was."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rnnviz.i18n import word
from tests.browser.explore import Explore

MEMORY = "/understand?lang=en&model=preset:brackets_lstm&says=([])[(&understand=memory&step=2"


def go(tab: Explore, path: str) -> None:
    # An address that is opened twice would be one entry, and keep those that lie ahead.
    tab.page.goto(f"{tab.url}/_stcore/health")
    tab.page.goto(tab.url + path)
    expect(tab.page.get_by_test_id("stTopNavLink").first).to_be_visible()
    tab.rest()


def follow(tab: Explore, page: str) -> None:
    """Choose a page in the header."""
    tab.page.get_by_test_id("stTopNavLink").filter(has_text=word(f"page.{page}")).click()


def expect_path(tab: Explore, path: str) -> None:
    tab.page.wait_for_function(
        "path => location.pathname === path && location.search.includes('lang=')", arg=path
    )
    tab.rest()


def expect_back_to(tab: Explore, address: str) -> None:
    """One step back leads there, and leaves the address as it was."""
    tab.page.go_back()
    tab.page.wait_for_function("address => location.href === address", arg=address)
    tab.rest()
    assert tab.page.url == address


@pytest.mark.parametrize("path", ["/reproduce", "/reproduce?lang=en"])
def test_back_from_a_finding_s_network_leads_to_the_findings(newcomer: Explore, path: str) -> None:
    go(newcomer, path)
    before, entries = newcomer.page.url, newcomer.page.evaluate("history.length")
    newcomer.page.get_by_role("button", name=word("reproduce.open.understand")).first.click()
    expect_path(newcomer, "/understand")
    assert newcomer.page.evaluate("history.length") == entries + 1
    expect_back_to(newcomer, before)
    expect(newcomer.page.get_by_role("heading", name=word("reproduce.title"))).to_be_visible()


def test_back_from_read_leads_to_the_view_and_its_step(newcomer: Explore) -> None:
    go(newcomer, MEMORY)
    before = newcomer.page.url
    newcomer.page.locator(".st-key-on_read button").click()
    expect_path(newcomer, "/")
    newcomer.stands_on(3)
    expect_back_to(newcomer, before)
    newcomer.stands_on(3)
    expect(newcomer.page.locator(".rnnviz-mark")).to_have_count(2)


def test_every_page_of_the_header_is_one_entry_and_back_goes_through_them(
    newcomer: Explore,
) -> None:
    go(newcomer, MEMORY)
    entries, seen = newcomer.page.evaluate("history.length"), [newcomer.page.url]
    for page, path in (("compare", "/compare"), ("read", "/"), ("learn", "/learn")):
        follow(newcomer, page)
        expect_path(newcomer, path)
        seen.append(newcomer.page.url)
    assert newcomer.page.evaluate("history.length") == entries + 3
    for before in reversed(seen[:-1]):
        expect_back_to(newcomer, before)
    newcomer.stands_on(3)


def test_back_from_a_run_of_a_comparison_leads_to_the_comparison(newcomer: Explore) -> None:
    go(newcomer, "/compare?lang=en&compare=cells")
    before, entries = newcomer.page.url, newcomer.page.evaluate("history.length")
    newcomer.page.locator(".st-key-open_runs a").first.click()
    expect_path(newcomer, "/")
    assert newcomer.page.evaluate("history.length") == entries + 1
    expect_back_to(newcomer, before)


def test_back_to_the_bare_address_shows_its_first_step_again(newcomer: Explore) -> None:
    go(newcomer, "/")
    newcomer.stands_on(1)
    before = newcomer.page.url
    follow(newcomer, "train")
    expect_path(newcomer, "/train")
    expect_back_to(newcomer, before)
    newcomer.stands_on(1)


def test_a_choice_right_after_the_way_is_an_entry_of_its_own(newcomer: Explore) -> None:
    go(newcomer, MEMORY)
    follow(newcomer, "read")
    expect_path(newcomer, "/")
    before = newcomer.page.url
    newcomer.press("ArrowLeft")
    newcomer.expect_address("step=1")
    expect_back_to(newcomer, before)
    newcomer.stands_on(3)


def test_an_old_link_of_opened_models_keeps_its_text(newcomer: Explore) -> None:
    go(newcomer, "/model?lang=en&says=hello")
    expect_path(newcomer, "/")
    newcomer.expect_address("says=hello")
    newcomer.stands_on(len("hello"))
