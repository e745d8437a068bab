// Live cell diagram: every step evaluates its graph and sets attributes; no element is created.
const diagrams = new WeakMap();

export default function mount(given) {
  const { data, parentElement, setTriggerValue } = given;
  const packet = unpack(data);
  keepServed("diagram", packet.playhead, given, mount);
  diagrams.get(parentElement)?.close();
  const hold = (asked) => setTriggerValue("hold", asked);
  diagrams.set(parentElement, new LiveCell(parentElement, packet, hold));
  return () => {
    diagrams.get(parentElement)?.close();
    diagrams.delete(parentElement);
  };
}

const SVG = "http://www.w3.org/2000/svg";
const DELAY = 400;

class LiveCell {
  constructor(root, packet, hold) {
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.packet = packet;
    this.playhead = playheadOf(packet.playhead);
    this.values = new DiagramValues(packet, this.playhead);
    this.colourScales = new Map(
      Object.entries(packet.scales).map(([name, scale]) => [name, colourScale(scale)]),
    );
    this.signals = new Map(packet.nodes.map(({ name, signal }) => [name, signal]));
    this.kinds = new Map(packet.nodes.map(({ name, kind }) => [name, kind]));
    this.drawing = this.find("drawing");
    this.handles = packet.canHold ? new GateHandles(this, hold) : null;
    const focused = this.handles?.focused();
    this.draw();
    this.handles?.focus(focused);
    this.caption();
    this.listen();
    this.refresh = throttled(this.playhead, () => this.update());
    this.unsubscribe = this.playhead.subscribe(this.refresh);
    this.update();
    this.describe();
    this.picture = this.picture.bind(this);
    this.playhead.drawings.set(packet.group, this.picture);
  }

  get row() {
    return Math.max(0, this.packet.units.indexOf(this.playhead.unit));
  }

  get time() {
    return this.values.time;
  }

  // Wires, operators, labels and strips, at the positions that Python laid out.
  draw() {
    const { size, font, colours, wires, dots, boxes, labels, strips } = this.packet;
    this.drawing.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
    this.drawing.setAttribute("font-family", font);
    this.drawing.replaceChildren();
    // Later wires cross over earlier ones, with a gap on both sides.
    this.wires = wires.map((wire) => this.wire(wire));
    for (const { at, colour } of dots) {
      this.add("circle", { cx: at[0], cy: at[1], r: 2.4, fill: colour });
    }
    this.gates = boxes.map((box) => this.box(box)).filter(Boolean);
    this.texts = labels.flatMap((label) => this.label(label));
    this.strips = strips.map((strip) => new DiagramStrip(this, strip));
    this.handles?.addBadges();
    this.drawing.style.setProperty("--paper", colours.paper);
    this.drawing.setAttribute("role", this.handles ? "group" : "img");
  }

