// Reports step, signal, unit, veil and speed to the server once they have settled.
const syncs = new WeakMap();
const DELAY = 400;
// A report that comes while the page is still being made can be lost: it is sent again, so often.
const AGAIN = 2500;
const MAX_REPORTS = 3;

export default function mount({ data, parentElement, setStateValue }) {
  const { playhead: name, step, jump, signal, unit, veil, speed } = unpack(data);
  const playhead = playheadOf(name);
  const before = syncs.get(parentElement);
  before?.close();
  // The server's selection holds unless the reader has moved on since the server was asked.
  if (before?.server.jump !== jump || !before.hasMoved()) Object.assign(playhead, { signal, unit });
  const server = { time: step, jump, signal, unit, veil, speed };
  const report = (cursor) => setStateValue("cursor", cursor);
  const sync = new CursorSync(playhead, server, report, before);
  syncs.set(parentElement, sync);
  // Only this one: the next may have taken its place already.
  return () => {
    sync.close();
    if (syncs.get(parentElement) === sync) syncs.delete(parentElement);
  };
}

class CursorSync {
  // `server` is the cursor as the server has it. A cursor that `before` has reported is not
  // reported again while the server's has not changed.
  constructor(playhead, server, report, before) {
    Object.assign(this, { playhead, server, report });
    if (JSON.stringify(before?.server) === JSON.stringify(server))
      Object.assign(this, { reported: before.reported, count: before.count });
    if (this.reported) this.watch();
    this.unsubscribe = playhead.subscribe(() => this.moved());
    playhead.notify();
  }

  // A cursor as a key; the end of reading is one key, however long the trace is.
  keyOf({ time, signal, unit, veil, speed }) {
    const { end, length } = this.playhead;
    const step = time === null ? end : Math.max(0, Math.min(length - 1, time));
    return [step === end ? "end" : step, signal, unit, veil, speed].join();
  }

  get cursor() {
    const { time, signal, unit, speed, showsFuture, lifted, veiled } = this.playhead;
    return { time, signal, unit, veil: lifted ? veiled : !showsFuture, speed };
  }

  // Never before the player has brought a trace and made the server's jump.
  hasMoved() {
    if (!this.playhead.traces.size || this.playhead.jump !== this.server.jump) return false;
    // The steps of a text that is being typed are not yet the server's.
    if ([...this.playhead.traces.values()].some(({ tried }) => tried?.tokens)) return false;
    this.known ??= this.keyOf(this.server);
    return ![this.known, this.reported].includes(this.keyOf(this.cursor));
  }

  moved() {
    clearTimeout(this.timer);
    if (this.hasMoved() && !this.playhead.playing) this.timer = setTimeout(() => this.settled(), DELAY);
  }

  settled() {
    const { time, ...others } = this.cursor;
    this.reported = this.keyOf(this.cursor);
    this.count = (this.count ?? 0) + 1;
    this.report({ step: time, jump: this.server.jump, count: this.count, ...others });
    this.watch();
  }

  watch() {
    clearTimeout(this.watching);
    if (this.count < MAX_REPORTS) this.watching = setTimeout(() => this.check(), AGAIN);
  }

  check() {
    const isLost = this.reported === this.keyOf(this.cursor) && this.reported !== this.known;
    if (isLost && !this.playhead.playing) this.settled();
  }

  close() {
    clearTimeout(this.timer);
    clearTimeout(this.watching);
    this.unsubscribe();
  }
}
