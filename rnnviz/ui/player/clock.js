// The step that everything on a page shows: one clock a group, shared by all components of the page.
const clocks = (globalThis.rnnvizClocks ??= new Map());

class Clock {
  time = 0;
  length = 1;
  playing = false;
  // The one unit and the one signal that are looked at: a number of the layer, and a name.
  unit = 0;
  signal = "";
  listeners = new Set();

  set(time) {
    const wanted = Math.max(0, Math.min(this.length - 1, Math.round(time)));
    if (wanted === this.time) return;
    this.time = wanted;
    this.tell();
  }

  setUnit(unit) {
    if (unit === this.unit) return;
    this.unit = unit;
    this.tell();
  }

  setSignal(signal) {
    if (signal === this.signal) return;
    this.signal = signal;
    this.tell();
  }

  tell() {
    for (const listener of this.listeners) listener(this);
  }

  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function clockOf(group) {
  if (!clocks.has(group)) clocks.set(group, new Clock());
  return clocks.get(group);
}
