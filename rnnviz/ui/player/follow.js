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
    this.reported = this.place();
    this.unsubscribe = clock.subscribe(() => this.moved());
    clock.tell();
  }

  place() {
    const { time, length, signal, unit } = this.clock;
    return JSON.stringify({ step: time, last: time >= length - 1, signal, unit });
  }

  hasMoved() {
    return this.place() !== this.reported;
  }

  moved() {
    clearTimeout(this.rest);
    if (!this.clock.playing) this.rest = setTimeout(() => this.rested(), REST);
  }

  rested() {
    if (!this.hasMoved()) return;
    this.reported = this.place();
    this.report(JSON.parse(this.reported));
  }

  leave() {
    clearTimeout(this.rest);
    this.unsubscribe();
  }
}