  add(tag, attributes, parent = this.drawing) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return parent.appendChild(element);
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
    const position = { x, y, width, height, rx: shape === "circle" ? width / 2 : 8 };
    const group = this.add("g", { class: signal ? "gate" : "operator" });
    const frame = this.add("rect", { ...position, fill: paper, stroke: colour, "stroke-width": 1.6 }, group);
    if (title) this.add("title", {}, group).textContent = title;
    if (signal) {
      group.addEventListener("click", () => this.playhead.setSignal(signal));
      const gate = { frame, signal, group, rect: { x, y, width, height }, colour };
      this.handles?.add(gate);
      return gate;
    }
    const size = glyph.length > 1 ? 12 : Math.min(17, width * 0.8);
    const middle = { x: x + width / 2, y: y + height / 2 + size * 0.35, "text-anchor": "middle" };
    this.add("text", { ...middle, "font-size": size, fill: ink }, group).textContent = glyph;
  }

  // Returns the text runs with placeholders, which change at every step.
  label({ node, role, at: [x, y], align, size, runs, spoken }) {
    const weight = role === "name" || role === "phrase" ? 600 : 400;
    const look = { x, y, "text-anchor": align, "font-size": size, "font-weight": weight };
    const text = this.add("text", { ...look, "data-node": node, "data-role": role });
    if (spoken) text.dataset.spoken = spoken;
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

  caption() {
    const { words, units, count } = this.packet;
    const perMark = Math.ceil(units.length / MARKS);
    this.find("title").textContent = words.title;
    const said = units.length < count ? words.few : perMark > 1 ? words.bins : words.strips;
    this.find("strips").textContent = filled(said, { count: units.length, each: perMark, whole: count });
    this.find("holding").hidden = !this.handles;
    this.handles?.caption();
    for (const part of ["above", "below"]) {
      this.find(part).title = words[part];
      this.find(part).setAttribute("aria-label", words[part]);
    }
  }

  // Properties and no listeners, because these elements outlast a packet.
  listen() {
    this.find("above").onclick = () => this.selectUnit(-1);
    this.find("below").onclick = () => this.selectUnit(1);
    this.drawing.onkeydown = (event) => {
      const direction = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!direction || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.shiftKey) this.selectGate(direction);
      else this.selectUnit(direction);
      event.preventDefault();
      event.stopPropagation();
    };
  }

  selectUnit(direction) {
    const { units } = this.packet;
    this.playhead.setUnit(units[Math.max(0, Math.min(units.length - 1, this.row + direction))]);
  }

  selectGate(direction) {
    const states = this.strips.filter(({ ring }) => ring);
    const signals = [...new Set([...this.gates, ...states].map(({ signal }) => signal))];
    const here = signals.indexOf(this.playhead.signal);
    const next = here < 0 ? (direction > 0 ? 0 : signals.length - 1) : here + direction;
    this.playhead.setSignal(signals[Math.max(0, Math.min(signals.length - 1, next))]);
  }

  update() {
    if (!this.playhead.hasTrace(this.packet)) return;
    this.values.evaluate();
    const { row } = this;
    const at = (node) => this.values.of(node)[row];
    const token = this.values.label();
    for (const { run, words, node } of this.texts) {
      const value = at(node);
      setText(run, filled(words, { value: formatted(value), percent: Math.round(100 * value), token }));
    }
    for (const { line, gate } of this.wires) {
      // A wire's width shows how far its gate is open, or how large its gradient is.
      if (gate) line.setAttribute("stroke-width", (0.8 + 3.2 * this.width(at(gate))).toFixed(2));
    }
    for (const strip of this.strips) strip.update(row);
    for (const { frame, signal } of this.gates) {
      frame.setAttribute("stroke-width", signal === this.playhead.signal ? 3 : 1.6);
    }
    this.handles?.update(at);
    setText(this.find("unit"), filled(this.packet.words.unit, { unit: this.packet.units[row] }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.describe(), DELAY);
  }

  width(value) {
    return this.packet.given ? Math.min(1, Math.abs(value) / this.packet.limit) : value;
  }

  // Another number in the texts of a gate, while it is dragged.
  write(signal, value) {
    for (const { run, words, node } of this.texts) {
      if (node !== signal) continue;
      setText(run, filled(words, { value: formatted(value), percent: Math.round(100 * value) }));
    }
  }

  nameOf(signal) {
    return this.drawing.querySelector(`text[data-node="${signal}"][data-role=name]`)?.dataset.spoken ?? signal;
  }

  // Alternative text, set once the cursor has settled: no reader follows sixty texts a second.
  describe() {
    const { words, first, whole, units } = this.packet;
    const texts = new Map();
    for (const text of this.drawing.querySelectorAll("text[data-node]:not([data-role=formula])")) {
      texts.set(text.dataset.node, [...(texts.get(text.dataset.node) ?? []), text.dataset.spoken ?? text.textContent]);
    }
    const values = [...texts.values()].map((pieces) => pieces.join(" "));
    const names = { cell: words.cell, step: first + this.time + 1, count: whole, unit: units[this.row] };
    this.drawing.setAttribute("aria-label", filled(words.alt, { ...names, values: values.join("; ") }));
  }

  // The drawing by itself, without what only a page can use, and the words that belong over it.
  picture() {
    const { words, first, whole, units, colours, font } = this.packet;
    const svg = this.drawing.cloneNode(true);
    for (const unseen of svg.querySelectorAll("[style*='display: none']")) unseen.remove();
    for (const one of [svg, ...svg.querySelectorAll("[tabindex], [role]")])
      for (const name of ["tabindex", "style", "role", "data-part"]) one.removeAttribute(name);
    svg.setAttribute("overflow", "visible");
    svg.dataset.width = this.drawing.getBoundingClientRect().width;
    const names = { cell: words.cell, step: first + this.time + 1, count: whole, unit: units[this.row] };
    return { svg, caption: filled(words.saved, names), ink: colours.ink, font };
  }

  close() {
    const { drawings } = this.playhead;
    // The next drawing may have taken its place already.
    if (drawings.get(this.packet.group) === this.picture) drawings.delete(this.packet.group);
    clearTimeout(this.timer);
    this.refresh.cancel();
    this.handles?.close();
    this.unsubscribe();
  }
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// No wider than five signs, whatever the size.
function formatted(value) {
  const size = Math.abs(value);
  if (size >= 9999.5) return value.toExponential(0).replace("+", "").replaceAll("-", "−");
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0).replace(/^-(?=0\.00$)/, "").replace("-", "−");
}
