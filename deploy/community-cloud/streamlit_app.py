"""The entry file for Streamlit Community Cloud: app.py, with the requirements beside this file."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[2] / "app.py"), run_name="__main__")
