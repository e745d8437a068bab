"""Style sheet of the static edition: colours on a light and on a dark ground, then the rules."""

from __future__ import annotations

from rnnviz.figures.theme import colours
from rnnviz.site.page import site_text
from rnnviz.ui.player.player import overlay_css
from rnnviz.ui.player.standalone_page import page_font, page_variables

# Of the outline around what has the keyboard, 3 to 1 on its ground.
_FOCUS = {False: "#1f5fd0", True: "#8ab4ff"}


def style_sheet() -> str:
    """CSS of every page, which follows the browser's choice of a light or dark ground."""
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {ground_variables(True)} }} }}"
    return "\n".join(
        (
            f":root {{ {ground_variables(False)} }}",
            dark,
            f":root {{ {page_font('en')} }} :root:lang(zh) {{ {page_font('zh')} }}",
            site_text("site.css"),
            site_text("lesson.css"),
            overlay_css(),
        )
    )


def ground_variables(dark: bool) -> str:
    """CSS variables of every colour on a light or a dark ground."""
    named = {f"rnnviz-{name}": value for name, value in colours(dark).items()}
    listed = " ".join(f"--{name}: {value};" for name, value in named.items())
    return f"{listed} --rnnviz-focus: {_FOCUS[dark]}; --rnnviz-type: 1; {page_variables(dark)}"
