// Arithmetic of a number at one step of a run that is tried out: a frame has no time for all steps.
class LiveArithmetic {
  constructor(network) {
    Object.assign(this, { network, shown: new Map() });
  }

  // The packet of a signal's unit; null where nothing is told.
  packet(run, signal, unit, step) {
    const { network } = this;
    if (!network.arithmetic || !run.layers[network.layer][signal]) return null;
    const [shown, original] = [this.shownOf(signal, unit), this.originalOf(run)];
    network.setWeights(run.interventions);
    return unpack(this.told(run, original).packet(signal, unit, step, shown));
  }

  told(run, original = null) {
    const { group, layer, trace: name, arithmetic, model } = this.network;
    const { signals: panels, labels } = playheadOf(this.network.playhead).traces.get(group);
    const named = { ...run, name, panels, labels: run.labels ?? labels };
    const place = { group, layer, engine: model.engine };
    return new RunArithmetic(new UnitUpdates(arithmetic.cell, place, named), arithmetic, { model: place, run: named, original });
  }

  // The summands that have a row: those of the run before the hand moved, so that no row jumps.
  shownOf(signal, unit) {
    const { network, shown } = this;
    const key = `${signal} ${unit}`;
    if (network.arithmetic.gates[signal] && !shown.has(key)) {
      this.before ??= network.run(network.interventions);
      network.setWeights(network.interventions);
      shown.set(key, this.told(this.before).shown(signal, unit));
    }
    return shown.get(key);
  }

  // The run without interventions, of the same network; null where there are none.
  originalOf({ interventions, text }) {
    const kept = interventions.filter(isOfNetwork);
    if (kept.length === interventions.length) return null;
    const key = JSON.stringify(kept);
    if (this.original?.key !== key || this.original.text !== text)
      this.original = { key, text, run: this.network.run(kept, text) };
    return this.original.run;
  }
}

// Changes that make another network, and are no interventions.
function isOfNetwork({ do: what }) {
  return what === "gain";
}
