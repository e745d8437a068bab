// Minimap of a long sequence: an overview strip, buttons and keys that move the visible window.
// The server hears of a new window once it has settled.
const minimaps = new WeakMap();
const DELAY = 200;
// A double click begins as two clicks.
const DOUBLE_CLICK = 400;
const ZOOM_FACTOR = 4;
const MIN_STEPS = 8;
const TEXT_FIELDS = "input, textarea, select, [contenteditable], [role=combobox], [role=option]";
const KEYS = { "+": "closer", "=": "closer", "-": "farther", "−": "farther" };
const SHIFT_KEYS = { ArrowLeft: "earlier", ArrowRight: "later" };
const STRIP_KEYS = { ArrowLeft: "earlier", ArrowRight: "later", Home: "whole" };

export default function mount({ data, parentElement, setTriggerValue }) {
  const header = unpack(data);
  const minimap = minimaps.get(parentElement) ?? new Minimap(parentElement, header);
  minimaps.set(parentElement, minimap);
  minimap.show(header, (window) => setTriggerValue("window", window));
  return () => {
    minimaps.get(parentElement)?.close();
    minimaps.delete(parentElement);
  };
}

class Minimap {
  constructor(root, header) {
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.overview = new OverviewStrip(this.find);
    this.playhead = playheadOf(header.group);
    this.unsubscribe = this.playhead.subscribe(() => this.markStep());
    this.zoom = new Zoom(header.group, {
      range: (start, stop) => this.isCurrent(start, stop) || this.request(start, stop),
      whole: () => this.whole(),
      click: (step) => this.go(step, DOUBLE_CLICK),
    });
    this.listen();
  }

  listen() {
    for (const name of ["whole", "closer", "farther", "earlier", "later", "undo"])
      this.find(name).addEventListener("click", () => this[name]());
    this.find("go").addEventListener("change", ({ target }) => {
      if (target.value) this.go(Number(target.value) - 1);
      target.value = "";
    });
    this.find("strip").addEventListener("pointerdown", (event) => this.drag(event));
    this.find("strip").addEventListener("keydown", (event) => this.press(event, STRIP_KEYS[event.key]));
    this.onKey = (event) => this.key(event);
    // Capturing, before the player, whose arrows go to the next step.
    document.addEventListener("keydown", this.onKey, true);
  }

  // The window that the server shows; a pending request outlasts it.
  show(header, report) {
    const before = this.header;
    this.header = header;
    this.report = report;
    this.count = header.count;
    if (before?.name !== header.name) this.history = [];
    else if (before.start !== header.start || before.stop !== header.stop) this.pushHistory(before);
    if (!this.pending) [this.start, this.stop] = [header.start, header.stop];
    this.overview.show(header.values, header.count);
    for (const [name, label] of Object.entries(header.labels)) this.setLabel(name, label);
    this.find("goto").textContent = header.labels.go;
    this.find("go").max = this.count;
    this.paint();
  }

  // Windows before this one; going back, here or in the browser, removes the last.
  pushHistory({ start, stop }) {
    const last = this.history.at(-1);
    if (last?.start === this.header.start && last?.stop === this.header.stop) this.history.pop();
    else this.history.push({ start, stop });
  }

  setLabel(part, label) {
    this.find(part).title = label;
    this.find(part).setAttribute("aria-label", label);
  }

  get width() {
    return this.stop - this.start;
  }

  // The chart shows whole columns, so its range is a little wider than the window.
  isCurrent(start, stop) {
    const slack = this.width / 128;
    return Math.abs(start - this.start) <= slack && Math.abs(stop - this.stop) <= slack;
  }

