"""Which scan is shown: a folder, an upload or the sample; where there is none, how to make one."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from rnnviz.core.checks import shown
from rnnviz.errors import InputError, RnnvizError
from rnnviz.ui import places, state
from rnnviz.ui.controls.input_upload import lost_text
from rnnviz.ui.controls.notice import Notice, put_notice, show_notice
from rnnviz.ui.controls.widgets import select, text_button
from rnnviz.ui.kept_files import LostFile, keep_file
from rnnviz.ui.scan_folders import scan_folders
from rnnviz.ui.scan_results import SAMPLE_MODEL, ScanChoice, scan_of
from rnnviz.ui.text import escape_markdown, t, warn
from rnnviz.ui.url import File

_SAMPLE, _FILE, _FOLDER = "sample", "file", "folder:"
_NOTICE, _OPEN = "scan_notice", "scan_open"
_MAX_UPLOAD = 200
_COMMANDS = "rnnviz corpus model.pt texts/ -o found/\nrnnviz --scans found/"


def chosen_scan() -> ScanChoice | None:
    """The scan that is shown; None after saying how to come by one, or why it cannot be read."""
    folders = scan_folders()
    _check_choice(folders)
    show_notice(_NOTICE)
    if not state.get("scan"):
        _guide()
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="scan_row"):
        select("scan", _offered(folders), text=_name)
        with st.popover(t("corpus.another"), icon=":material/upload_file:", key=_OPEN):
            _guide()
    choice = _choice(state.text_of("scan"), folders)
    try:
        with st.spinner(t("corpus.opening"), show_time=True):
            scan_of(choice)
    except RnnvizError as error:
        warn(error)
        return None
    return choice


def _check_choice(folders: dict[str, Path]) -> None:
    """Fall back to the first folder, or to none, where the address names no scan that is here."""
    lost, chosen = state.get("scanfile"), state.text_of("scan")
    if isinstance(lost, LostFile):
        st.warning(lost_text(lost), icon=":material/history:")
    elif chosen and chosen not in _offered(folders):
        named = InputError(
            "The address names the scan “{name}”, which this app does not open; choose another, or"
            " start it with `rnnviz --scans` and the folder.",
            name=shown(chosen.removeprefix(_FOLDER)),
        )
        put_notice(_NOTICE, Notice(named, is_left=False))
    if chosen not in _offered(folders):
        state.put(scan=next((f"{_FOLDER}{name}" for name in folders), ""))


def _offered(folders: dict[str, Path]) -> list[str]:
    is_uploaded = isinstance(state.get("scanfile"), File)
    return [*(f"{_FOLDER}{name}" for name in folders), *([_FILE] if is_uploaded else []), _SAMPLE]


def _name(scan: str) -> str:
    if scan == _FILE:
        return str(state.get("scanfile").name)
    return t("corpus.sample") if scan == _SAMPLE else scan.removeprefix(_FOLDER)


def _choice(scan: str, folders: dict[str, Path]) -> ScanChoice:
    if scan == _FILE:
        return ScanChoice(file=state.get("scanfile"))
    if scan == _SAMPLE:
        return ScanChoice()
    file = folders[scan.removeprefix(_FOLDER)]
    told = file.stat()
    return ScanChoice(path=str(file), changed=(told.st_mtime_ns, told.st_size))


def _guide() -> None:
    """How a scan is made and opened, the uploader, and the sample."""
    st.markdown(t("corpus.make"))
    st.code(_COMMANDS, language="bash")
    st.caption(t("corpus.make.about"))
    _uploader()
    if state.get("scan") != _SAMPLE:
        icon = ":material/menu_book:"
        text_button(t("corpus.open_sample"), "open_sample", _open_sample, icon=icon)


def _uploader() -> None:
    with st.container(key="scan_upload"):
        # Of every type: what is not read is answered with a sentence.
        st.file_uploader(
            t("corpus.upload"),
            key="scan_uploader",
            on_change=_use_upload,
            max_upload_size=_MAX_UPLOAD,
            help=t("corpus.upload.help"),
        )
        # The browser sends no larger file and tells the server nothing: the style shows this then.
        with st.container(key="scan_too_large"):
            st.markdown(f":red[{t('corpus.too_large', bound=_MAX_UPLOAD)}]")


def _use_upload() -> None:
    uploaded = st.session_state["scan_uploader"]
    if uploaded is not None:
        take_scan(File(uploaded.name, uploaded.getvalue()))


def take_scan(file: File) -> None:
    """Show the scan of a file; what cannot be read changes nothing."""
    try:
        keep_file(file)
        scan_of(ScanChoice(file=file))
    except RnnvizError as error:
        put_notice(_NOTICE, Notice(error, is_left=False))
    else:
        put_notice(_NOTICE, None)
        _show(scan=_FILE, scanfile=file)


def _open_sample() -> None:
    put_notice(_NOTICE, None)
    places.switch_model(f"preset:{SAMPLE_MODEL}")
    _show(scan=_SAMPLE)


def _show(**choices: object) -> None:
    """Another scan, with nothing chosen in it."""
    state.restore_defaults("scan_signal", "scan_unit", "scan_at", "scan_token")
    state.put(**choices)


def scan_facts(choice: ScanChoice) -> None:
    """What was scanned: tokens, shards, model."""
    scan = scan_of(choice)
    about = scan.about
    facts = {
        "tokens": f"{scan.n_steps:,}",
        "shards": f"{about.n_shards:,}",
        "model": escape_markdown(about.title),
        "cell": t(f"cell.{about.cell}"),
        "layer": about.layer + 1,
        "units": scan.n_units,
        "signals": len(scan.signals),
    }
    st.markdown(t("corpus.facts", **facts))
    counts = {"corpus.unknown": scan.n_unknown, "corpus.as_unknown": scan.n_as_unknown}
    for key, count in counts.items():
        if count:
            share = 100 * count / (scan.n_steps + scan.n_unknown)
            st.caption(t(key, count=f"{count:,}", share=f"{share:.2g}%"))
    if scan.n_damaged:
        st.caption(t("corpus.damaged", count=f"{scan.n_damaged:,}"))
