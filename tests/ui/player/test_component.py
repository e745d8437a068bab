"""Scripts as they are sent to the browser."""

from __future__ import annotations

from importlib.resources import files

from rnnviz.ui.player.component import file_text


def test_no_template_of_a_script_goes_over_lines_so_that_all_may_lose_their_indentation() -> None:
    names = [one.name for one in files("rnnviz.ui.player").iterdir() if one.name.endswith(".js")]
    lines = [(name, line) for name in names for line in file_text(name).splitlines()]
    assert len(names) > 50
    assert [one for one in lines if one[1].replace(r"\`", "").count("`") % 2] == []