  request(start, stop, step = null, wait = DELAY) {
    const width = Math.max(Math.min(MIN_STEPS, this.count), Math.min(this.count, Math.round(stop - start)));
    this.start = Math.max(0, Math.min(this.count - width, Math.round(start)));
    this.stop = this.start + width;
    this.pending = { start: this.start, stop: this.stop, step };
    this.paint();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  send() {
    const { pending, header } = this;
    this.pending = null;
    const isNew = pending.start !== header.start || pending.stop !== header.stop || pending.step !== null;
    if (isNew) this.report(pending);
  }

  centre(middle, width, step, wait) {
    this.request(middle - width / 2, middle + width / 2, step, wait);
  }

  whole() {
    this.request(0, this.count);
  }

  closer() {
    this.centre(this.focus(), this.width / ZOOM_FACTOR);
  }

  farther() {
    this.centre((this.start + this.stop) / 2, this.width * ZOOM_FACTOR);
  }

  // The player's step, or the centre of the window when it has no player.
  focus() {
    return this.hasPlayer ? this.start + this.playhead.time + 0.5 : (this.start + this.stop) / 2;
  }

  get hasPlayer() {
    const { start, stop, maxSteps } = this.header;
    return stop - start <= maxSteps && start === this.start && stop === this.stop;
  }

  earlier() {
    this.move(-this.width / 2);
  }

  later() {
    this.move(this.width / 2);
  }

  move(steps) {
    this.request(this.start + steps, this.start + steps + this.width);
  }

  undo() {
    const last = this.history.at(-1);
    if (last) this.request(last.start, last.stop);
  }

  // Shows a step, with a window small enough for the player.
  go(step, wait) {
    const target = Math.max(0, Math.min(this.count - 1, Math.round(step)));
    if (this.hasPlayer && target >= this.start && target < this.stop)
      return this.playhead.seek(target - this.start);
    this.centre(target + 0.5, Math.min(this.width, this.header.maxSteps), target, wait);
  }

  key(event) {
    const target = event.composedPath()[0];
    if (target.closest?.(TEXT_FIELDS) || event.ctrlKey || event.metaKey || event.altKey) return;
    this.press(event, event.shiftKey ? (SHIFT_KEYS[event.key] ?? KEYS[event.key]) : KEYS[event.key]);
  }

  press(event, name) {
    if (!name) return;
    this[name]();
    event.preventDefault();
    event.stopPropagation();
  }

  // A drag inside the window moves it, elsewhere it draws a new one; a click centres it.
  drag(event) {
    if (event.button) return;
    const { overview, start, width } = this;
    const from = overview.stepAt(event.clientX);
    const isInside = width < this.count && from >= start && from < start + width;
    const strip = this.find("strip");
    let to = null;
    strip.setPointerCapture(event.pointerId);
    const onMove = (move) => {
      if (to === null && Math.abs(move.clientX - event.clientX) < 4) return;
      to = overview.stepAt(move.clientX);
      if (isInside) this.request(start + to - from, start + to - from + width);
      else overview.mark("brush", Math.min(from, to), Math.max(from, to));
    };
    const onEnd = ({ type }) => {
      for (const [name, listener] of listeners) strip.removeEventListener(name, listener);
      this.find("brush").hidden = true;
      if (type === "pointercancel" || (isInside && to !== null)) return;
      if (to !== null) this.request(Math.min(from, to), Math.max(from, to));
      else if (!isInside) this.centre(from, width < this.count ? width : this.count / ZOOM_FACTOR);
    };
    const listeners = [
      ["pointermove", onMove],
      ["pointerup", onEnd],
      ["pointercancel", onEnd],
    ];
    for (const [name, listener] of listeners) strip.addEventListener(name, listener);
  }

  paint() {
    const { start, stop, count } = this;
    this.overview.setWindow(start, stop);
    const [first, last, whole] = [start + 1, stop, count].map((number) => number.toLocaleString("en"));
    const text = filled(this.header.words.where, { first, last, count: whole });
    this.find("where").textContent = text;
    const strip = this.find("strip");
    const aria = { valuemin: 1, valuemax: count, valuenow: start + 1, valuetext: text };
    for (const [name, value] of Object.entries(aria)) strip.setAttribute(`aria-${name}`, value);
    const isWhole = stop - start >= count;
    for (const name of ["whole", "farther"]) this.find(name).disabled = isWhole;
    this.find("earlier").disabled = start <= 0;
    this.find("later").disabled = stop >= count;
    this.find("closer").disabled = stop - start <= MIN_STEPS;
    this.find("undo").disabled = !this.history.length;
    this.markStep();
  }

  markStep() {
    const { start, stop, maxSteps } = this.header;
    this.overview.markStep(stop - start <= maxSteps ? start + this.playhead.time : null);
  }

  close() {
    clearTimeout(this.timer);
    document.removeEventListener("keydown", this.onKey, true);
    this.unsubscribe();
    this.zoom.close();
    this.overview.close();
  }
}
