// Arithmetic of the picked number at the player's step. The server has sent every step's, so that
// this never shows another step than the drawing; what is not there yet is dimmed, with a mark. What
// is tried out the page works out itself.
const arithmetics = new WeakMap();
const NS = "http://www.w3.org/2000/svg";
const HEIGHT = 92;
const LABELS = 16;
const MOST_LABELS = 28;

export default function mount({ data, parentElement }) {
  arithmetics.get(parentElement)?.close();
  arithmetics.set(parentElement, new Arithmetic(parentElement, unpack(data)));
  return () => {
    arithmetics.get(parentElement)?.close();
    arithmetics.delete(parentElement);
  };
}

class Arithmetic {
  constructor(root, packet) {
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.sent = packet;
    this.playhead = playheadOf(packet.playhead);
    this.show = throttled(this.playhead, () => this.update());
    this.unsubscribe = this.playhead.subscribe(this.show);
    this.resizeObserver = new ResizeObserver(() => this.update());
    this.resizeObserver.observe(this.find("parts"));
    this.update();
  }

  // Shows a packet, the server's or that of a change that is tried out.
  take(packet) {
    if (packet === this.packet) return;
    this.packet = packet;
    this.cut();
    this.rows();
  }

  // Packet of a change that is tried out, kept until the server has sent its own; null without one.
  tried() {
    const { sent, playhead } = this;
    const { signal, unit, time } = playhead;
    const tried = playhead.triedOf(sent.playhead);
    const at = `${signal} ${unit} ${time}`;
    if (tried) this.last = { at, packet: tried.arithmetic?.(signal, unit, time) ?? null };
    else if (this.last?.at !== at || playhead.hasTrace({ group: sent.playhead, trace: sent.trace })) this.last = null;
    return this.last?.packet ?? null;
  }

  // The arrays of the packet, one after the other: a row each and their sum, then the memory's.
  cut() {
    const { packet } = this;
    const count = packet.stop - packet.start;
    let at = 0;
    const take = (length) => packet.values.subarray(at, (at += length));
    this.numbers = packet.rows.map(() => take(count));
    this.sums = packet.rows.length ? take(count) : null;
    const length = packet.memory?.tokens.length ?? 0;
    if (packet.memory) [this.kept, this.written, this.byHand] = [take(length), take(length), take(length)];
    // One reach for all steps of a pick, so that bars can be compared from step to step.
    const pick = `${packet.signal} ${packet.unit}`;
    if (pick !== this.pick) this.reach = 1e-9;
    this.pick = pick;
    for (const row of [...this.numbers, this.sums ?? []])
      for (const value of row) if (Math.abs(value) > this.reach) this.reach = Math.abs(value);
  }

  rows() {
    const { rows, words } = this.packet;
    this.find("table").hidden = !rows.length;
    const all = rows.length ? [...rows, { labels: [words.sum], made: [] }] : [];
    if (all.length === this.lines?.length) return;
    this.lines = all.map(() => tableRow());
    this.find("rows").replaceChildren(...this.lines.map(({ row }) => row));
  }

  get isReady() {
    const { packet, playhead } = this;
    const isHere = playhead.time >= packet.start && playhead.time < packet.stop;
    return isHere && playhead.unit === packet.unit && playhead.signal === packet.signal;
  }

  update() {
    const isTried = this.playhead.triedOf(this.sent.playhead) !== null;
    const tried = this.tried();
    this.take(tried ?? this.sent);
    // The server's terms are not those of a change that is tried out.
    const isHidden = isTried && !tried;
    this.find("all").style.visibility = isHidden ? "hidden" : "";
    if (isHidden) return;
    const { packet, playhead } = this;
    const { words } = packet;
    const step = packet.first + playhead.time + 1;
    this.find("all").classList.toggle("waiting", !this.isReady);
    if (!this.isReady) {
      this.find("place").textContent = words.waiting;
      return;
    }
    const at = playhead.time - packet.start;
    const [before, name, after] = packet.title;
    this.find("before").textContent = before;
    this.find("number").textContent = `${name} ${packet.numbers[at]}`;
    this.find("number").style.color = packet.colour;
    this.find("after").textContent = after;
    const place = filled(words.place, { unit: packet.unit, step });
    this.find("place").textContent = packet.held[at] ? `${place}, ${words.held}` : place;
    this.find("untouched").hidden = !packet.before;
    if (packet.before)
      this.find("untouched").textContent = filled(words.untouched, { one: packet.before[at], other: packet.numbers[at] });
    this.bars(at);
    this.find("made").textContent = packet.made[at] ?? "";
    this.find("lines").replaceChildren(...packet.lines[at].map((line) => paragraph(line)));
    this.memory();
  }

  bars(at) {
    if (!this.sums) return;
    const { rows, words } = this.packet;
    const values = [...this.numbers, this.sums].map((row) => row[at]);
    const texts = column(values);
    this.lines.forEach((line, i) => {
      const value = values[i];
      const isThere = !Number.isNaN(value);
      const labels = rows[i]?.labels ?? [words.sum];
      const label = labels.length > 1 ? labels[at] : labels[0];
      line.row.classList.toggle("absent", !isThere);
      if (!isThere) return;
      line.head.textContent = label;
      line.row.title = rows[i]?.made[at] ? `${label} = ${rows[i].made[at]} = ${texts[i]}` : `${label} = ${texts[i]}`;
      line.text.textContent = texts[i];
      const wide = (50 * Math.abs(value)) / this.reach;
      line.fill.style.left = `${value < 0 ? 50 - wide : 50}%`;
      line.fill.style.width = `${wide}%`;
      line.fill.style.background = this.packet.bars[value < 0 ? 1 : 0];
    });
  }

