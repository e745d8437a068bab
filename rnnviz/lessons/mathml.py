r"""LaTeX of the lessons to MathML, which browsers draw and print without any library.

W3C, "MathML Core". Commands other than those below raise, so that the lessons' tests find a
formula that a sheet cannot show.
"""

from __future__ import annotations

import re
from html import escape

from rnnviz.errors import InputError

_TOKEN = re.compile(r"\\[A-Za-z]+|\\[,;!{}| ]|[0-9.]+|\s+|.")
_OPERATORS = {
    r"\odot": "⊙",
    r"\cdot": "·",
    r"\times": "×",
    r"\sum": "∑",
    r"\prod": "∏",
    r"\partial": "∂",
    r"\le": "≤",
    r"\ge": "≥",
    r"\neq": "≠",
    r"\approx": "≈",
    r"\to": "→",
    r"\Rightarrow": "⇒",
    r"\in": "∈",
    r"\top": "⊤",
    r"\dots": "…",
    r"\cdots": "⋯",
    r"\infty": "∞",
    r"\pm": "±",
    r"\{": "{",
    r"\}": "}",
    r"\|": "‖",
    "-": "−",
    "−": "−",
}
_LETTERS = {
    r"\sigma": "σ",
    r"\tau": "τ",
    r"\theta": "θ",
    r"\lambda": "λ",
    r"\rho": "ρ",
    r"\alpha": "α",
    r"\Delta": "Δ",
    r"\delta": "δ",
    r"\epsilon": "ϵ",
    r"\ell": "ℓ",
}
_NAMED = {rf"\{name}": name for name in ("tanh", "exp", "ln", "log", "max", "min", "det", "diag")}
_NAMED[r"\softmax"] = "softmax"
_SPACES = {r"\quad": 1.0, r"\qquad": 2.0, r"\,": 0.17, r"\;": 0.28, r"\ ": 0.25, r"\!": -0.17}
_ACCENTS = {r"\tilde": "~", r"\hat": "^", r"\bar": "¯"}
_WORDS = (r"\text", r"\mathrm", r"\operatorname")
_IGNORED = (r"\left", r"\right", r"\displaystyle", r"\limits")
_UNDER = ("∑", "∏", "max", "min")


def mathml(latex: str, *, block: bool = False) -> str:
    r"""MathML element of a formula. Raises InputError for an unknown command.

    >>> mathml(r"h_{t-1}")
    '<math><msub><mi>h</mi><mrow><mi>t</mi><mo>−</mo><mn>1</mn></mrow></msub></math>'
    """
    tokens = [token for token in _TOKEN.findall(latex) if not token.isspace()]
    if r"\text" in latex:
        tokens = _TOKEN.findall(latex)
    parser = _Parser(latex, tokens)
    shown = ' display="block"' if block else ""
    return f"<math{shown}>{parser.row(until=None)}</math>"


class _Parser:
    """Parser of a formula's tokens, from left to right."""

    def __init__(self, latex: str, tokens: list[str]) -> None:
        self.latex, self.tokens, self.at = latex, tokens, 0

    def row(self, until: str | None) -> str:
        elements: list[str] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token == until:
                self.at += 1
                return "".join(elements)
            if token.isspace():
                self.at += 1
            elif token in "_^":
                elements.append(self._script(elements.pop() if elements else "<mrow></mrow>"))
            else:
                elements.append(self._one())
        if until:
            raise self._wrong(until)
        return "".join(elements)

    def _script(self, base: str) -> str:
        scripts = {"_": "", "^": ""}
        while self.at < len(self.tokens) and self.tokens[self.at] in scripts:
            mark = self.tokens[self.at]
            self.at += 1
            scripts[mark] = self._one()
        below, above = scripts["_"], scripts["^"]
        kind = "under" if any(f">{name}<" in base for name in _UNDER) else "sub"
        over = "over" if kind == "under" else "sup"
        if below and above:
            return f"<m{kind}{over}>{base}{below}{above}</m{kind}{over}>"
        tag = f"m{kind}" if below else f"m{over}"
        return f"<{tag}>{base}{below or above}</{tag}>"

    def _one(self) -> str:
        self._skip()
        if self.at >= len(self.tokens):
            raise self._wrong("")
        token = self.tokens[self.at]
        self.at += 1
        if token == "{":
            return f"<mrow>{self.row(until='}')}</mrow>"
        if token.startswith("\\"):
            return self._command(token)
        if re.fullmatch(r"[0-9.]+", token):
            return f"<mn>{token}</mn>"
        if token in _OPERATORS or not token.isalpha():
            # A bracket is as tall as its line: one round a fraction is not used.
            fixed = ' stretchy="false"' if token in "()[]|" else ""
            return f"<mo{fixed}>{escape(_OPERATORS.get(token, token))}</mo>"
        return f"<mi>{token}</mi>"

    def _command(self, token: str) -> str:
        if token in _OPERATORS:
            return f"<mo>{_OPERATORS[token]}</mo>"
        if token in _LETTERS:
            return f"<mi>{_LETTERS[token]}</mi>"
        if token in _NAMED:
            return f"<mi>{_NAMED[token]}</mi>"
        if token in _SPACES:
            return f'<mspace width="{_SPACES[token]}em"/>'
        if token in _IGNORED:
            return ""
        if token in _ACCENTS:
            return f'<mover accent="true">{self._one()}<mo>{_ACCENTS[token]}</mo></mover>'
        if token in _WORDS:
            return f"<mtext>{escape(self._word())}</mtext>"
        if token == r"\frac":
            return f"<mfrac>{self._one()}{self._one()}</mfrac>"
        if token == r"\sqrt":
            return f"<msqrt>{self._one()}</msqrt>"
        raise self._wrong(token)

    def _word(self) -> str:
        end = self.tokens.index("}", self.at)
        word = "".join(self.tokens[self.at + 1 : end])
        self.at = end + 1
        return word

    def _skip(self) -> None:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1

    def _wrong(self, came: str) -> InputError:
        return InputError(
            'The formula "{latex}" has "{came}", which a sheet cannot show; write it with the'
            " commands of rnnviz.lessons.mathml.",
            latex=self.latex,
            came=came,
        )
