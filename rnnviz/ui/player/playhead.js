// Current step of a page: one playhead a group, shared by all components of the page.
const playheads = (globalThis.rnnvizPlayheads ??= new Map());
// The networks that the page itself can run, by playhead.
const liveNetworks = (globalThis.rnnvizLiveNetworks ??= new Map());
// What shows another cell in the page itself, by playhead.
const liveCells = (globalThis.rnnvizLiveCells ??= new Map());
// How components were mounted with what the server sent, by name and playhead: the page itself may
// show them another packet until the next one of the server comes.
const served = (globalThis.rnnvizServed ??= new Map());

function keepServed(name, playhead, given, mount) {
  if (!given.isOfPage) served.set(`${name} ${playhead}`, { given, mount });
}

class Playhead {
  time = 0;
  length = 1;
  playing = false;
  // True: charts show the steps that are not yet read as clearly as those that are.
  showsFuture = false;
  // True while the veil is lifted for a change that is looked at, and whether it comes back after.
  lifted = false;
  veiled = true;
  // True for a layer that reads from the last step to the first.
  backward = false;
  // Steps a second while it plays.
  speed = 4;
  // The last jump that the server has asked for and a player has made.
  jump = 0;
  // The selected unit, a number of the layer, and the selected signal's name.
  unit = 0;
  signal = "";
  // The traces in view by group: name, length, and by signal the values of all units at every
  // step. The player brings them once; groups of one playhead keep step together.
  traces = new Map();
  // Makers of a picture of the live cell as it stands, by group.
  drawings = new Map();
  listeners = new Set();

  // `owner` is the component that brings it.
  addTrace({ group, trace, tokens, panels, values, words, first = 0 }, owner) {
    const entry = (panel) => [panel.name, { ...panel, values, count: panel.units.length }];
    const signals = new Map(panels.map(entry));
    // A text that is still being typed stays: what the server read is no longer what stands there.
    const { tried } = this.traces.get(group) ?? {};
    const stays = tried?.tokens && panels.every(({ name, units }) => tried.signals.get(name)?.length === units.length * tried.tokens.length);
    this.traces.set(group, { trace, length: tokens.length, signals, words, labels: tokens, first, owner, tried: stays ? tried : null });
    this.fit(false);
  }

  // Makes the playhead as long as the longest trace; the time stays, or goes to the end.
  fit(atEnd) {
    this.length = Math.max(...[...this.traces.keys()].map((group) => this.lengthOf(group)));
    this.time = atEnd ? this.end : Math.min(this.time, this.length - 1);
  }

  // Steps of a group, and their tokens as they are shown: of a text that is being typed its own.
  lengthOf(group) {
    const { tried, length } = this.traces.get(group);
    return tried?.labels?.length ?? length;
  }

  labelsOf(group) {
    const { tried, labels } = this.traces.get(group);
    return tried?.labels ?? labels;
  }

  // The steps that are read first and last, and the one that is read `count` steps later.
  get start() {
    return this.backward ? this.length - 1 : 0;
  }

  get end() {
    return this.backward ? 0 : this.length - 1;
  }

  after(count) {
    return this.time + (this.backward ? -count : count);
  }

  // A component may be taken away after another has come in its place: that one's trace stays.
  removeTrace(group, owner) {
    if (this.traces.get(group)?.owner === owner) this.traces.delete(group);
  }

  hasTrace({ group, trace }) {
    return this.traces.get(group)?.trace === trace;
  }

  // Name, label, axis and units of a signal; undefined before its trace has come.
  signalOf(group, signal) {
    return this.traces.get(group)?.signals.get(signal);
  }

  // Values of a signal's units at a step, a view into the trace; a shorter trace stays at its end.
  valuesAt(group, signal, time) {
    const { signals, tried } = this.traces.get(group);
    const { values, start, count } = signals.get(signal);
    const own = tried?.signals.get(signal);
    const from = (own ? 0 : start) + Math.min(time, this.lengthOf(group) - 1) * count;
    return (own ?? values).subarray(from, from + count);
  }

  // Numbers in place of a trace's while a change is tried out: `signals` by name, (time, unit)
  // each, the network's `outputs`, and of another text its `tokens` and their `labels`; null for
  // the trace itself. A new trace ends them, but for a text that is being typed.
  tryOut(group, tried) {
    const trace = this.traces.get(group);
    if (!trace || (!tried && !trace.tried)) return;
    const atEnd = this.time === this.end;
    trace.tried = tried;
    this.fit(atEnd);
    this.notify();
  }

  triedOf(group) {
    return this.traces.get(group)?.tried ?? null;
  }

  seek(time) {
    const wanted = Math.max(0, Math.min(this.length - 1, Math.round(time)));
    if (wanted === this.time) return;
    this.time = wanted;
    this.notify();
  }

  setUnit(unit) {
    if (unit === this.unit) return;
    this.unit = unit;
    this.notify();
  }

  setSignal(signal) {
    if (signal === this.signal) return;
    this.signal = signal;
    this.notify();
  }

  // Those that listen are not told of what is only a part of a change.
  quietly(act) {
    this.isQuiet = true;
    try {
      act();
    } finally {
      this.isQuiet = false;
    }
  }

  notify() {
    if (this.isQuiet) return;
    for (const listener of this.listeners) listener(this);
  }

  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

// Text need not change sixty times a second: while the playhead plays, at most RATE times.
const RATE = 10;

function throttled(playhead, callback) {
  let last = 0;
  let timer;
  const run = () => {
    last = performance.now();
    callback();
  };
  const schedule = () => {
    clearTimeout(timer);
    const wait = playhead.playing ? last + 1000 / RATE - performance.now() : 0;
    if (wait > 0) timer = setTimeout(run, wait);
    else run();
  };
  schedule.cancel = () => clearTimeout(timer);
  return schedule;
}

function playheadOf(group) {
  if (!playheads.has(group)) playheads.set(group, new Playhead());
  return playheads.get(group);
}
