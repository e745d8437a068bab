// Letters of the numbers that the drawing shows; more are counted, as rnnviz/diagrams/reading.py does.
const MOST_READ = 22;
// Numbers of heatmaps.
const LARGE_PLOT = 8_000;
// Held gates that an address may name, and how far from 0.
const MOST_HELD = 100;
const LARGEST_HELD = 1e6;

// A model that a page runs itself, on what is typed there: its runs, as packets for the page's parts.
class PageModel {
  // `header` is what page_model.py makes, `numbers` the arrays of its network.
  constructor(header, numbers, isDark) {
    const { looks } = header;
    Object.assign(this, header, looks[isDark ? "dark" : "light"] ?? Object.values(looks)[0], { numbers });
    const { engine, reader, inputs } = modelOf({ ...header.network, values: numbers });
    if (header.given) this.useGiven(header.given);
    Object.assign(this, { engine, reader, given: { tokens: header.tokens, labels: this.player.tokens, inputs } });
    this.numberReader = reader ? null : new NumberReader(engine.layers[0].sizes.input);
    this.rows = new Map(this.network.panels.map(({ name, rows }) => [name, rows]));
  }

  // Python's own picture, and where its player stands.
  useGiven({ figure, player }) {
    const { values, ...header } = unpack(bytesOf(player));
    Object.assign(this, { drawn: figure, player: header });
  }

  // Where one of two runs has no step the ground is seen.
  get gapColour() {
    return this.diagram?.colours.line ?? "";
  }

  get layer() {
    return this.network.layer;
  }

  get group() {
    return this.network.group;
  }

  // Header of the arithmetic with the cell and this ground's colours; null for a layer without one.
  get toldArithmetic() {
    return this.arithmetic && { ...this.arithmetic, cell: this.cell, inks: this.inks };
  }

  // The tokens of a text, their labels and inputs; what is read as another token, as a letter that
  // the model knows only as a capital; what it does not know at all, which is left out; and whether
  // it was cut, since a page runs only so many steps.
  read(text) {
    const { most } = this.network;
    if (!this.reader) return { ...this.numberReader.read(text, most), readAs: [], unknown: [] };
    const pairs = (this.reader.tokens(text) ?? []).map((token) => [token, this.known(token)]);
    const every = pairs.filter(([, read]) => read !== undefined);
    const known = every.slice(0, most);
    const readAs = [...new Map(known.filter(([token, read]) => read !== token))];
    const unknown = [...new Set(pairs.filter(([, read]) => read === undefined).map(([token]) => token))];
    const typed = known.map(([token, read]) => (this.standsFor(read) ? token : read)).join(this.glue);
    return { ...(typed ? this.reader.read(typed) : null), readAs, unknown, isCut: every.length > most };
  }

  known(token) {
    const { ids, names, unknown, isByAppearance } = this.reader;
    if (isByAppearance) return token;
    const found = [token, token.toLowerCase(), token.toUpperCase()].find((one) => ids.has(one));
    return found ?? names[unknown];
  }

  // Whether a token is the one that stands for all that are not known.
  standsFor(token) {
    return this.reader.unknown !== null && token === this.reader.names[this.reader.unknown];
  }

  run({ tokens, labels, inputs }, interventions) {
    const nSteps = labels.length;
    const { layers, outputs } = this.engine.run(inputs, nSteps, interventions);
    const run = { tokens, labels, inputs, nSteps, layers, outputs, interventions, name: `run ${(PageModel.count += 1)}` };
    return { ...run, panels: this.panelsOf(run), started: this.engine.layers[this.layer].started };
  }

  // The held gates that an address names; none where it names anything else.
  heldIn(text) {
    try {
      const held = JSON.parse(text);
      return held.length <= MOST_HELD && held.every((one) => this.canHold(one)) ? held : [];
    } catch {
      return [];
    }
  }

  canHold({ do: what, gate, value, units = null, layer = null, start = 0, stop = null }) {
    const engine = this.engine.layers[layer ?? 0];
    const isPlace = (place, end) => Number.isInteger(place) && place >= 0 && place < end;
    return (
      what === "clamp" &&
      Boolean(engine) &&
      this.cell.gates.includes(gate) &&
      Number.isFinite(value) &&
      Math.abs(value) <= LARGEST_HELD &&
      (units === null || units.every((unit) => isPlace(unit, engine.width(gate)))) &&
      [start, stop ?? 0].every((step) => isPlace(step, Infinity))
    );
  }

  answerPacket(run, original) {
    return this.answer && answerPacketOf(this.answer, run, original, this.glue);
  }

  // The text on the colours of the picked unit, where it is long, and no book.
  textPacket(run) {
    const { tokens } = run;
    const letters = tokens.reduce((sum, token) => sum + Math.max(1, token.length), 0);
    if (this.readsNumbers || letters < this.coloured.fewest || tokens.length > this.coloured.most) return null;
    const scales = Object.entries(this.text.signals).map(([name, scale]) => {
      const [low, high] = this.rangeOf(run, name);
      return [name, { ...scale, low, high }];
    });
    return pack({ ...this.text, tokens, between: this.glue, signals: Object.fromEntries(scales) });
  }

  arithmeticPacket(run, original, signal, unit) {
    if (!this.arithmetic || !run.layers[this.layer][signal]) return null;
    const updates = new UnitUpdates(this.cell, this, run);
    return new RunArithmetic(updates, this.toldArithmetic, { model: this, run, original }).packet(signal, unit);
  }

