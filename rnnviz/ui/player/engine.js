// A model that reads one row, step by step, in the page: products, layers, interventions, readout.
// The cells themselves (CELL_STEPS, LOGARITHMS) are generated from their Python.

function mean(vector) {
  let sum = 0;
  for (const value of vector) sum += value;
  return sum / vector.length;
}

// target = W vector, W (row, column).
function multiply(weights, vector, target) {
  for (let row = 0; row < target.length; row++) {
    let sum = 0;
    for (let column = 0; column < vector.length; column++) sum += weights[row * vector.length + column] * vector[column];
    target[row] = sum;
  }
}

// target = vector W + b, W (row, column), four rows at a time: each number of the target is then read
// and written a fourth as often. Most inputs are one-hot, so zeros cost nothing.
function linear(vector, weights, bias, target) {
  target.set(bias);
  const width = target.length;
  const fours = vector.length & ~3;
  for (let row = 0; row < fours; row += 4) {
    const [one, two, three, four] = [vector[row], vector[row + 1], vector[row + 2], vector[row + 3]];
    if (one === 0 && two === 0 && three === 0 && four === 0) continue;
    for (let column = 0, at = row * width; column < width; column++, at++)
      target[column] +=
        one * weights[at] + two * weights[at + width] + three * weights[at + 2 * width] + four * weights[at + 3 * width];
  }
  for (let row = fours; row < vector.length; row++) {
    const factor = vector[row];
    for (let column = 0, at = row * width; column < width; column++, at++) target[column] += factor * weights[at];
  }
}

function softmax(scores) {
  const largest = scores.reduce((one, other) => Math.max(one, other));
  const powers = scores.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((one, other) => one + other);
  return powers.map((power) => power / sum);
}

class LayerEngine {
  // `spec` is what live_network.py sends of a layer.
  constructor(spec) {
    Object.assign(this, spec);
    this.scratched = new Map();
    this.scratch = (place, width) => {
      if (!this.scratched.has(place)) this.scratched.set(place, new Float64Array(width));
      return this.scratched.get(place);
    };
    this.held = {};
    this.gates = this.gateFunctions();
    this.inside = Object.fromEntries(
      Object.entries(this.products).map(([gate, [weights, bias]]) => [
        gate,
        (vector, target) => linear(vector, weights, bias, target),
      ]),
    );
    this.recurrent = new Float64Array(this.outside.length * this.sizes.unit);
  }

  width(signal) {
    return this.sizes[this.signals[signal]];
  }

  // By gate the function of a preactivation and a unit: clipped, activated, clamped.
  gateFunctions() {
    const { clip, held } = this;
    const clipped = clip === null ? (z) => z : (z) => Math.max(-clip, Math.min(clip, z));
    const functions = { cell_activation: (z) => z };
    for (const [gate, call] of Object.entries(this.activations)) {
      const activation = activationOf(call);
      if (gate === "cell_activation") functions[gate] = activation;
      else functions[gate] = (z, u) => held[gate]?.[u] ?? activation(clipped(z));
      functions[`hook:${gate}`] = (value, u) => held[`hook:${gate}`]?.[u] ?? value;
      if (!(call[0] in LOGARITHMS)) continue;
      const logarithm = activationOf([LOGARITHMS[call[0]]]);
      functions[`log:${gate}`] = (z, u) => {
        const value = held[gate]?.[u];
        return value === undefined ? logarithm(clipped(z)) : Math.log(value);
      };
    }
    return functions;
  }

  // Signals of all steps, (step, unit) each, from inputs (step, input).
  run(inputs, nSteps, interventions) {
    const signals = Object.fromEntries(
      Object.keys(this.signals).map((name) => [name, new Float64Array(nSteps * this.width(name))]),
    );
    const at = (array, width, step) => array.subarray(step * width, (step + 1) * width);
    const products = new Float64Array(this.reading.length * this.sizes.unit);
    let before = this.initial;
    // States that interventions changed before a step.
    this.started = new Map();
    for (let t = 0; t < nSteps; t++) {
      const step = this.direction === "backward" ? nSteps - 1 - t : t;
      const acting = interventions.filter((one) => actsAt(one, step));
      this.clamp(acting);
      const left = before;
      before = this.changed(left, acting);
      if (before !== left) this.started.set(step, before);
      linear(at(inputs, this.sizes.input, step), ...this.input, products);
      const out = {};
      for (const name in signals) out[name] = at(signals[name], this.width(name), step);
      this.step(this.split(products, this.reading), before, out);
      this.silence(out.hidden, acting);
      before = out;
    }
    return signals;
  }

