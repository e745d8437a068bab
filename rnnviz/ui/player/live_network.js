// The network itself in the page: what a dragged gate does is computed while it is dragged.
const mounted = new WeakMap();

export default function mount({ data, parentElement }) {
  mounted.get(parentElement)?.close();
  mounted.set(parentElement, new LiveNetwork(unpack(data)));
  return () => {
    mounted.get(parentElement)?.close();
    mounted.delete(parentElement);
  };
}

class LiveNetwork {
  constructor(header) {
    Object.assign(this, header);
    liveNetworks.set(header.playhead, this);
  }

  // A gate held as the drawing asks for it; null for the trace itself.
  hold(asked) {
    this.tryOut(asked && this.clamp(asked));
  }

  // The run with one more intervention, from the next frame on; null for the run without it.
  tryOut(intervention) {
    this.intervention = intervention;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      playheadOf(this.playhead).tryOut(this.group, this.shown());
    });
  }

  // Keeps what the drawing asks for, or lets it go, where no server does.
  keep(asked) {
    const { playhead: name, interventions } = this;
    const kept = interventions.filter((one) => !this.actsThere(one, asked));
    this.interventions = asked.value === null ? kept : this.changed(this.clamp(asked));
    this.isChanged = true;
    const held = ({ gate, units = null, start = 0, stop = null }) => ({ gate, units, start, stop });
    playheadOf(name).held = this.interventions.filter((one) => this.isClampHere(one)).map(held);
    this.tryOut(null);
  }

  isClampHere({ do: what, layer = 0 }) {
    return what === "clamp" && layer === this.layer;
  }

  actsThere(one, { gate, unit, step }) {
    const isMeant = this.isClampHere(one) && one.gate === gate && (one.units?.includes(unit) ?? true);
    return isMeant && actsAt(one, step);
  }

  // The trace itself needs no computing.
  shown() {
    if (this.intervention) return this.computed(this.changed(this.intervention));
    return this.isChanged ? this.computed(this.interventions) : null;
  }

  computed(interventions) {
    this.model ??= modelOf(this);
    const { engine, inputs } = this.model;
    const { layers, outputs } = engine.run(inputs, this.nSteps, interventions);
    const signals = new Map(
      this.panels.map(({ name, rows }) => {
        const all = name in layers[this.layer] ? layers[this.layer][name] : outputs;
        return [name, chosenRows(all, all.length / this.nSteps, rows)];
      }),
    );
    return { signals, outputs, isDrawn: this.isDrawn };
  }

  // As rnnviz/ui/edits.py adds one: in place of one that differs in its value alone.
  changed(intervention) {
    const target = ({ value, ...others }) => JSON.stringify(Object.entries(others).sort());
    return [...this.interventions.filter((one) => target(one) !== target(intervention)), intervention];
  }

  // As rnnviz/ui/controls/gate_holds.py reads it, without what is at its default.
  clamp({ gate, value, unit, step, all_units: allUnits, all_steps: allSteps }) {
    const { direction } = this.layers[this.layer];
    const clamp = { do: "clamp", gate, value };
    if (!allUnits) clamp.units = [unit];
    if (!allSteps && direction === "backward") clamp.stop = step + 1;
    if (!allSteps && direction === "forward") clamp.start = step;
    if (this.layer) clamp.layer = this.layer;
    return clamp;
  }

  close() {
    cancelAnimationFrame(this.frame);
    if (liveNetworks.get(this.playhead) === this) liveNetworks.delete(this.playhead);
  }
}

// Some columns of numbers (time, unit).
function chosenRows(values, width, rows) {
  const nSteps = values.length / width;
  const chosen = new Float64Array(nSteps * rows.length);
  for (let step = 0, at = 0; step < nSteps; step++) {
    for (const row of rows) chosen[at++] = values[step * width + row];
  }
  return chosen;
}
