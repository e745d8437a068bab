"""The command that writes the static edition."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from rnnviz.cli.options import print_line
from rnnviz.core.libraries import check_library
from rnnviz.formatting import format_bytes
from rnnviz.i18n import LANGUAGES

_BOTH = "both"


def add_site_command(commands: Any) -> None:
    """Add `rnnviz site` and its options."""
    parser = commands.add_parser(
        "site",
        usage="rnnviz site DIR [--language NAME]",
        help="write the edition that needs no server",
        description="Write the static edition: networks to read and the lessons as files that open"
        " from a folder, a memory stick or any static host, and work without a network.",
    )
    parser.set_defaults(do=_write_site)
    parser.add_argument(
        "folder", metavar="DIR", help="a new or empty folder, or an earlier edition"
    )
    parser.add_argument(
        "--language",
        choices=(_BOTH, *LANGUAGES),
        default=_BOTH,
        metavar="NAME",
        help=f"language of its pages: {', '.join((_BOTH, *LANGUAGES))} (default: {_BOTH})",
    )


def _write_site(arguments: Namespace) -> None:
    # Its pages are made of the app's own parts.
    check_library("streamlit")
    # The pages come with all lessons and figures, which no other command loads.
    from rnnviz.site.edition import static_edition
    from rnnviz.site.writer import prepare_folder, write_files

    folder = Path(arguments.folder)
    languages = LANGUAGES if arguments.language == _BOTH else (arguments.language,)
    prepare_folder(folder)
    files = static_edition(languages, print_line)
    n_bytes = write_files(folder, files)
    index = folder / "index.html"
    print_line(f"{folder}: {len(files)} files, {format_bytes(n_bytes)}")
    print_line(f"Open {index} in a browser, or copy the folder to any web host.")
