// The network's answer at the player's step: large, with bars that stay in their places.
const charts = new WeakMap();
const SETTLED = 500;
// Tokens before the cursor that the passage shows.
const SHOWN = 120;
// Longer names than this need the whole width.
const SHORT = 10;

export default function mount({ data, parentElement }) {
  const before = charts.get(parentElement);
  before?.close();
  charts.set(parentElement, new AnswerChart(parentElement, unpack(data), before?.played ?? 0));
  return () => {
    charts.get(parentElement)?.close();
    charts.delete(parentElement);
  };
}

class AnswerChart {
  // `played` is the last passage that was played.
  constructor(root, header, played) {
    Object.assign(this, { header, played });
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.section = root.querySelector(".answer");
    this.section.setAttribute("aria-label", header.words.region);
    this.find("lead").textContent = header.lead;
    this.find("share").textContent = "";
    this.find("passage").hidden = true;
    this.find("notes").replaceChildren(...header.notes.flatMap((note) => [paragraph(note), " "]));
    this.rows = Array.from({ length: header.n_rows }, (_, row) => this.row(header.rows[row] ?? ""));
    if (header.words.rest) this.rest = this.row(header.words.rest);
    this.find("bars").replaceChildren(...[...this.rows, this.rest].filter(Boolean).map((r) => r.item));
    this.find("bars").classList.toggle("is-wide", header.rows.some((name) => name.length > SHORT));
    this.playhead = playheadOf(header.playhead);
    this.unsubscribe = this.playhead.subscribe(() => this.paint());
    this.paint();
  }

  row(text) {
    const item = document.createElement("li");
    const part = (tag, kind) => Object.assign(document.createElement(tag), { className: kind });
    const [name, track, value] = [part("span", "name"), part("div", "track"), part("span", "value")];
    const [fill, truth, original] = [part("div", "fill"), part("div", "mark"), part("div", "mark original")];
    truth.title = this.header.words.truth;
    original.title = this.header.words.original;
    truth.hidden = original.hidden = true;
    track.append(fill, truth, original);
    item.append(name, track, value);
    name.textContent = name.title = text;
    return { item, name, track, value, fill, truth, original, text };
  }

  // Numbers of a series at a step; undefined where the packet has none such.
  at(series, step) {
    const [start, count] = this.header.series[series] ?? [];
    return start === undefined || this.typed
      ? undefined
      : this.header.values.subarray(start + step * count, start + (step + 1) * count);
  }

  // Outputs at a step of a change that is tried out, null where there are none or names are missing.
  triedAt(step) {
    const { playhead, n_outputs: count, names, kind } = this.header;
    const outputs = this.playhead.triedOf(playhead)?.outputs;
    if (!outputs || (kind !== "numbers" && names.length < count)) return null;
    return outputs.subarray(step * count, (step + 1) * count);
  }