  sentencePacket(run, unit) {
    const updates = new UnitUpdates(this.cell, this, run);
    return new RunSentences(updates, this.sentences, { model: this, run }).packet(unit);
  }

  // All numbers (step, unit) of a signal.
  numbersOf({ layers, inputs, outputs }, name) {
    return name === "inputs" ? inputs : (layers[this.layer][name] ?? outputs);
  }

  rangeOf(run, name) {
    const values = this.numbersOf(run, name);
    return colourRange(this.signals[name], values, values.length / run.nSteps);
  }

  panelsOf(run) {
    const panelOf = (panel) => {
      const whole = this.numbersOf(run, panel.name);
      const width = whole.length / run.nSteps;
      const rows = this.rows.get(panel.name) ?? Array.from({ length: width }, (_, row) => row);
      const [low, high] = this.rangeOf(run, panel.name);
      return [panel.name, { ...panel, low, high, values: chosenRows(whole, width, rows) }];
    };
    return new Map(this.player.panels.map(panelOf));
  }

  // Python's own picture of the input that the model comes with may know more, as right answers.
  figureOf({ panels, labels, interventions, inputs, nSteps }) {
    const isGiven = this.drawn && inputs === this.given.inputs && interventions === this.network.interventions;
    if (isGiven) return this.drawn;
    const clamps = interventions.filter((one) => isClampOn(one, this.layer));
    const made = figureOfRun(this.figure, panels, labels);
    return clamps.length ? withHeldMarks(made, panels, clamps, nSteps, this.heldWord) : made;
  }

  // Of a new `jump` the player goes to a `step`, or with null to the last.
  playerPacket({ name, labels, nSteps, panels }, place) {
    let start = 0;
    const headers = [...panels.values()].map(({ values, ...panel }) => ({ ...panel, start: (start += values.length) - values.length }));
    const header = { ...this.player, ...place, trace: name, tokens: labels, whole: nSteps, panels: headers };
    return pack(header, [...panels.values()].map(({ values }) => values));
  }

  diagramPacket(run) {
    const { labels, nSteps, name, interventions } = run;
    const { diagram, layer } = this;
    const scales = Object.entries(diagram.scales).map(([signal, scale]) => {
      const [low, high] = this.rangeOf(run, signal);
      return [signal, { ...scale, low, high }];
    });
    return pack({
      ...diagram,
      trace: name,
      tokens: labels,
      whole: nSteps,
      reads: this.readsOf(run),
      held: interventions.filter((one) => isClampOn(one, layer)).map(({ gate, units = null, start = 0, stop = null }) => ({ gate, units, start, stop })),
      started: this.shownStarted(run),
      silenced: interventions.some(({ do: what }) => what === "silence"),
      scales: Object.fromEntries(scales),
    });
  }

  // Dragged gates run it with the same inputs.
  livePacket({ name, inputs, nSteps, interventions }) {
    const place = [this.numbers.length, inputs.length];
    const { network, numbers, toldArithmetic: arithmetic } = this;
    return pack({ ...network, trace: name, inputs: place, nSteps, interventions, text: null, arithmetic }, [numbers, inputs]);
  }

  // Whether a plot of all its numbers takes long.
  isLarge({ labels }) {
    const width = this.player.panels.reduce((sum, { units }) => sum + units.length, 0);
    return labels.length * width > LARGE_PLOT;
  }

  // What the page's parts show of a run until its plot is drawn.
  triedOf({ panels, outputs, tokens, labels }) {
    const signals = new Map([...panels].map(([name, { values }]) => [name, values]));
    return { signals, outputs, tokens, labels, started: this.engine.layers[this.layer].started, isDrawn: true };
  }

  // What the layer reads at every step: a layer above the first always the same.
  readsOf({ labels, inputs, nSteps }) {
    const { reads, quoted } = this.diagram;
    if (this.network.layers[this.layer].level) return labels.map(() => reads[0]);
    if (!this.readsNumbers) return labels.map((token) => filled(quoted, { token }));
    const width = inputs.length / nSteps;
    const many = filled(this.manyNumbers, { count: width });
    return labels.map((_, step) => {
      const text = Array.from(inputs.subarray(step * width, (step + 1) * width), shortNumber).join(", ");
      return width > MOST_READ / 3 || text.length > MOST_READ ? many : text;
    });
  }

  // States that interventions set before a step, by state and step, of the units that are shown.
  shownStarted({ started }) {
    const shown = (state) => Array.from(started, ([step, states]) => [step, this.shownOf(state, states[state])]);
    const { initial } = this.engine.layers[this.layer];
    return Object.fromEntries(Object.keys(initial).map((state) => [state, Object.fromEntries(shown(state))]));
  }

  shownOf(state, values) {
    return (this.rows.get(state) ?? [...values.keys()]).map((row) => values[row]);
  }
}
PageModel.count = 0;

// A picture as Python made it, of what a page cannot compute itself.
class GivenPicture {
  constructor({ figure, player, diagram }) {
    Object.assign(this, { figure, player: bytesOf(player), diagram: diagram && bytesOf(diagram), given: {} });
  }

  run(read, interventions) {
    return { interventions };
  }

  figureOf() {
    return this.figure;
  }

  playerPacket() {
    return this.player;
  }

  diagramPacket() {
    return this.diagram;
  }

  answerPacket() {
    return null;
  }

  sentencePacket() {
    return null;
  }

  textPacket() {
    return null;
  }

  arithmeticPacket() {
    return null;
  }

  livePacket() {
    return null;
  }
}

function isClampOn(one, layer) {
  return one.do === "clamp" && isOn(one, layer);
}
