"""The training that a session started last: it stays through changes of pages, until a reload."""

from __future__ import annotations

import streamlit as st

from rnnviz.errors import InputError, RnnvizError
from rnnviz.ui import state, training_jobs
from rnnviz.ui.training_jobs import TrainingJob

# The value of the choice "model" that stands for it.
TRAINING = "training"
TRAINING_GONE = InputError(
    "The training was only in the session in which it ran; train again, or open the file that you"
    " saved."
)
_JOB = "job"
_GONE = "job_gone"


def own_training() -> TrainingJob | None:
    """This session's training; None before the first, and when the server no longer has it."""
    name = st.session_state.get(_JOB)
    if name is None:
        return None
    try:
        return training_jobs.training_job(name)
    except RnnvizError as error:
        st.session_state.pop(_JOB)
        state.put(**{_GONE: error})
        return None


def lost_training() -> RnnvizError | None:
    """The sentence for a training that the server had to forget."""
    error: RnnvizError | None = st.session_state.get(_GONE)
    return error


def kept_training() -> TrainingJob | None:
    """This session's training, once it has moments to show."""
    job = own_training()
    return job if job is not None and job.snapshots else None


def keep_training(job: TrainingJob) -> None:
    """Make this the session's training."""
    state.put(**{_JOB: job.name, _GONE: None})