  step(x, before, out) {
    const { weights, gates, inside, sizes, scratch, recurrent, outside } = this;
    if (outside.length) linear(before.hidden, ...this.hidden, recurrent);
    const h = this.split(recurrent, outside);
    CELL_STEPS[this.cell]({ x, h, before, weights, gates, inside, out, sizes, scratch });
  }

  split(stacked, gates) {
    const { unit } = this.sizes;
    return Object.fromEntries(gates.map((gate, i) => [gate, stacked.subarray(i * unit, (i + 1) * unit)]));
  }

  // The last of several clamps wins.
  clamp(acting) {
    for (const gate in this.held) delete this.held[gate];
    for (const { do: what, gate, value, units } of acting) {
      if (what !== "clamp") continue;
      const name = this.shifted.includes(gate) ? `hook:${gate}` : gate;
      const held = (this.held[name] ??= new Array(this.width(gate)));
      for (const unit of units ?? held.keys()) held[unit] = value;
    }
  }

  changed(before, acting) {
    let states = before;
    for (const { do: what, state, value, units } of acting) {
      if (what === "reset") states = { ...states, ...this.initial };
      if (what !== "set" && what !== "add") continue;
      const changed = states[state].slice();
      for (const unit of units ?? changed.keys()) changed[unit] = what === "set" ? value : changed[unit] + value;
      states = { ...states, [state]: changed };
    }
    return states;
  }

  silence(hidden, acting) {
    for (const { do: what, units } of acting) {
      if (what === "silence") for (const unit of units) hidden[unit] = 0;
    }
  }
}

// Whether an intervention acts at the step of a token.
function actsAt({ step, start, stop }, token) {
  if (step !== undefined) return token === step;
  return token >= (start ?? 0) && token < (stop ?? Infinity);
}

// Whether an intervention acts on a layer: the first where it names none, a reset then on all.
function isOn({ do: what, layer }, number) {
  return (layer ?? (what === "reset" ? number : 0)) === number;
}

class Engine {
  constructor({ layers, readout }) {
    this.layers = layers.map((layer) => new LayerEngine(layer));
    this.readout = readout;
  }

  // By layer its signals, (step, unit) each, and the outputs, from inputs (step, input).
  // Interventions are those of rnnviz/interventions/serialise.py, weights left out.
  run(inputs, nSteps, interventions = []) {
    const layers = [];
    let x = inputs;
    for (let level = 0; layers.length < this.layers.length; level++) {
      const hidden = [];
      for (const [number, layer] of this.layers.entries()) {
        if (layer.level !== level) continue;
        const on = interventions.filter((one) => isOn(one, number));
        layers[number] = layer.run(x, nSteps, on);
        hidden.push([layers[number].hidden, layer.width("hidden")]);
      }
      x = hidden.length === 1 ? hidden[0][0] : beside(hidden, nSteps);
    }
    return { layers, outputs: this.readout ? this.read(x, nSteps) : null };
  }

  read(hidden, nSteps) {
    const { weights, bias, activation } = this.readout;
    const [width, count] = [weights.length / bias.length, bias.length];
    const outputs = new Float64Array(nSteps * count);
    const apply = activation[0] === "softmax" ? softmax : (scores) => scores.map(activationOf(activation));
    const scores = new Float64Array(count);
    for (let step = 0; step < nSteps; step++) {
      linear(hidden.subarray(step * width, (step + 1) * width), weights, bias, scores);
      outputs.set(apply(scores), step * count);
    }
    return outputs;
  }
}

// Hidden states of both directions beside each other, (step, unit).
function beside(hidden, nSteps) {
  const whole = hidden.reduce((sum, [, width]) => sum + width, 0);
  const joined = new Float64Array(nSteps * whole);
  let from = 0;
  for (const [values, width] of hidden) {
    for (let step = 0; step < nSteps; step++) {
      joined.set(values.subarray(step * width, (step + 1) * width), step * whole + from);
    }
    from += width;
  }
  return joined;
}
