"""Sentences about two compared models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from rnnviz.doctor.findings import Cause, Finding, ModelPlace
from rnnviz.doctor.parting import Parting
from rnnviz.doctor.result import ModelDiff
from rnnviz.formatting import format_number, running_text, token_label
from rnnviz.i18n import sentences, word

_FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras", "onnx": "ONNX"}
_MOST_NAMED = 3  # weights, and places


def told(found: ModelDiff, language: str = "en") -> tuple[str, ...]:
    """Where two models part, how it grows, why, and what else differs, a paragraph each."""
    paragraphs = (
        _verdict(found, language),
        _growth(found, language),
        _causes(found, language),
        _unfelt(found, language),
        *_assumed(found, language),
    )
    return tuple(filter(None, paragraphs))


def cause_text(cause: Cause, names: tuple[str, str], language: str = "en") -> str:
    """A cause as a sentence that begins with its places."""
    one, other = names
    finding = cause.finding
    faulty, whole = (one, other) if finding.fact("faulty") == "one" else (other, one)
    before, after = (one, other) if finding.fact("before") == "one" else (other, one)
    facts = {
        **{"one": one, "other": other, "faulty": faulty, "whole": whole},
        **{"before": before, "after": after, "offset": finding.fact("offset")},
        "where": _places(cause.places, language),
        "roles": _roles(finding, language),
        "moves": _moves(finding, names, language),
        **_two_settings(finding, language),
    }
    said = word(f"doctor.cause.{finding.name}", language, **facts)
    return sentences([said, _mistaken(finding, language)], language)


def _verdict(found: ModelDiff, language: str) -> str:
    one, other = found.names
    facts = {"one": one, "other": other, "steps": len(found.tokens)}
    if found.parting is not None:
        return _parting(found.parting, facts, language)
    facts |= {"largest": running_text(found.largest)}
    kind = "here" if found.unfelt or found.others else "same" if found.largest else "equal"
    return word(f"doctor.{kind}", language, **facts)


def _parting(parting: Parting, facts: dict[str, object], language: str) -> str:
    numbers = _apart(parting.one, parting.other)
    return word(
        f"doctor.part.{parting.place.kind}",
        language,
        **facts,
        place=parting.place.text(language),
        step=parting.step + 1,
        token=_token(parting, language),
        signal=word(f"signal.{parting.signal.name}", language),
        unit=parting.unit,
        first=numbers[0],
        second=numbers[1],
    )


def _token(parting: Parting, language: str) -> str:
    """The token at the step, where it is more than the step's number."""
    if parting.token in ("", str(parting.step + 1)):
        return ""
    return word("doctor.token", language, token=token_label(parting.token))


def _apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart."""
    short = format_number(one), format_number(other)
    if short[0] != short[1]:
        return short
    for digits in range(4, 17):
        long = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if long[0] != long[1]:
            break
    return long[0].replace("-", "−"), long[1].replace("-", "−")


def _growth(found: ModelDiff, language: str) -> str:
    parting = found.parting
    if parting is None or parting.layer < 0:
        return ""
    gaps = found.growth(parting.layer)
    # A layer that reads backward ends at the first token.
    last = 0 if parting.place.direction == "backward" else len(gaps) - 1
    return word(
        "doctor.growth",
        language,
        place=parting.place.text(language),
        start=running_text(gaps[parting.step]),
        largest=running_text(gaps.max()),
        most=int(np.argmax(gaps)) + 1,
        last=running_text(gaps[last]),
    )


def _causes(found: ModelDiff, language: str) -> str:
    if found.parting is None:
        return ""
    if not found.causes:
        return _no_cause(found, language)
    # Weights and bias of a readout may have one sentence.
    causes = dict.fromkeys(cause_text(cause, found.names, language) for cause in found.causes)
    left = word("doctor.left", language, left=running_text(found.left or 0))
    return sentences([word("doctor.proved", language), *causes, left], language)


def _no_cause(found: ModelDiff, language: str) -> str:
    said = [word("doctor.no_cause", language)]
    if found.others:
        named = word("doctor.between", language).join(
            word(
                "doctor.weight",
                language,
                place=each.place.text(language),
                name=each.name,
                largest=running_text(each.largest),
            )
            for each in found.others[:_MOST_NAMED]
        )
        said.append(word("doctor.others", language, weights=named))
    return sentences(said, language)


def _unfelt(found: ModelDiff, language: str) -> str:
    if not found.unfelt:
        return ""
    causes = dict.fromkeys(cause_text(cause, found.names, language) for cause in found.unfelt)
    return sentences([word("doctor.unfelt", language), *causes], language)


def _assumed(found: ModelDiff, language: str) -> Iterator[str]:
    for name, assumption in found.assumed:
        clause = assumption.text(language)
        yield word("doctor.assumed", language, name=name, clause=clause)


def _places(places: Iterable[ModelPlace], language: str) -> str:
    named = [place.text(language) for place in places]
    more = ["…"] if len(named) > _MOST_NAMED else []
    return word("doctor.between", language).join([*named[:_MOST_NAMED], *more])


def _roles(finding: Finding, language: str) -> str:
    named = (word(f"doctor.role.{role}", language) for role in finding.fact("roles").split())
    return word("doctor.between", language).join(named)


def _moves(finding: Finding, names: tuple[str, str], language: str) -> str:
    pairs = (move.split(":") for move in finding.fact("moves").split())
    said = (
        word(
            "doctor.move",
            language,
            one=names[0],
            other=names[1],
            gate=word(f"signal.{gate}", language),
            place=word(f"signal.{place}", language),
        )
        for gate, place in pairs
    )
    return word("doctor.between", language).join(said)


def _two_settings(finding: Finding, language: str) -> dict[str, str]:
    """The setting in either model, and its gate."""
    mine, theirs = finding.fact("one"), finding.fact("other")
    if finding.name == "direction":
        mine, theirs = (word(f"direction.{each}", language) for each in (mine, theirs))
    if finding.name == "clip":
        mine, theirs = (_clip(each, language) for each in (mine, theirs))
    gate = finding.fact("gate").replace("cell_activation", "cell")
    named = {"gate": word(f"signal.{gate}", language)} if gate else {}
    return {"first": mine, "second": theirs, **named}


def _clip(number: str, language: str) -> str:
    if number == "∞":
        return word("doctor.no_clip", language)
    return word("doctor.clip", language, number=number)


def _mistaken(finding: Finding, language: str) -> str:
    """The two frameworks whose orders of gates were taken for each other."""
    stored, read = finding.fact("stored"), finding.fact("read")
    if not stored:
        return ""
    frameworks = {"stored": _FRAMEWORKS[stored], "read": _FRAMEWORKS[read]}
    return word("doctor.mistaken", language, **frameworks)