  // What is left here of each step's writing: what it wrote times what every later step kept.
  parts() {
    const { memory, backward } = this.packet;
    const { time } = this.playhead;
    const turn = backward ? 1 : -1;
    const parts = [];
    let share = 1;
    for (let k = time; k >= 0 && k < memory.tokens.length; k += turn) {
      parts.push({ step: k, value: share * this.written[k], kind: "written" });
      if (this.byHand[k]) parts.push({ step: k, value: share * this.byHand[k], kind: "by_hand" });
      share *= this.kept[k];
    }
    if (memory.initial) parts.push({ step: null, value: share * memory.initial, kind: "initial" });
    return parts;
  }

  memory() {
    const { memory, first, bars } = this.packet;
    this.find("memory").hidden = !memory;
    if (!memory) return;
    const parts = this.parts();
    const total = parts.reduce((sum, { value }) => sum + value, 0);
    const most = parts.reduce((one, other) => (Math.abs(other.value) > Math.abs(one.value) ? other : one));
    const isAlone = parts.every((part) => part === most || !part.value);
    const said = filled(memory.words[isAlone ? `only_${most.kind}` : most.kind], {
      signal: memory.name,
      value: shortNumber(total),
      part: shortNumber(most.value),
      step: first + most.step + 1,
      token: memory.tokens[most.step] ?? "",
      count: parts.length - 1,
      rest: shortNumber(total - most.value),
    });
    this.find("sentence").textContent = said;
    this.find("caption").textContent = memory.words.caption;
    const svg = this.find("parts");
    svg.setAttribute("aria-label", said);
    this.drawParts(svg, parts, most, bars);
  }

  drawParts(svg, parts, most, [positive, negative]) {
    const { tokens } = this.packet.memory;
    const wide = svg.clientWidth || 360;
    svg.setAttribute("viewBox", `0 0 ${wide} ${HEIGHT}`);
    const [ink, line] = ["--st-text-color", "--st-border-color"].map((name) => `var(${name})`);
    // The first column is of the initial state.
    const column = wide / (tokens.length + 1);
    const reach = Math.max(...parts.map(({ value }) => Math.abs(value)), 1e-9);
    const middle = (HEIGHT - LABELS) / 2;
    const scale = (middle - 3) / reach;
    const left = ({ step }) => (step === null ? 0 : step + 1) * column;
    const drawn = [shape("path", { d: `M0 ${middle} H${wide}`, stroke: line, "stroke-width": 1 })];
    for (const part of parts) {
      const tall = Math.max(0.5, Math.abs(part.value) * scale);
      const bar = shape("rect", {
        x: left(part) + column * 0.12,
        y: part.value < 0 ? middle : middle - tall,
        width: Math.max(1, column * 0.76),
        height: tall,
        fill: part.value < 0 ? negative : positive,
        opacity: part.kind === "by_hand" ? 0.5 : 1,
      });
      const where = part.step === null ? "" : `${this.packet.first + part.step + 1} ${tokens[part.step]}: `;
      bar.append(Object.assign(shape("title", {}), { textContent: where + shortNumber(part.value) }));
      drawn.push(bar);
    }
    const isCrowded = tokens.length > MOST_LABELS || column < 12;
    const named = isCrowded ? [most.step, this.playhead.time] : tokens.map((_, step) => step);
    for (const step of new Set(named.filter((one) => one !== null))) {
      const isHere = step === this.playhead.time;
      const look = { "text-anchor": "middle", "font-size": 11, fill: ink, "font-weight": isHere ? 700 : 400 };
      const label = shape("text", { x: (step + 1.5) * column, y: HEIGHT - 3, ...look });
      // The beginning of a long token, of a date for one, says less than the number of its step.
      const short = tokens[step].length > 8 ? this.packet.first + step + 1 : tokens[step];
      label.textContent = isCrowded ? short : tokens[step].slice(0, Math.max(1, Math.floor(column / 7)));
      drawn.push(label);
    }
    svg.replaceChildren(...drawn);
  }

  close() {
    this.show.cancel();
    this.resizeObserver.disconnect();
    this.unsubscribe();
  }
}

function tableRow() {
  const row = document.createElement("tr");
  const head = row.appendChild(document.createElement("th"));
  head.scope = "row";
  const bar = row.insertCell().appendChild(document.createElement("div"));
  bar.className = "bar";
  const fill = bar.appendChild(document.createElement("i"));
  return { row, head, fill, text: row.insertCell() };
}

function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

function shape(tag, attributes) {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Numbers of a column, with as many decimals as the largest has.
function column(values) {
  const largest = Math.max(...values.filter((value) => !Number.isNaN(value)).map(Math.abs));
  if (!isPlain(largest)) return values.map(shortNumber);
  const digits = decimals(largest);
  return values.map((value) => value.toFixed(digits).replace(/^-(?=0(\.0*)?$)/, "").replace("-", "−"));
}
