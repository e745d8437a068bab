// Reports step, signal and unit to the server once the cursor has settled.
const syncs = new WeakMap();
const DELAY = 400;

export default function ({ data, parentElement, setStateValue }) {
  const { playhead: name, step, signal, unit } = unpack(data);
  const playhead = playheadOf(name);
  const before = syncs.get(parentElement);
  before?.close();
  // The server's selection holds unless the reader has moved on since the server was asked.
  if (!before?.hasMoved()) Object.assign(playhead, { signal, unit });
  const server = { time: step ?? Infinity, signal, unit };
  const report = (cursor) => setStateValue("cursor", cursor);
  syncs.set(parentElement, new CursorSync(playhead, server, report, before));
  return () => {
    syncs.get(parentElement)?.close();
    syncs.delete(parentElement);
  };
}

class CursorSync {
  // `server` is the cursor as the server has it. A cursor that `before` has reported is not
  // reported again while the server's has not changed.
  constructor(playhead, server, report, before) {
    Object.assign(this, { playhead, server, report });
    if (JSON.stringify(before?.server) === JSON.stringify(server)) this.reported = before.reported;
    this.unsubscribe = playhead.subscribe(() => this.moved());
    playhead.notify();
  }

  // A cursor as a key; the end of a trace is one key, however long the trace is.
  keyOf({ time, signal, unit }) {
    const last = this.playhead.length - 1;
    return [time < last ? Math.max(0, time) : "last", signal, unit].join();
  }

  // Never before the player has brought a trace and put the cursor at the server's step.
  hasMoved() {
    if (!this.playhead.traces.size) return false;
    this.known ??= this.keyOf(this.server);
    return ![this.known, this.reported].includes(this.keyOf(this.playhead));
  }

  moved() {
    clearTimeout(this.timer);
    if (this.hasMoved() && !this.playhead.playing) this.timer = setTimeout(() => this.settled(), DELAY);
  }

  settled() {
    const { time, signal, unit } = this.playhead;
    this.reported = this.keyOf(this.playhead);
    this.report({ step: time, signal, unit });
  }

  close() {
    clearTimeout(this.timer);
    this.unsubscribe();
  }
}
