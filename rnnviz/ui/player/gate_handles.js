// Gates of the drawing as handles: dragged, or moved by keys, they hold their value; a badge lets go.
const HELD_INK = "#b3261e";
// Pixels before a press becomes a drag; milliseconds from the last key to the report; steps of keys.
const SLACK = 4;
const KEY_DELAY = 600;
const FINE = 0.01;
const COARSE = 0.05;
// Pixels up or down from one end of a gate to the other.
const UPWARD = 120;

class GateHandles {
  constructor(cell, hold) {
    this.cell = cell;
    this.hold = hold;
    this.gates = [];
  }

  get packet() {
    return this.cell.packet;
  }

  // The signal of the gate that has the focus, because a new drawing takes it away.
  focused() {
    return this.cell.drawing.getRootNode().activeElement?.closest?.("[data-gate]")?.dataset.gate;
  }

  // It picks nothing: what is picked may have changed since.
  focus(signal) {
    this.restoring = true;
    this.gates.find((gate) => gate.signal === signal)?.group.focus();
    this.restoring = false;
  }

  // A level that shows the value, behind the words of the box, and on its edge the handle.
  add(gate) {
    const [low, high] = this.packet.gates[gate.signal];
    Object.assign(gate, { low, high, tried: null });
    const { y, height } = gate.rect;
    const { cell } = this;
    gate.level = cell.add("rect", { y: y + 2, height: height - 4, fill: gate.colour, opacity: 0.16 }, gate.group);
    const look = { cy: y, r: 5, fill: gate.colour, stroke: this.packet.colours.paper, "stroke-width": 1.5 };
    gate.knob = cell.add("circle", look, gate.group);
    const attributes = { role: "slider", "data-gate": gate.signal, "aria-valuemin": low, "aria-valuemax": high };
    for (const [name, value] of Object.entries(attributes)) gate.group.setAttribute(name, value);
    gate.group.addEventListener("pointerdown", (event) => this.press(event, gate));
    gate.group.addEventListener("keydown", (event) => this.key(event, gate));
    gate.group.addEventListener("focus", () => this.restoring || cell.playhead.setSignal(gate.signal));
    this.gates.push(gate);
  }

  addBadges() {
    for (const gate of this.gates) gate.badge = this.badge(gate);
  }

  badge({ signal, rect: { x, y, width } }) {
    const { cell } = this;
    const text = `${this.packet.words.held} ✕`;
    const wide = text.length * 6.2 + (/[\u2e80-\u9fff]/.test(text) ? 14 : 2);
    const left = x + width - wide + 5;
    const badge = cell.add("g", { class: "held", role: "button", "data-release": signal });
    cell.add("rect", { x: left, y: y - 20, width: wide, height: 15, rx: 7.5, fill: HELD_INK }, badge);
    const words = { x: left + wide / 2, y: y - 9, "text-anchor": "middle", "font-size": 10.5, fill: "#fff" };
    cell.add("text", words, badge).textContent = text;
    badge.addEventListener("click", (event) => {
      event.stopPropagation();
      this.release(signal);
    });
    return badge;
  }

  caption() {
    const { words } = this.packet;
    this.cell.find("holdword").textContent = words.hold;
    // First what changes the most: one unit of many at one step is hardly seen.
    const choices = { whose: ["all_units", "this_unit"], when: ["all_steps", "from_here"] };
    for (const [part, names] of Object.entries(choices)) {
      const select = this.cell.find(part);
      if (!select.options.length) select.append(...names.map((name) => new Option("", name)));
      for (const option of select.options) option.textContent = words[option.value];
      select.setAttribute("aria-label", `${words.hold} ${names.map((name) => words[name]).join(" / ")}`);
    }
  }

  // Called at every step with a node's value of the picked unit.
  update(at) {
    const { playhead } = this.cell;
    const signals = this.gates.map(({ signal }) => signal);
    const active = signals.includes(playhead.signal) ? playhead.signal : signals[0];
    for (const gate of this.gates) {
      gate.value = at(gate.signal);
      gate.isHeld = this.isHeld(gate.signal);
      gate.group.setAttribute("tabindex", gate.signal === active ? 0 : -1);
      this.paint(gate);
    }
  }

