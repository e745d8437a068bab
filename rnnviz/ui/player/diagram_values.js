// Numbers of the live cell's drawing at the playhead's step: those of the trace, and along the wires
// those that follow from them.
const TRACED = new Set(["dense", "project", "normalise", "max"]);
const OPERATIONS = {
  after: (value) => value,
  times: (a, b) => a * b,
  plus: (a, b) => a + b,
  one_minus: (value) => 1 - value,
  divide: (a, b) => a / b,
  share: (a, b) => a / (a + b),
};

class DiagramValues {
  constructor(packet, playhead) {
    Object.assign(this, { packet, playhead });
    this.values = new Map(packet.nodes.map(({ name, signal }) => [name, new Float64Array(this.count(signal))]));
    this.operations = { ...OPERATIONS, cell_activation: packet.cell_activation ? activation(packet.cell_activation) : null };
  }

  // Values of a node, of all units, as they were evaluated last.
  of(node) {
    return this.values.get(node);
  }

  // How many values a signal has: the units shown, or those on an axis of its own.
  count(signal) {
    return this.packet.apart[signal] ?? this.packet.units.length;
  }

  get length() {
    const { group, tokens } = this.packet;
    return this.playhead.hasTrace(this.packet) ? this.playhead.lengthOf(group) : tokens.length;
  }

  get time() {
    return Math.min(this.playhead.time, this.length - 1);
  }

  // Computes the values of all nodes in the order of the wires.
  evaluate() {
    for (const { name, kind, inputs, signal } of this.packet.nodes) {
      const values = this.values.get(name);
      const given = this.packet.given?.[name];
      if (given) values.set(given[this.time]);
      else if (TRACED.has(kind)) values.set(this.traced(signal));
      else if (kind === "before") values.set(this.before(signal));
      // The hidden state of a silenced unit does not follow from its gates.
      else if (kind === "after" && this.packet.silenced) values.set(this.traced(signal));
      else if (kind in this.operations) {
        const [left, right] = inputs.map((input) => this.values.get(input));
        const operation = this.operations[kind];
        for (let u = 0; u < values.length; u++) values[u] = operation(left[u], right?.[u]);
      }
    }
  }

  // Words for what the cell reads; of a text that is being typed its own token.
  label() {
    const { time } = this;
    const { group, reads, quoted } = this.packet;
    const label = this.playhead.triedOf(group)?.labels?.[time];
    return label === undefined || !quoted ? reads[time] : filled(quoted, { token: label });
  }

  traced(signal) {
    return this.playhead.valuesAt(this.packet.group, signal, this.time);
  }

  // State before this step: set by an intervention, left by the step read before, or the initial one.
  before(state) {
    const { group, backward, initial } = this.packet;
    const changed = this.started(state);
    if (changed) return changed;
    const time = this.time + (backward ? 1 : -1);
    return time < 0 || time >= this.length ? initial[state] : this.playhead.valuesAt(group, state, time);
  }

  // State that an intervention set before this step; of a change that is tried out it is whole.
  started(state) {
    const { group, started, units, apart } = this.packet;
    const tried = this.playhead.triedOf(group);
    if (!tried) return started[state]?.[this.time];
    const whole = tried.started.get(this.time)?.[state];
    return whole && !(state in apart) ? units.map((unit) => whole[unit]) : whole;
  }
}
