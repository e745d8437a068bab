// The cell as a drawing: at every tick its graph is evaluated and attributes follow, nothing is made.
const diagrams = new WeakMap();

export default function mount({ data, parentElement }) {
  diagrams.get(parentElement)?.close();
  diagrams.set(parentElement, new LiveCell(parentElement, unpack(data)));
  return () => {
    diagrams.get(parentElement)?.close();
    diagrams.delete(parentElement);
  };
}

const SVG = "http://www.w3.org/2000/svg";
const RESTED = 400;
// More units than this share the marks of a strip: narrower ones could not be told apart.
const MARKS = 64;
const SHADES = 256;
const TRACED = new Set(["dense", "project", "normalise", "max"]);
const OPERATIONS = {
  after: (value) => value,
  times: (one, other) => one * other,
  plus: (one, other) => one + other,
  one_minus: (value) => 1 - value,
  divide: (one, other) => one / other,
  share: (one, other) => one / (one + other),
};

class LiveCell {
  constructor(root, packet) {
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.packet = packet;
    this.clock = clockOf(packet.clock);
    this.values = new Map(packet.nodes.map(({ name, signal }) => [name, new Float64Array(this.count(signal))]));
    this.operations = { ...OPERATIONS, squash: packet.squash ? activation(packet.squash) : null };
    this.shades = new Map(Object.entries(packet.scales).map(([name, scale]) => [name, shades(scale)]));
    this.signals = new Map(packet.nodes.map(({ name, signal }) => [name, signal]));
    this.drawing = this.find("drawing");
    this.draw();
    this.caption();
    this.listen();
    this.follow = paced(this.clock, () => this.update());
    this.leave = this.clock.subscribe(this.follow);
    this.update();
    this.describe();
  }

  // Of a signal's numbers: the units shown, or what they are projected onto.
  count(signal) {
    return this.packet.apart[signal] ?? this.packet.units.length;
  }

  get row() {
    return Math.max(0, this.packet.units.indexOf(this.clock.unit));
  }

  get time() {
    return Math.min(this.clock.time, this.packet.tokens.length - 1);
  }

  // Wires, signs, words and strips, each in the place that Python gave it.
  draw() {
    const { size, font, colours, wires, dots, boxes, labels, strips } = this.packet;
    this.drawing.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
    this.drawing.setAttribute("font-family", font);
    this.drawing.replaceChildren();
    // Later wires pass over earlier ones, with air on both sides.
    this.wires = wires.map((wire) => this.wire(wire));
    for (const { at, colour } of dots) {
      this.add("circle", { cx: at[0], cy: at[1], r: 2.4, fill: colour });
    }
    this.gates = boxes.map((box) => this.box(box)).filter(Boolean);
    this.texts = labels.flatMap((label) => this.label(label));
    this.strips = strips.map((strip) => this.strip(strip));
    this.drawing.style.setProperty("--paper", colours.paper);
  }