  paint(gate) {
    const { low, high, rect, tried, isHeld } = gate;
    const value = tried ?? gate.value;
    const place = (number) => rect.x + 3 + ((rect.width - 6) * (number - low)) / (high - low);
    const [zero, here] = [Math.max(low, Math.min(high, 0)), Math.max(low, Math.min(high, value))].map(place);
    gate.level.setAttribute("x", Math.min(zero, here));
    gate.level.setAttribute("width", Math.abs(here - zero));
    gate.knob.setAttribute("cx", here);
    const shownHeld = isHeld || tried !== null;
    gate.knob.setAttribute("fill", shownHeld ? HELD_INK : gate.colour);
    gate.frame.setAttribute("stroke-dasharray", shownHeld ? "5 3" : "none");
    gate.badge.style.display = shownHeld ? "" : "none";
    const { words } = this.packet;
    const name = this.cell.nameOf(gate.signal);
    gate.group.setAttribute("aria-label", name);
    gate.group.setAttribute("aria-valuenow", value.toFixed(2));
    gate.group.setAttribute("aria-valuetext", formatted(value) + (shownHeld ? `, ${words.held}` : ""));
    gate.badge.setAttribute("aria-label", filled(words.release, { gate: name }));
    // What is written in the box is the value that would be held.
    if (tried !== null) this.cell.write(gate.signal, tried);
  }

  get step() {
    return this.packet.first + this.cell.time;
  }

  isHeld(signal) {
    const { unit } = this.cell.playhead;
    return this.packet.held.some(
      ({ gate, units, start, stop }) =>
        gate === signal && (units === null || units.includes(unit)) &&
        this.step >= start && (stop === null || this.step < stop),
    );
  }

  press(event, gate) {
    if (event.button) return;
    const { group, value } = gate;
    const box = gate.frame.getBoundingClientRect();
    // Sideways the handle follows the hand; up and down the value grows and shrinks from what it was.
    const across = (move) => gate.low + ((move.clientX - box.left) / box.width) * (gate.high - gate.low);
    const along = (move) => value + ((event.clientY - move.clientY) / UPWARD) * (gate.high - gate.low);
    let dragged = null;
    const onMove = (move) => {
      const [x, y] = [move.clientX - event.clientX, move.clientY - event.clientY].map(Math.abs);
      if (!dragged && Math.max(x, y) < SLACK) return;
      if (!dragged) group.setPointerCapture(event.pointerId);
      // A finger that moves up or down scrolls the page.
      dragged ??= x >= y || event.pointerType === "touch" ? across : along;
      this.show(gate, dragged(move));
    };
    const onEnd = ({ type }) => {
      for (const [name, listener] of listeners) group.removeEventListener(name, listener);
      if (dragged && type === "pointerup") this.report(gate);
      else if (dragged) this.show(gate, null);
    };
    const listeners = [["pointermove", onMove], ["pointerup", onEnd], ["pointercancel", onEnd]];
    for (const [name, listener] of listeners) group.addEventListener(name, listener);
    this.pause();
  }

  pause() {
    if (!this.cell.playhead.playing) return;
    this.cell.playhead.playing = false;
    this.cell.playhead.notify();
  }

  show(gate, value) {
    gate.tried = value === null ? null : this.rounded(gate, value);
    this.tryOut(gate);
    if (value === null) this.cell.update();
    else this.paint(gate);
  }

  // The whole network as the value would make it, where the page has the network.
  tryOut({ signal, tried }) {
    const { playhead, group } = this.cell.packet;
    const live = liveNetworks.get(playhead);
    if (live?.group !== group) return;
    live.hold(tried === null ? null : this.asked(signal, tried));
  }

  rounded({ low, high }, value) {
    return Number(Math.max(low, Math.min(high, value)).toFixed(2));
  }

  key(event, gate) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? FINE : COARSE;
    const now = gate.tried ?? gate.value;
    const wanted = { ArrowLeft: now - step, ArrowRight: now + step, Home: gate.low, End: gate.high }[event.key];
    if (["Delete", "Backspace", "Escape"].includes(event.key)) this.letGo(event.key, gate);
    else if (wanted === undefined) return;
    else this.keyed(gate, wanted);
    event.preventDefault();
    event.stopPropagation();
  }

  keyed(gate, value) {
    this.show(gate, value);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report(gate), KEY_DELAY);
  }

  letGo(key, gate) {
    clearTimeout(this.timer);
    if (gate.tried !== null) this.show(gate, null);
    else if (key !== "Escape") this.release(gate.signal);
  }

  report({ signal, tried }) {
    if (tried === null) return;
    this.ask(signal, tried);
  }

  release(signal) {
    const gate = this.gates.find((one) => one.signal === signal);
    gate.tried = null;
    this.ask(signal, null);
  }

  ask(gate, value) {
    this.hold(this.asked(gate, value));
  }

  asked(gate, value) {
    const { unit } = this.cell.playhead;
    const [allUnits, allSteps] = [["whose", "all_units"], ["when", "all_steps"]].map(
      ([part, name]) => this.cell.find(part).value === name,
    );
    return { gate, value, unit, step: this.step, all_units: allUnits, all_steps: allSteps };
  }

  close() {
    clearTimeout(this.timer);
  }
}
