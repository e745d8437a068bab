"""Icon and logo are what Streamlit makes of them, and need no imaging library."""

from __future__ import annotations

import pytest
from streamlit.elements.lib.image_utils import image_to_url
from streamlit.elements.lib.layout_utils import LayoutConfig

from rnnviz.core.resources import asset
from rnnviz.ui.brand import data_url


@pytest.mark.parametrize("name", ["icon.svg", "logo.svg", "logo-dark.svg"])
def test_the_url_of_a_picture_is_streamlits(name: str) -> None:
    layout = LayoutConfig(width="stretch")
    wanted = image_to_url(str(asset(name)), layout, False, "RGB", "auto", "picture")
    assert data_url(name) == wanted