  add(tag, attributes, parent = this.drawing) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return parent.appendChild(made);
  }

  wire({ path, tip, gate, feeds, colour }) {
    const look = { d: path, fill: "none", "stroke-linejoin": "round" };
    this.add("path", { ...look, stroke: this.packet.colours.paper, "stroke-width": 6 });
    const opacity = feeds ? 0.5 : 1;
    const line = this.add("path", { ...look, stroke: colour, opacity, "stroke-width": feeds ? 1.3 : 2 });
    if (tip) this.add("path", { d: tip, fill: colour, opacity: feeds ? 0.75 : 1 });
    return { line, gate };
  }

  box({ shape, at: [x, y, width, height], glyph, title, signal, colour }) {
    const { paper, ink } = this.packet.colours;
    const place = { x, y, width, height, rx: shape === "circle" ? width / 2 : 8 };
    const group = this.add("g", { class: signal ? "gate" : "sign" });
    const frame = this.add("rect", { ...place, fill: paper, stroke: colour, "stroke-width": 1.6 }, group);
    if (title) this.add("title", {}, group).textContent = title;
    if (signal) {
      group.addEventListener("click", () => this.clock.setSignal(signal));
      return { frame, signal };
    }
    const size = glyph.length > 1 ? 12 : Math.min(17, width * 0.8);
    const middle = { x: x + width / 2, y: y + height / 2 + size * 0.35, "text-anchor": "middle" };
    this.add("text", { ...middle, "font-size": size, fill: ink }, group).textContent = glyph;
  }

  // Answers the runs that change: those with a gap to be filled in.
  label({ node, role, at: [x, y], align, size, runs }) {
    const weight = role === "name" || role === "phrase" ? 600 : 400;
    const look = { x, y, "text-anchor": align, "font-size": size, "font-weight": weight };
    const text = this.add("text", { ...look, "data-node": node, "data-role": role });
    text.style.whiteSpace = "pre";
    text.style.pointerEvents = "none";
    text.style.fontVariantNumeric = "tabular-nums";
    return runs.flatMap(([words, fill]) => {
      const run = this.add("tspan", { fill }, text);
      run.textContent = words;
      if (words === "{value}" || words === "{token}") run.setAttribute("font-weight", 600);
      return words.includes("{") ? [{ run, words, node }] : [];
    });
  }

  strip({ node, at: [x, y, width, height] }) {
    const signal = this.signals.get(node);
    const isApart = signal in this.packet.apart;
    const count = this.count(signal);
    const each = Math.ceil(count / MARKS);
    const marks = Math.ceil(count / each);
    const group = this.add("g", { class: "strip", "data-node": node });
    // Taller than what is seen, for fingers.
    this.add("rect", { x, y: y - 5, width, height: height + 10, fill: "transparent" }, group);
    const wide = width / marks;
    const cells = Array.from({ length: marks }, (_, i) =>
      this.add("rect", { x: x + i * wide, y, width: wide, height, "shape-rendering": "crispEdges" }, group),
    );
    const { ink, paper } = this.packet.colours;
    const around = { y: y - 2, width: wide + 2, height: height + 4, rx: 1.5, fill: "none" };
    if (isApart) return { node, each, cells, shown: new Int16Array(marks).fill(-1) };
    const marker = this.add("g", {}, group);
    this.add("rect", { ...around, stroke: paper, "stroke-width": 3 }, marker);
    this.add("rect", { ...around, stroke: ink, "stroke-width": 1.4 }, marker);
    group.addEventListener("click", (event) => this.pick(event, node, group.firstChild, marks, each));
    return { node, each, left: x - 1, wide, cells, marker, shown: new Int16Array(marks).fill(-1) };
  }

  pick(event, node, area, marks, each) {
    const { left, width } = area.getBoundingClientRect();
    const mark = Math.floor((marks * (event.clientX - left)) / width);
    const row = Math.max(0, Math.min(this.packet.units.length - 1, mark * each));
    this.clock.setSignal(this.signals.get(node));
    this.clock.setUnit(this.packet.units[row]);
  }

  caption() {
    const { words, units } = this.packet;
    const each = Math.ceil(units.length / MARKS);
    this.find("title").textContent = words.title;
    const strips = filled(each > 1 ? words.bins : words.strips, { count: units.length, each });
    this.find("strips").textContent = strips;
    for (const part of ["above", "below"]) {
      this.find(part).title = words[part];
      this.find(part).setAttribute("aria-label", words[part]);
    }
  }

  // Properties, not listeners: these elements stay when a new packet comes.
  listen() {
    this.find("above").onclick = () => this.move(-1);
    this.find("below").onclick = () => this.move(1);
    this.drawing.onkeydown = (event) => {
      const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.shiftKey) this.turn(way);
      else this.move(way);
      event.preventDefault();
      event.stopPropagation();
    };
  }

  move(way) {
    const { units } = this.packet;
    this.clock.setUnit(units[Math.max(0, Math.min(units.length - 1, this.row + way))]);
  }

  turn(way) {
    const signals = this.gates.map(({ signal }) => signal);
    const here = signals.indexOf(this.clock.signal);
    const next = here < 0 ? (way > 0 ? 0 : signals.length - 1) : here + way;
    this.clock.setSignal(signals[Math.max(0, Math.min(signals.length - 1, next))]);
  }

  update() {
    if (!this.clock.has(this.packet)) return;
    this.evaluate();
    const { row } = this;
    const at = (node) => this.values.get(node)[row];
    const token = this.packet.tokens[this.time];
    for (const { run, words, node } of this.texts) {
      const value = at(node);
      write(run, filled(words, { value: digits(value), percent: Math.round(100 * value), token }));
    }
    for (const { line, gate } of this.wires) {
      // A wire is as wide as the gate before it is open.
      if (gate) line.setAttribute("stroke-width", (0.8 + 3.2 * at(gate)).toFixed(2));
    }
    for (const strip of this.strips) this.colour(strip, row);
    for (const { frame, signal } of this.gates) {
      frame.setAttribute("stroke-width", signal === this.clock.signal ? 3 : 1.6);
    }
    write(this.find("unit"), filled(this.packet.words.unit, { unit: this.packet.units[row] }));
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.describe(), RESTED);
  }

  // The drawing is the equation: what is not given is computed along its wires.
  evaluate() {
    for (const { name, kind, inputs, signal } of this.packet.nodes) {
      const own = this.values.get(name);
      if (TRACED.has(kind)) own.set(this.clock.at(this.packet.group, signal, this.time));
      else if (kind === "before") own.set(this.before(signal));
      else if (kind in this.operations) {
        const [one, other] = inputs.map((input) => this.values.get(input));
        const operation = this.operations[kind];
        for (let u = 0; u < own.length; u++) own[u] = operation(one[u], other?.[u]);
      }
    }
  }

  // The state that this step started from: that of the step read before it, or the initial one.
  before(state) {
    const { group, backward, initial, tokens } = this.packet;
    const time = this.time + (backward ? 1 : -1);
    return time < 0 || time >= tokens.length ? initial[state] : this.clock.at(group, state, time);
  }

  colour({ node, each, left, wide, cells, marker, shown }, row) {
    const values = this.values.get(node);
    const { low, high, colours } = this.shades.get(this.signals.get(node));
    const place = (SHADES - 1) / (high - low);
    for (let i = 0; i < cells.length; i++) {
      const mean = each === 1 ? values[i] : average(values, i * each, each);
      const shade = Math.max(0, Math.min(SHADES - 1, Math.round((mean - low) * place)));
      if (shade === shown[i]) continue;
      shown[i] = shade;
      cells[i].setAttribute("fill", colours[shade]);
    }
    if (!marker) return;
    const x = left + Math.floor(row / each) * wide;
    if (marker.at === x) return;
    marker.at = x;
    marker.setAttribute("transform", `translate(${x.toFixed(2)})`);
  }

  // What the picture says, in words; said when the clock rests, for a reader cannot follow sixty.
  describe() {
    const { words, first, whole, units } = this.packet;
    const parts = new Map();
    for (const text of this.drawing.querySelectorAll("text[data-node]:not([data-role=formula])")) {
      parts.set(text.dataset.node, [...(parts.get(text.dataset.node) ?? []), text.textContent]);
    }
    const values = [...parts.values()].map((texts) => texts.join(" "));
    const facts = { cell: words.cell, step: first + this.time + 1, count: whole, unit: units[this.row] };
    this.drawing.setAttribute("aria-label", filled(words.alt, { ...facts, values: values.join("; ") }));
  }

  close() {
    clearTimeout(this.resting);
    this.follow.cancel();
    this.leave();
  }
}

function shades({ low, high, stops }) {
  const from = stops.map(([place, colour]) => [place, channels(colour)]);
  const colours = Array.from({ length: SHADES }, (_, i) => {
    const place = i / (SHADES - 1);
    const next = Math.max(1, from.findIndex(([end]) => end >= place));
    const [[start, one], [end, other]] = [from[next - 1], from[next]];
    const part = (place - start) / (end - start);
    return `rgb(${one.map((value, c) => Math.round(value + part * (other[c] - value)))})`;
  });
  return { low, high, colours };
}

function channels(colour) {
  const digits = colour.startsWith("#") ? colour.match(/[0-9a-f]{2}/gi).map((two) => parseInt(two, 16)) : null;
  return digits ?? colour.match(/[\d.]+/g).map(Number);
}

function average(values, start, count) {
  const end = Math.min(values.length, start + count);
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i];
  return sum / (end - start);
}

function filled(words, facts) {
  return words.replace(/\{(\w+)\}/g, (gap, name) => facts[name] ?? gap);
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function digits(value) {
  return value.toFixed(2).replace(/^-(?=0\.00$)/, "").replace("-", "−");
}
