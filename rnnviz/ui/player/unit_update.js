// One unit's memory at every step of a run, as rnnviz/analysis/unit_steps.py tells it: what was
// there, the share that was kept, what was written.
class UnitUpdates {
  // `cell` is what page_arithmetic.py sends of the layer's cell; `signals` (step, unit) by name, and
  // by step the states that interventions `started` it from.
  constructor(cell, model, run) {
    Object.assign(this, cell, { model, run, signals: run.layers[model.layer], engine: model.engine.layers[model.layer] });
  }

  at(signal, step, unit) {
    return this.signals[signal][step * this.engine.width(signal) + unit];
  }

  // State left by the step that was read before, or the initial one.
  left(state, step, unit) {
    const last = step + (this.engine.direction === "backward" ? 1 : -1);
    return last < 0 || last >= this.run.nSteps ? this.engine.initial[state][unit] : this.at(state, last, unit);
  }

  before(state, step, unit) {
    return this.run.started.get(step)?.[state][unit] ?? this.left(state, step, unit);
  }

  factor(name, step, unit) {
    const [kind, signal] = name.includes(":") ? name.split(":") : ["", name];
    const value = kind === "before" ? this.before(signal, step, unit) : this.at(signal, step, unit);
    if (kind === "cell_activation") return activationOf(this.engine.activations.cell_activation)(value);
    return kind === "one_minus" ? 1 - value : kind === "one_over" ? 1 / value : value;
  }

  // `after = kept · before + written`; both null where the memory is no such sum.
  stepOf(step, unit) {
    const { memory } = this;
    const old = `before:${memory}`;
    const summands = this.updates[memory] ?? [];
    const isKept = summands.some(({ factors }) => factors.includes(old));
    const total = (isOld) =>
      summands
        .filter(({ factors }) => factors.includes(old) === isOld)
        .reduce((sum, { factors }) => sum + factors.filter((one) => one !== old).reduce((all, one) => all * this.factor(one, step, unit), 1), 0);
    const before = this.before(memory, step, unit);
    return {
      unit,
      before,
      after: this.at(memory, step, unit),
      kept: isKept ? total(true) : null,
      written: isKept ? total(false) : null,
      held: this.heldAt(step, unit),
      isSet: before !== this.left(memory, step, unit),
    };
  }

  // Gates that are clamped here, and "hidden" where the unit is switched off.
  heldAt(step, unit) {
    const on = this.run.interventions.filter((one) => isOn(one, this.model.layer) && actsAt(one, step) && (one.units?.includes(unit) ?? true));
    const names = on.map(({ do: what, gate }) => ({ clamp: gate, silence: "hidden" })[what]);
    return [...this.gates, "hidden"].filter((name) => names.includes(name));
  }

  // The unit at every step whose hidden number, or projected memory, changed most.
  changedMost() {
    const state = this.hasUnits ? "hidden" : this.memory;
    const units = Array.from({ length: this.engine.width(state) }, (_, unit) => unit);
    return Array.from({ length: this.run.nSteps }, (_, step) => {
      const changes = units.map((unit) => Math.abs(this.at(state, step, unit) - this.before(state, step, unit)));
      return changes.indexOf(Math.max(...changes));
    });
  }
}
