// What made a number at every step of a run that the page itself made, as rnnviz/ui/player/arithmetic.py
// packs it: a gate's sum, the states' equations, and who wrote a memory.
const MOST_ROWS = 6;
// As rnnviz/ui/player/arithmetic.py: summands of which all sizes are compared, else steps of a run.
const MOST_TERMS = 12_000;
const MOST_COMPARED = 32;
const SIGNS = { sigmoid: "σ" };
const BY_HAND = 1e-4;

class RunArithmetic {
  // `spec` is what page_arithmetic.py sends; `original` the run without interventions, or null.
  constructor(updates, spec, { model, run, original }) {
    Object.assign(this, { updates, spec, model, run, original, engine: updates.engine });
    this.all = Array.from({ length: run.nSteps }, (_, step) => step);
  }

  // Of all steps, or of one, then with the given rows of its sum.
  packet(signal, unit, step = null, shown = null) {
    const { spec, run, updates, model } = this;
    const steps = step === null ? this.all : [step];
    const rows = spec.gates[signal] ? this.rows(signal, unit, steps, shown ?? this.shown(signal, unit, steps)) : [];
    const flow = ["state", "intermediate"].includes(spec.kinds[signal]) ? this.flow(unit) : null;
    const sums = rows.length ? [steps.map((step) => this.terms(signal, step, unit).reduce((sum, { value }) => sum + value, 0))] : [];
    const [before, after] = spec.title.split("{number}");
    const header = {
      playhead: model.group,
      trace: run.name,
      signal,
      unit,
      first: 0,
      start: steps[0],
      stop: steps.at(-1) + 1,
      backward: this.engine.direction === "backward",
      title: [before, run.panels.get(signal).label, after],
      colour: spec.inks[signal],
      bars: spec.bars,
      numbers: steps.map((step) => shortNumber(updates.at(signal, step, unit))),
      before: this.original && steps.map((step) => shortNumber(this.originally(signal, step, unit))),
      rows: rows.map((terms) => this.rowOf(terms)),
      made: sums.length ? steps.map((step, at) => this.made(signal, sums[0][at], step, unit)) : [],
      held: sums.length ? steps.map((step) => updates.heldAt(step, unit).includes(signal)) : [],
      lines: steps.map((step) => Object.keys(updates.updates).map((state) => this.line(state, step, unit))),
      memory: flow && { initial: flow.initial, name: run.panels.get(flow.state).label, tokens: run.labels, words: spec.memory },
      words: spec.words,
    };
    const values = rows.map((terms) => terms.map((term) => term?.value ?? NaN));
    return pack(header, [...values, ...sums, ...(flow ? [flow.kept, flow.written, flow.byHand] : [])]);
  }

  originally(signal, step, unit) {
    return this.original.layers[this.model.layer][signal][step * this.engine.width(signal) + unit];
  }

  // Summands of a gate's preactivation: inputs, recurrent units, the peephole, biases.
  terms(gate, step, unit) {
    const { adds, peephole, biases, readsInput } = this.spec.gates[gate];
    const { symbols } = this.updates;
    const added = adds.map((name) => this.unitTerm(symbols[name], unit, [this.updates.at(name, step, unit)]));
    const seen = peephole.replace("before:", "");
    const peeped = seen ? [this.unitTerm(symbols[seen], unit, [this.engine.weights[`${gate}.p`][unit], this.updates.factor(peephole, step, unit)])] : [];
    return [
      ...(readsInput ? this.read(gate, step, unit) : []),
      ...added,
      ...this.recurrent(gate, step, unit),
      ...peeped,
      ...biases.map(({ symbol, role, isScaled }) => {
        const scale = isScaled ? this.scale(gate, step, unit) : [];
        const label = this.label("bias", { symbol: `${isScaled ? this.scaledBy(gate) : ""}${symbol}` });
        return termOf("bias", `bias ${symbol}`, label, [this.bias(gate, role, unit), ...scale]);
      }),
    ];
  }

  read(gate, step, unit) {
    const { engine, run, spec } = this;
    const n = engine.sizes.unit;
    const at = engine.reading.indexOf(gate) * n + unit;
    const weight = (input) => engine.input[0][input * engine.reading.length * n + at];
    if (engine.level) return this.below(step).map(([symbol, name, value], input) => this.unitTerm(symbol, name, [weight(input), value]));
    const width = run.inputs.length / run.nSteps;
    const values = Array.from(run.inputs.subarray(step * width, (step + 1) * width));
    if (!spec.isOneHot) return values.map((value, input) => this.feature(run.panels.get("inputs").units[input], [weight(input), value]));
    const input = values.findIndex((value) => value !== 0);
    return [termOf("symbol", "symbol", this.label("symbol", { name: run.labels[step] }), [weight(input), values[input]])];
  }

