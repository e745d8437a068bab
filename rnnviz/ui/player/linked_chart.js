// A run beside that of the player: its numbers, and cursor and veil over its own chart.
const runs = new WeakMap();

export default function ({ data, parentElement }) {
  const header = unpack(data);
  const run = runs.get(parentElement) ?? new Run(header);
  runs.set(parentElement, run);
  run.show(header);
  return () => {
    runs.get(parentElement)?.close();
    runs.delete(parentElement);
  };
}

class Run {
  constructor({ group, clock }) {
    this.group = group;
    this.clock = clockOf(clock);
    this.stage = new Stage(group, this.clock);
    this.leave = this.clock.subscribe(() => this.stage.draw());
  }

  show(header) {
    this.clock.hold(header);
    this.clock.tell();
  }

  close() {
    this.clock.drop(this.group);
    this.leave();
    this.stage.close();
  }
}
