// A typed text as the network reads it. A text that only Python can read is left to the server.
const UNREADABLE = /[\p{Cc}--[\t\n\r]]/v;
// Marks and joiners belong to the word that they stand in.
const JOINING = /[\p{M}\p{Cf}\u200b]/v;
// As rnnviz/inputs/tokenise.py splits words, where every character is one code point.
const LETTERS = String.raw`[[\p{L}\p{N}\p{Pc}]--\p{sc=Han}]+`;
const WORD = new RegExp(
  String.raw`\p{sc=Han}|${LETTERS}(?:(?:['’·‧״]|(?<=\p{Nd})[.,٫٬](?=\p{Nd}))${LETTERS})*|\S`,
  "gv",
);
const CHARACTERS = new Intl.Segmenter("en", { granularity: "grapheme" });
// Of a token that is not in the list the label is the token, if it can be seen.
const VISIBLE = /^[\p{L}\p{N}\p{P}\p{S}]{1,24}$/v;

class TextReader {
  // `spec` is what typed_text.py sends, its embedding in place.
  constructor(spec) {
    Object.assign(this, spec);
    this.ids = new Map(spec.names.map((name, id) => [name, id]));
    this.split = spec.kind === "words" ? wordsOf : charactersOf;
    this.joining = spec.joined.length ? joinedPattern(spec) : null;
  }

  // Tokens, their labels and the inputs (step, input) of a text; null where the server has to read it.
  read(text) {
    const tokens = UNREADABLE.test(text) ? null : this.tokens(text);
    if (!tokens?.length) return null;
    const ids = this.isByAppearance ? this.inOrder(tokens) : tokens.map((token) => this.ids.get(token) ?? this.unknown);
    const labels = tokens.map((token, step) => this.label(token, ids?.[step]));
    if (!ids || [...ids, ...labels].includes(null)) return null;
    const read = ids.map((id, step) => (id === this.unknown ? this.names[id] : tokens[step]));
    return { tokens: read, labels, inputs: this.inputs(ids) };
  }

  tokens(text) {
    const parts = (this.joining ? text.split(this.joining) : [text]).map((part, i) => (i % 2 ? [part] : this.split(part)));
    return parts.includes(null) ? null : parts.flat();
  }

  // An untrained network gives tokens its inputs in the order in which they appear; with another
  // number of inputs it has other weights.
  inOrder(tokens) {
    const order = [...new Set(tokens)];
    return order.length === this.names.length ? tokens.map((token) => order.indexOf(token)) : null;
  }

  label(token, id) {
    if (!this.isByAppearance) return this.labels[id] ?? null;
    return this.labels[this.ids.get(token)] ?? (VISIBLE.test(token) ? token : null);
  }

  inputs(ids) {
    const { width, embedding } = this;
    const values = new Float64Array(ids.length * width);
    for (const [step, id] of ids.entries()) {
      if (embedding) values.set(embedding.subarray(id * width, (id + 1) * width), step * width);
      else values[step * width + id] = 1;
    }
    return values;
  }
}

function charactersOf(text) {
  return Array.from(CHARACTERS.segment(text), ({ segment }) => segment);
}

function wordsOf(text) {
  const isPlain = !JOINING.test(text) && charactersOf(text).every((one) => one.length === String.fromCodePoint(one.codePointAt(0)).length);
  return isPlain ? text.match(WORD) ?? [] : null;
}

// What of a text is one token though it is several characters, the longest; a word not inside another.
function joinedPattern({ joined, kind }) {
  const longest = [...joined].sort((one, other) => other.length - one.length);
  const whole = longest.map((token) => token.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|");
  const edge = kind === "words" ? String.raw`(?:(?<![\p{L}\p{N}])|(?![\p{L}\p{N}]))` : "";
  return new RegExp(`${edge}(${whole})${edge}`, "u");
}