  // A bias of the input's product, or of the recurrent one.
  bias(gate, role, unit) {
    const { engine } = this;
    const at = (gates) => gates.indexOf(gate) * engine.sizes.unit + unit;
    if (role === "b") return engine.input[1][at(engine.reading)];
    return engine.products[gate]?.[1][unit] ?? engine.hidden[1][at(engine.outside)];
  }

  feature(name, factors) {
    return termOf("feature", `feature ${name}`, name, factors);
  }

  // Symbol, number and hidden state of every unit of the level below.
  below(step) {
    const { model, run, engine } = this;
    return model.engine.layers.flatMap((layer, number) => {
      if (layer.level !== engine.level - 1) return [];
      const width = layer.width("hidden");
      const values = run.layers[number].hidden.subarray(step * width, (step + 1) * width);
      return Array.from(values, (value, unit) => [this.spec.below[layer.direction], unit, value]);
    });
  }

  recurrent(gate, step, unit) {
    const { recurrence } = this.spec.gates[gate];
    if (recurrence === "none") return [];
    const { engine, updates, spec } = this;
    const n = engine.sizes.unit;
    const isInside = recurrence === "inside";
    const [weights, width, at] = isInside
      ? [engine.products[gate][0], n, unit]
      : [engine.hidden[0], engine.outside.length * n, engine.outside.indexOf(gate) * n + unit];
    const units = spec.isOneToOne ? [unit] : Array.from({ length: engine.width("hidden") }, (_, one) => one);
    const symbol = `${this.scaledBy(gate)}h`;
    return units.map((one) => {
      const scale = this.scale(gate, step, isInside ? one : unit);
      return this.unitTerm(symbol, one, [weights[one * width + at], ...scale, updates.before("hidden", step, one)]);
    });
  }

  scale(gate, step, unit) {
    const { scaledBy } = this.spec.gates[gate];
    return scaledBy ? [this.updates.at(scaledBy, step, unit)] : [];
  }

  scaledBy(gate) {
    const { scaledBy } = this.spec.gates[gate];
    return scaledBy ? `${this.updates.symbols[scaledBy]}⊙` : "";
  }

  unitTerm(symbol, name, factors) {
    return termOf("unit", `unit ${symbol} ${name}`, this.label("unit", { symbol, name }), factors);
  }

  label(kind, facts) {
    return filled(this.spec.labels[kind], facts);
  }

  // Products that have a row: those that are largest on average over some steps.
  shown(gate, unit, steps = this.compared()) {
    const size = new Map();
    for (const step of steps) {
      for (const { key, kind, value } of this.terms(gate, step, unit))
        if (kind !== "bias") size.set(key, (size.get(key) ?? 0) + Math.abs(value));
    }
    const ranked = [...size.keys()].sort((one, other) => (other === "symbol") - (one === "symbol") || size.get(other) - size.get(one));
    return new Set(ranked.length <= MOST_ROWS + 1 ? ranked : ranked.slice(0, MOST_ROWS));
  }

  // The steps at which sizes are compared: all, of a long run some.
  compared() {
    const { all, engine } = this;
    const isShort = all.length <= Math.floor(MOST_TERMS / (engine.sizes.input + engine.width("hidden") + 4));
    const apart = isShort ? 1 : Math.ceil(all.length / MOST_COMPARED);
    return all.filter((step) => step % apart === 0);
  }

  // Rows of terms, one a step: the products that are shown, all others together, every bias.
  rows(gate, unit, steps, shown) {
    const found = steps.map((step) => new Map(this.terms(gate, step, unit).map((term) => [term.key, term])));
    const order = [...new Set(found.flatMap((terms) => [...terms.keys()]))];
    const isBias = (key) => key.startsWith("bias");
    const others = new Set(order.filter((key) => !isBias(key) && !shown.has(key)));
    const rowsOf = (keys) => keys.map((key) => found.map((terms) => terms.get(key)));
    const rest = others.size ? [found.map((terms) => this.rest([...terms.values()].filter(({ key }) => others.has(key))))] : [];
    return [...rowsOf(order.filter((key) => shown.has(key))), ...rest, ...rowsOf(order.filter(isBias))];
  }

  rest(others) {
    const value = others.reduce((sum, term) => sum + term.value, 0);
    const kinds = new Set(others.map(({ key }) => key.slice(0, key.lastIndexOf(" "))));
    const isOneState = kinds.size === 1 && others[0].key.startsWith("unit");
    return { label: this.label(isOneState ? "other_units" : "other", { count: others.length }), factors: [], value };
  }

