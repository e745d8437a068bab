// Tells the server once where the reader has come to rest: step, signal and unit.
const followers = new WeakMap();
const REST = 400;

export default function ({ data, parentElement, setStateValue }) {
  const { clock: name, step, signal, unit } = unpack(data);
  const clock = clockOf(name);
  const before = followers.get(parentElement);
  before?.leave();
  // The server's word holds unless the reader has moved on since it was asked.
  if (!before?.hasMoved()) Object.assign(clock, { signal, unit });
  const told = { time: step ?? Infinity, signal, unit };
  const tell = (place) => setStateValue("place", place);
  const follower = new Follower(clock, told, tell, before);
  followers.set(parentElement, follower);
  return () => {
    followers.get(parentElement)?.leave();
    followers.delete(parentElement);
  };
}

class Follower {
  // `told` is where the server thinks that the reader is. What was reported to it is not reported
  // again while it has no other answer than it had `before`.
  constructor(clock, told, report, before) {
    Object.assign(this, { clock, told, report });
    if (JSON.stringify(before?.told) === JSON.stringify(told)) this.reported = before.reported;
    this.unsubscribe = clock.subscribe(() => this.moved());
    clock.tell();
  }

  // The end of a trace is one place, however long the trace is.
  spelled({ time, signal, unit }) {
    const last = this.clock.length - 1;
    return [time < last ? Math.max(0, time) : "last", signal, unit].join();
  }

  // Never before the player holds a trace and has put the cursor where it was told.
  hasMoved() {
    if (!this.clock.held.size) return false;
    this.known ??= this.spelled(this.told);
    return ![this.known, this.reported].includes(this.spelled(this.clock));
  }

  moved() {
    clearTimeout(this.rest);
    if (this.hasMoved() && !this.clock.playing) this.rest = setTimeout(() => this.rested(), REST);
  }

  rested() {
    const { time, signal, unit } = this.clock;
    this.reported = this.spelled(this.clock);
    this.report({ step: time, signal, unit });
  }

  leave() {
    clearTimeout(this.rest);
    this.unsubscribe();
  }
}
