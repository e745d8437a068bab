// The network itself in the page: what a dragged gate or a typed letter does is computed at once.
const mounted = new WeakMap();

// What live_cells.js takes from here: scripts of components cannot import each other.
globalThis.rnnvizMakers = { modelOf, chosenRows, withWeights, drawnWeights, drawnReadout };

export default function mount(given) {
  const { data, parentElement } = given;
  const header = unpack(data);
  keepServed("live_network", header.playhead, given, mount);
  mounted.get(parentElement)?.stop();
  mounted.set(parentElement, new LiveNetwork(header));
  return () => {
    mounted.get(parentElement)?.close();
    mounted.delete(parentElement);
  };
}

class LiveNetwork {
  constructor(header) {
    Object.assign(this, header);
    liveNetworks.set(header.playhead, this);
    this.typed = null;
    this.input = ({ target }) => isField(target, this.text?.field) && this.type(target.value);
    document.addEventListener("input", this.input, true);
    // What was typed while the server answered is not in its answer.
    const field = document.activeElement;
    this.type(isField(field, this.text?.field) ? field.value : null);
  }

  // A text in place of the one that was read, from the next frame on; null for that one.
  type(text) {
    const isRead = text === null || text === this.text.text;
    this.model ??= isRead ? undefined : modelOf(this);
    const read = isRead ? null : this.model.reader.read(text);
    this.typed = read && this.isDrawn && read.tokens.length <= this.most ? read : null;
    this.tryOut(this.intervention);
  }

  // A gate held as the drawing asks for it; null for the trace itself.
  hold(asked) {
    this.tryOut(asked && this.clamp(asked));
  }

  // The run with one more intervention, from the next frame on; null for the run without it.
  tryOut(intervention) {
    const isToBeSeen = intervention?.do !== "seed" || (this.random && intervention.value !== this.random.seed);
    this.intervention = isToBeSeen ? intervention : null;
    this.frame ??= requestAnimationFrame(() => this.show());
  }

  // Numbers of another trace are not touched: the player has yet to bring that of this network.
  show() {
    const { playhead: name, group, trace } = this;
    const playhead = playheadOf(name);
    this.frame = playhead.hasTrace({ group, trace }) ? null : requestAnimationFrame(() => this.show());
    if (!this.frame) playhead.tryOut(group, this.shown());
  }

  // The interventions with what the drawing asks to hold, or without what it lets go.
  kept(asked) {
    const others = this.interventions.filter((one) => !this.actsThere(one, asked));
    return asked.value === null ? others : this.changed(this.clamp(asked));
  }

  isClampHere({ do: what, layer = 0 }) {
    return what === "clamp" && layer === this.layer;
  }

  actsThere(one, { gate, unit, step }) {
    const isMeant = this.isClampHere(one) && one.gate === gate && (one.units?.includes(unit) ?? true);
    return isMeant && actsAt(one, step);
  }

  // The trace itself needs no computing; `still` is that of a network that only the page knows yet.
  shown() {
    const { still = null } = this;
    if (this.intervention) return this.computed(this.changed(this.intervention));
    return this.typed ? this.computed(this.interventions) : still;
  }

  // Tokens, their labels and the inputs that the network reads.
  get reading() {
    if (this.typed) return this.typed;
    this.model ??= modelOf(this);
    const labels = playheadOf(this.playhead).labelsOf(this.group);
    return { tokens: labels, labels, inputs: this.model.inputs };
  }

  computed(interventions) {
    const run = this.run(interventions);
    const { nSteps, layers, outputs, started } = run;
    const { tokens, labels, inputs } = run.text;
    const signals = new Map(
      this.panels.map(({ name, rows }) => {
        const all = name === "inputs" ? inputs : (layers[this.layer][name] ?? outputs);
        return [name, chosenRows(all, all.length / nSteps, rows)];
      }),
    );
    this.told ??= new LiveArithmetic(this);
    const arithmetic = (signal, unit, step) => this.told.packet(run, signal, unit, step);
    return { signals, outputs, started, isDrawn: this.isDrawn, tokens, labels, arithmetic, figure: this.still?.figure };
  }

  // A run on a text, by default on what is typed or else was read.
  run(interventions, given = null) {
    this.model ??= modelOf(this);
    const { engine, inputs: read } = this.model;
    this.setWeights(interventions);
    const text = given ?? this.typed ?? (this.read ??= { inputs: read });
    const { inputs, labels, tokens } = text;
    const nSteps = tokens?.length ?? this.nSteps;
    const { layers, outputs } = engine.run(inputs, nSteps, interventions);
    const { started } = engine.layers[this.layer];
    return { text, inputs, labels, nSteps, interventions, layers, outputs, started };
  }

  // Weights that interventions change, and the seed and the factor of a random network's matrices.
  setWeights(interventions) {
    const of = (kind) => interventions.filter(({ do: what }) => what === kind);
    const [changes, gains, seeds] = [of("weight"), of("gain"), of("seed")];
    const wanted = JSON.stringify([changes, gains, seeds]);
    if (wanted === this.weights) return;
    this.weights = wanted;
    this.model.setWeights(gains.at(-1)?.value ?? this.gain?.now, changes, this.drawn(seeds.at(-1)?.value));
  }

  // The numbers of another seed, not yet multiplied nor rounded; undefined for those that were sent.
  drawn(seed) {
    if (seed === undefined) return undefined;
    return drawnNumbers({ network: this }, this.values, { ...this.random, seed }, (value) => value);
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

  stop() {
    cancelAnimationFrame(this.frame);
    document.removeEventListener("input", this.input, true);
    if (liveNetworks.get(this.playhead) === this) liveNetworks.delete(this.playhead);
  }

  close() {
    this.stop();
    playheadOf(this.playhead).tryOut(this.group, null);
  }
}

// Whether an element is the field of this name; another text than its own gives a field another key.
function isField(element, name) {
  const holder = name && element?.closest?.('[class*="st-key-"]');
  return Boolean(holder) && [...holder.classList].some((one) => one.replace(/_\d+$/, "") === `st-key-${name}`);
}