  rowOf(terms) {
    const labels = terms.map((term) => term?.label ?? "");
    const made = terms.map((term) => (term ? term.factors.map(shortNumber).join(" × ") : ""));
    return { labels: new Set(labels).size === 1 ? labels.slice(0, 1) : labels, made };
  }

  // The last line: `σ(−0.19) = 0.453`, clipped or clamped with an arrow to what came of it.
  made(gate, sum, step, unit) {
    const { clip, activations } = this.engine;
    const clipped = clip === null ? sum : Math.max(-clip, Math.min(clip, sum));
    const shift = this.shift(gate, step, unit);
    const argument = shortNumber(sum) + (clipped === sum ? "" : ` → ${shortNumber(clipped)}`);
    const { activation } = this.spec.gates[gate];
    const text = `${SIGNS[activation] ?? activation}(${argument})${shift === null ? "" : `·exp(${shortNumber(shift)})`}`;
    const value = shortNumber(this.updates.at(gate, step, unit));
    if (!this.updates.heldAt(step, unit).includes(gate)) return `${text} = ${value}`;
    const computed = activationOf(activations[gate])(clipped) * Math.exp(shift ?? 0);
    return `${text} = ${shortNumber(shift === null ? computed : Math.min(1, computed))} → ${value}`;
  }

  shift(gate, step, unit) {
    const { shift } = this.spec.gates[gate];
    const one = (name) => (name.startsWith("before:") ? this.updates.factor(name, step, unit) : -this.updates.at(name.split(":").at(-1), step, unit));
    return shift.length ? shift.reduce((sum, name) => sum + one(name), 0) : null;
  }

  // A state's equation with its numbers, and what was kept and written.
  line(state, step, unit) {
    const products = this.updates.updates[state].map(({ role, factors }) => this.product(role, factors, step, unit));
    const made = products.map(({ text }) => text).join(" + ");
    const value = shortNumber(this.updates.at(state, step, unit));
    const isHeld = this.updates.heldAt(step, unit).includes(state);
    const sum = shortNumber(products.reduce((all, one) => all + one.value, 0));
    const end = isHeld ? ` = ${sum} → ${value}` : made === value ? "" : ` = ${value}`;
    const parts = products.map(({ role, value: one }) => filled(this.spec.update[role], { value: shortNumber(one) }));
    return `${this.updates.symbols[state]} = ${made}${end}${parts.length > 1 ? `\n${parts.join(this.spec.between)}` : ""}`;
  }

  product(role, factors, step, unit) {
    const texts = factors.map((name) => this.factorText(name, step, unit));
    const isAlone = texts.length === 1;
    const text = texts.map((one) => (!isAlone && one.startsWith("−") ? `(${one})` : one)).join("·");
    return { role, text, value: factors.reduce((all, name) => all * this.updates.factor(name, step, unit), 1) };
  }

  factorText(name, step, unit) {
    const [kind, signal] = name.includes(":") ? name.split(":") : ["", name];
    const given = shortNumber(kind === "before" ? this.updates.before(signal, step, unit) : this.updates.at(signal, step, unit));
    const forms = { one_minus: `(1 − ${given})`, one_over: `(1 / ${given})`, cell_activation: `${this.spec.cellActivation}(${given})` };
    return forms[kind] ?? given;
  }

  // What a step keeps of a state, writes to it, and what a change adds by hand; null for other cells.
  flow(unit) {
    const { updates, all: steps } = this;
    const roles = (summands) => new Set(summands.map(({ role }) => role));
    const isFlow = (found) => found.size === 2 && found.has("kept") && found.has("written");
    const [state, summands] = Object.entries(updates.updates).find(([, one]) => isFlow(roles(one))) ?? [];
    if (!state) return null;
    const product = (factors, step) =>
      factors.filter((one) => !one.startsWith("before:")).reduce((all, one) => all * updates.factor(one, step, unit), 1);
    const total = (wanted) =>
      steps.map((step) => summands.filter(({ role }) => role === wanted).reduce((sum, { factors }) => sum + product(factors, step), 0));
    const [kept, written] = [total("kept"), total("written")];
    const byHand = steps.map((step) => this.byHand(state, step, unit, kept[step], written[step]));
    return { state, kept, written, byHand, initial: this.engine.initial[state][unit] };
  }

  byHand(state, step, unit, kept, written) {
    const value = this.updates.at(state, step, unit);
    const left = value - kept * this.updates.left(state, step, unit) - written;
    return this.run.interventions.length && Math.abs(left) >= BY_HAND * Math.max(1, Math.abs(value)) ? left : 0;
  }
}

function termOf(kind, key, label, factors) {
  return { kind, key, label, factors, value: factors.reduce((all, one) => all * one, 1) };
}