  // Bars of a step, the best output and the right one with their shares, and what is left.
  sharesAt(step) {
    const [values, which, best, truth, rest] = ["values", "which", "best", "truth", "rest"].map((name) =>
      this.at(name, step));
    const tried = this.triedAt(step);
    if (!tried) return { values, which, best, truth, rest: rest[0] };
    const order = Array.from(tried.keys()).sort((one, other) => tried[other] - tried[one]);
    const bars = this.header.kind === "next" ? order.slice(0, this.rows.length) : this.header.bars;
    const shares = Array.from(bars, (index) => tried[index]);
    return {
      values: shares,
      which: bars,
      best: [order[0], tried[order[0]]],
      truth: this.typed ? this.cameAfter(step, tried) : [truth[0], tried[truth[0]]],
      rest: Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0)),
    };
  }

  // The token of a typed text that comes next, with the probability that it had.
  cameAfter(step, tried) {
    const next = this.header.kind === "next" ? this.header.names.indexOf(this.typed.labels[step + 1]) : -1;
    return next < 0 ? [NaN, NaN] : [next, tried[next]];
  }

  paint() {
    const { playhead: group, n_steps: count } = this.header;
    const tried = this.playhead.triedOf(group);
    this.typed = tried?.tokens ? tried : null;
    const last = (this.typed?.tokens.length ?? count) - 1;
    const step = Math.max(0, Math.min(last, this.playhead.time));
    // The server's answer is to another text than the one being typed.
    this.section.classList.toggle("is-unknown", Boolean(this.typed) && !this.triedAt(step));
    // Notes are on the text that the server has read.
    this.section.classList.toggle("is-tried", Boolean(tried) && this.header.kind === "next");
    if (this.section.classList.contains("is-unknown")) return;
    if (this.header.passage) this.paintPassage(step);
    if (this.header.kind === "numbers") this.paintNumbers(step);
    else this.paintShares(step);
    clearTimeout(this.timer);
    if (!this.playhead.playing) this.timer = setTimeout(() => this.announce(), SETTLED);
  }

  paintPassage(step) {
    const { tokens = this.header.passage.tokens } = this.typed ?? {};
    const { glue } = this.header.passage;
    const written = this.typed ? tokens.length : this.header.passage.written;
    const first = Math.max(0, step + 1 - SHOWN);
    const read = tokens.slice(first, Math.min(step + 1, written)).join(glue);
    const own = tokens.slice(Math.max(first, written), step + 1).join(glue);
    this.find("passage").hidden = false;
    this.find("read").textContent = (first ? "…" : "") + read;
    this.find("written").textContent = own && read ? glue + own : own;
    this.playOnce(step);
  }

  // What was written is played from where it begins, once the player has it.
  playOnce(step) {
    const { written, plays, trace } = this.header.passage;
    const { playhead: group } = this.header;
    if (plays <= this.played || step !== written - 1 || !this.playhead.hasTrace({ group, trace })) return;
    this.played = plays;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // As the space bar does.
    const press = () => document.dispatchEvent(new KeyboardEvent("keydown", { key: " " }));
    if (!still && !this.playhead.playing) setTimeout(press, SETTLED);
  }

  paintShares(step) {
    const { names, kind } = this.header;
    const quoted = (index) => (kind === "next" ? `“${names[index]}”` : names[index]);
    const { values, which, best: [best, share], truth: [truth, given], rest } = this.sharesAt(step);
    const original = this.at("original", step);
    this.find("name").textContent = quoted(best);
    this.find("share").textContent = this.percent(share);
    this.rows.forEach((row, i) => {
      const index = which[i];
      const isTrue = index === truth;
      if (kind === "next") row.text = quoted(index);
      row.name.textContent = row.text + (isTrue ? " ✓" : "");
      row.name.title = isTrue ? `${row.text}: ${this.header.words.truth}` : row.text;
      this.bar(row, 0, values[i], this.percent(values[i]), index === best);
      mark(row.original, original && kind !== "next" ? original[i] : NaN);
    });
    if (this.rest) this.bar(this.rest, 0, rest, this.percent(rest), false);
    const { came, right, was } = this.header.words;
    const lines = [];
    if (!Number.isNaN(truth)) {
      const text = kind === "next" ? came : right;
      lines.push(filled(text, { name: quoted(truth), share: this.percent(given) }));
    }
    const before = this.at("before", step);
    if (before) lines.push(filled(was, { name: quoted(before[0]), share: this.percent(before[1]) }));
    this.find("truth").textContent = lines.join(" · ");
  }

  paintNumbers(step) {
    const { low, high, words } = this.header;
    const place = (value) => (value - low) / (high - low);
    const tried = this.triedAt(step);
    const values = tried ? this.header.bars.map((output) => tried[output]) : this.at("values", step);
    const truth = this.at("truth", step) ?? [];
    const original = this.at("original", step);
    this.find("name").textContent = Array.from(values, digits).join(" · ");
    this.rows.forEach((row, i) => {
      const [from, to] = [place(0), place(values[i])].sort((a, b) => a - b);
      this.bar(row, from, to - from, digits(values[i]), true);
      mark(row.truth, place(truth[i] ?? NaN));
      mark(row.original, original ? place(original[i]) : NaN);
    });
    const known = Array.from(truth).some((value) => !Number.isNaN(value));
    const right = Array.from(truth, digits).join(" · ");
    const lines = known ? [filled(words.right, { name: right })] : [];
    if (original) lines.push(filled(words.was, { name: Array.from(original, digits).join(" · ") }));
    this.find("truth").textContent = lines.join(" — ");
  }

  bar(row, from, size, text, isBest) {
    row.fill.style.setProperty("--from", `${100 * from}%`);
    row.fill.style.setProperty("--size", `${100 * size}%`);
    row.value.textContent = text;
    for (const part of [row.name, row.track, row.value]) part.classList.toggle("is-best", isBest);
  }

  percent(share) {
    return shareText(share, this.header.words.percent);
  }

  announce() {
    const parts = ["lead", "name", "share", "truth"].map((name) => this.find(name).textContent);
    this.find("status").textContent = parts.filter(Boolean).join(" ");
  }

  close() {
    clearTimeout(this.timer);
    this.unsubscribe();
  }
}

function mark(element, place) {
  element.hidden = Number.isNaN(place);
  element.style.setProperty("--at", `${100 * place}%`);
}

function digits(value) {
  if (Number.isNaN(value)) return "?";
  const size = Math.abs(value);
  const text = size && (size < 1e-3 || size >= 1e5) ? value.toExponential(1) : value.toFixed(size < 10 ? 2 : 1);
  return text.replace("-", "−");
}

function paragraph(text) {
  const line = document.createElement("p");
  line.textContent = text;
  return line;
}
