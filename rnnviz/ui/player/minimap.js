// The window of a long sequence: a ribbon of the whole, buttons, keys, and what the chart is asked.
// The server is told once the wish rests.
const maps = new WeakMap();
const REST = 200;
// A double click is two clicks first.
const DOUBLE = 400;
const CLOSER = 4;
const LEAST = 8;
const TYPED = "input, textarea, select, [contenteditable], [role=combobox], [role=option]";
const KEYS = { "+": "closer", "=": "closer", "-": "farther", "−": "farther" };
const SHIFTED = { ArrowLeft: "earlier", ArrowRight: "later" };
const OWN = { ArrowLeft: "earlier", ArrowRight: "later", Home: "whole" };

export default function ({ data, parentElement, setTriggerValue }) {
  const header = unpack(data);
  const map = maps.get(parentElement) ?? new WindowMap(parentElement, header);
  maps.set(parentElement, map);
  map.show(header, (asked) => setTriggerValue("asked", asked));
  return () => {
    maps.get(parentElement)?.close();
    maps.delete(parentElement);
  };
}

class WindowMap {
  constructor(root, header) {
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.ribbon = new Ribbon(this.find);
    this.clock = clockOf(header.group);
    this.leave = this.clock.subscribe(() => this.here());
    this.zoom = new Zoom(header.group, {
      range: (start, stop) => this.isNear(start, stop) || this.ask(start, stop),
      whole: () => this.whole(),
      click: (step) => this.go(step, DOUBLE),
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
    this.find("strip").addEventListener("keydown", (event) => this.press(event, OWN[event.key]));
    this.keyed = (event) => this.key(event);
    // Before the player, whose arrows go to the next step.
    document.addEventListener("keydown", this.keyed, true);
  }

  // The server's word on what is shown; a wish that is not yet told outlasts it.
  show(header, report) {
    const before = this.header;
    this.header = header;
    this.report = report;
    this.count = header.count;
    if (before?.name !== header.name) this.past = [];
    else if (before.start !== header.start || before.stop !== header.stop) this.remember(before);
    if (!this.wish) [this.start, this.stop] = [header.start, header.stop];
    this.ribbon.show(header.values, header.count);
    for (const [name, label] of Object.entries(header.labels)) this.name(name, label);
    this.find("goto").textContent = header.labels.go;
    this.find("go").max = this.count;
    this.paint();
  }

  // Going back, here or in the browser, takes the last one off.
  remember({ start, stop }) {
    const last = this.past.at(-1);
    if (last?.start === this.header.start && last?.stop === this.header.stop) this.past.pop();
    else this.past.push({ start, stop });
  }

  name(part, label) {
    this.find(part).title = label;
    this.find(part).setAttribute("aria-label", label);
  }

  get width() {
    return this.stop - this.start;
  }

  // The chart shows whole columns, so that its own range is a little wider than the window.
  isNear(start, stop) {
    const slack = this.width / 128;
    return Math.abs(start - this.start) <= slack && Math.abs(stop - this.stop) <= slack;
  }

  ask(start, stop, step = null, wait = REST) {
    const width = Math.max(Math.min(LEAST, this.count), Math.min(this.count, Math.round(stop - start)));
    this.start = Math.max(0, Math.min(this.count - width, Math.round(start)));
    this.stop = this.start + width;
    this.wish = { start: this.start, stop: this.stop, step };
    this.paint();
    clearTimeout(this.later_);
    this.later_ = setTimeout(() => this.tell(), wait);
  }

  tell() {
    const { wish, header } = this;
    this.wish = null;
    const isNew = wish.start !== header.start || wish.stop !== header.stop || wish.step !== null;
    if (isNew) this.report(wish);
  }

  around(middle, width, step, wait) {
    this.ask(middle - width / 2, middle + width / 2, step, wait);
  }

  whole() {
    this.ask(0, this.count);
  }

  closer() {
    this.around(this.middle(), this.width / CLOSER);
  }

  farther() {
    this.around((this.start + this.stop) / 2, this.width * CLOSER);
  }

  // Where the player stands, if there is one.
  middle() {
    return this.isFine ? this.start + this.clock.time + 0.5 : (this.start + this.stop) / 2;
  }

  get isFine() {
    const { start, stop, window } = this.header;
    return stop - start <= window && start === this.start && stop === this.stop;
  }

  earlier() {
    this.move(-this.width / 2);
  }

  later() {
    this.move(this.width / 2);
  }

  move(steps) {
    this.ask(this.start + steps, this.start + steps + this.width);
  }

  undo() {
    const last = this.past.at(-1);
    if (last) this.ask(last.start, last.stop);
  }

  // To a single step, near enough to see it.
  go(step, wait) {
    const to = Math.max(0, Math.min(this.count - 1, Math.round(step)));
    if (this.isFine && to >= this.start && to < this.stop) return this.clock.set(to - this.start);
    this.around(to + 0.5, Math.min(this.width, this.header.window), to, wait);
  }

  key(event) {
    const target = event.composedPath()[0];
    if (target.closest?.(TYPED) || event.ctrlKey || event.metaKey || event.altKey) return;
    this.press(event, event.shiftKey ? (SHIFTED[event.key] ?? KEYS[event.key]) : KEYS[event.key]);
  }

  press(event, name) {
    if (!name) return;
    this[name]();
    event.preventDefault();
    event.stopPropagation();
  }

  // Inside the window a drag moves it, elsewhere it draws a new one; a click goes there.
  drag(event) {
    if (event.button) return;
    const { ribbon, start, width } = this;
    const from = ribbon.at(event.clientX);
    const grabs = width < this.count && from >= start && from < start + width;
    const strip = this.find("strip");
    let to = null;
    strip.setPointerCapture(event.pointerId);
    const follow = (move) => {
      if (to === null && Math.abs(move.clientX - event.clientX) < 4) return;
      to = ribbon.at(move.clientX);
      if (grabs) this.ask(start + to - from, start + to - from + width);
      else ribbon.mark("brush", Math.min(from, to), Math.max(from, to));
    };
    const stop = ({ type }) => {
      for (const [name, act] of heard) strip.removeEventListener(name, act);
      this.find("brush").hidden = true;
      if (type === "pointercancel" || (grabs && to !== null)) return;
      if (to !== null) this.ask(Math.min(from, to), Math.max(from, to));
      else if (!grabs) this.around(from, width < this.count ? width : this.count / CLOSER);
    };
    const heard = [
      ["pointermove", follow],
      ["pointerup", stop],
      ["pointercancel", stop],
    ];
    for (const [name, act] of heard) strip.addEventListener(name, act);
  }

  paint() {
    const { start, stop, count } = this;
    this.ribbon.place(start, stop);
    const facts = { first: start + 1, last: stop, count };
    const said = this.header.words.where.replace(/\{(\w+)\}/g, (_, name) =>
      facts[name].toLocaleString("en"),
    );
    this.find("where").textContent = said;
    const strip = this.find("strip");
    const values = { valuemin: 1, valuemax: count, valuenow: start + 1, valuetext: said };
    for (const [name, value] of Object.entries(values)) strip.setAttribute(`aria-${name}`, value);
    const isWhole = stop - start >= count;
    for (const name of ["whole", "farther"]) this.find(name).disabled = isWhole;
    this.find("earlier").disabled = start <= 0;
    this.find("later").disabled = stop >= count;
    this.find("closer").disabled = stop - start <= LEAST;
    this.find("undo").disabled = !this.past.length;
    this.here();
  }

  here() {
    const { start, stop, window } = this.header;
    this.ribbon.here(stop - start <= window ? start + this.clock.time : null);
  }

  close() {
    clearTimeout(this.later_);
    document.removeEventListener("keydown", this.keyed, true);
    this.leave();
    this.zoom.close();
    this.ribbon.close();
  }
}
