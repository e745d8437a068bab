// Tells the server once where the reader has come to rest: step, signal and unit.
const followers = new WeakMap();
const REST = 400;

export default function ({ data, parentElement, setStateValue }) {
  const { clock: name, signal, unit } = unpack(data);
  const clock = clockOf(name);
  const before = followers.get(parentElement);
  before?.leave();
  // The server's word holds unless the reader has moved on since it was asked.
  if (!before?.hasMoved()) Object.assign(clock, { signal, unit });
  const follower = new Follower(clock, (place) => setStateValue("place", place));
  followers.set(parentElement, follower);
  return () => {
    followers.get(parentElement)?.leave();
    followers.delete(parentElement);
  };
}

class Follower {
  constructor(clock, report) {
    this.clock = clock;
    this.report = report;
    this.unsubscribe = clock.subscribe(() => this.moved());
    clock.tell();
  }

  // Nothing before the player holds a trace: where it puts the cursor first is no rest. The end of
  // a trace is one place, however long the trace is.
  place() {
    const { held, time, length, signal, unit } = this.clock;
    return held.size ? [time < length - 1 ? time : "last", signal, unit].join() : undefined;
  }

  hasMoved() {
    return this.place() !== (this.reported ??= this.place());
  }

  moved() {
    clearTimeout(this.rest);
    if (this.hasMoved() && !this.clock.playing) this.rest = setTimeout(() => this.rested(), REST);
  }

  rested() {
    const { time, signal, unit } = this.clock;
    this.reported = this.place();
    this.report({ step: time, signal, unit });
  }

  leave() {
    clearTimeout(this.rest);
    this.unsubscribe();
  }
}
