// The step that everything on a page shows: one clock a group, shared by all components of the page.
const clocks = (globalThis.rnnvizClocks ??= new Map());

class Clock {
  time = 0;
  length = 1;
  playing = false;
  // Whether charts show what is still to come as clearly as what was.
  bare = false;
  // The one unit and the one signal that are looked at: a number of the layer, and a name.
  unit = 0;
  signal = "";
  // The traces in view by group: of each its name, its length, and by signal the values of all
  // units at every step. They cross once, with the player; groups of one clock keep step together.
  held = new Map();
  listeners = new Set();

  hold({ group, trace, tokens, panels, values, words }) {
    const part = (panel) => [panel.name, { ...panel, values, count: panel.units.length }];
    const signals = new Map(panels.map(part));
    this.held.set(group, { trace, length: tokens.length, signals, words });
    this.length = Math.max(...[...this.held.values()].map(({ length }) => length));
    this.time = Math.min(this.time, this.length - 1);
  }

  drop(group) {
    this.held.delete(group);
  }

  has({ group, trace }) {
    return this.held.get(group)?.trace === trace;
  }

  // Name, label, axis and units of a signal; none before a trace is held.
  signalOf(group, signal) {
    return this.held.get(group)?.signals.get(signal);
  }

  // What a signal is at a step, as a view into the trace; a shorter one stays at its end.
  at(group, signal, time) {
    const { length, signals } = this.held.get(group);
    const { values, start, count } = signals.get(signal);
    const from = start + Math.min(time, length - 1) * count;
    return values.subarray(from, from + count);
  }

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

// What people read need not change sixty times a second: while the clock plays, at most RATE times.
const RATE = 10;

function paced(clock, act) {
  let last = 0;
  let later;
  const now = () => {
    last = performance.now();
    act();
  };
  const soon = () => {
    clearTimeout(later);
    const wait = clock.playing ? last + 1000 / RATE - performance.now() : 0;
    if (wait > 0) later = setTimeout(now, wait);
    else now();
  };
  soon.cancel = () => clearTimeout(later);
  return soon;
}

function clockOf(group) {
  if (!clocks.has(group)) clocks.set(group, new Clock());
  return clocks.get(group);
}
