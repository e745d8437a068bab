// Another cell in the page itself: its heatmaps and its drawing are seen before the server hears of it.
const mounted = new WeakMap();
// Components that show a run, in the order in which they are told of it.
const SHOWING = ["player", "diagram", "live_network"];

export default function mount({ data, parentElement }) {
  const cells = new LiveCells();
  mounted.set(parentElement, cells);
  cells.unfold(data);
  return () => mounted.get(parentElement)?.close();
}

class LiveCells {
  // `data` are templates by cell as live_cells.py makes them.
  async unfold(data) {
    const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
    Object.assign(this, await new Response(stream).json());
    liveCells.set(this.playhead, this);
  }

  // The random network that the server sent last; a network of the page's own is made of it.
  get base() {
    const network = liveNetworks.get(this.playhead);
    if (network?.random && network !== this.sent) Object.assign(this, { sent: network, asked: {} });
    return network && this.sent;
  }

  // Another `cell`, `init` or `activation`, or number of `units` or `layers`, beside what was asked for
  // since the server's answer.
  ask(change) {
    const { base } = this;
    if (!base) return;
    Object.assign(this.asked, change);
    const [{ cell, sizes }] = base.layers;
    const { init, activation } = base.random;
    const sent = { cell, units: sizes.unit, layers: base.layers.at(-1).level + 1, init, activation };
    const asked = { ...sent, ...this.asked };
    const isOther = Object.keys(sent).some((name) => asked[name] !== sent[name]);
    if (isOther && this.canShow(asked, base)) this.show(base, asked);
    else this.showServed(base);
  }

  // Whether the page knows all that the server will show.
  canShow(asked, base) {
    const { random, layers: [like], isDrawn, interventions, most, reading } = base;
    const { units, layers, init } = asked;
    const { header, drawn } = this.templateOf(asked) ?? {};
    const isKnown = drawn?.inits.includes(init) && random.isPlain && isDrawn && !interventions.length;
    const isCount = (count) => Number.isInteger(count) && count >= 1;
    if (!isKnown || !isCount(units) || units > this.mostUnits || !isCount(layers)) return false;
    // Recurrent weights of another form than the cell's usual one.
    if (asked.cell === like.cell && drawn.layers[0].isDiagonal !== random.layers[0].isDiagonal) return false;
    const beside = DIRECTIONS[random.direction].length;
    const nWeights = beside * header.cell.gates.length * units * (like.sizes.input + units + (beside + 1) * units * (layers - 1));
    return nWeights <= this.mostDrawn && reading.labels.length <= Math.min(most, MOST_PRODUCTS / nWeights) && Boolean(this.figureOf(asked, base));
  }

  // Of a cell that does not have the chosen activation, that with its own.
  templateOf({ cell, activation }) {
    return this.cells[cell]?.[activation] ?? this.cells[cell]?.[""];
  }

  // The figure of a cell: where the panel of its outputs has another height for each of their numbers,
  // that of as many as there are inputs; undefined where their names would not be in their cells.
  figureOf(asked, { layers: [{ sizes }], reading }) {
    const { header, figures } = this.templateOf(asked);
    if (!figures.length) return Object.values(header.looks)[0].figure;
    const isRanked = sizes.input >= figures.length;
    return isRanked && reading.labels.length > this.mostLettered ? undefined : figures[Math.min(sizes.input, figures.length) - 1];
  }

  // Back to the cell that the server knows.
  showServed({ trace, group }) {
    if (playheadOf(this.playhead).hasTrace({ group, trace })) return;
    for (const name of SHOWING) this.of(name)?.mount({ ...this.of(name).given, isOfPage: true });
  }

  // The heatmaps first; the drawing and what a dragged gate runs follow in the next frame.
  show(base, asked) {
    const model = this.modelOf(base, asked);
    const run = model.run(base.reading, []);
    const { tokens, labels, ...tried } = model.triedOf(run);
    const still = { ...tried, figure: marked(model.figure, run.panels) };
    const playhead = playheadOf(this.playhead);
    playhead.quietly(() => this.give("player", model.playerPacket(run, this.place)));
    playhead.tryOut(base.group, still);
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => setTimeout(() => this.complete(model, run, still)));
  }

  // Not where the server was as fast, or another cell is chosen already.
  complete(model, run, still) {
    if (!playheadOf(this.playhead).hasTrace({ group: model.group, trace: run.name })) return;
    this.give("diagram", model.diagramPacket(run));
    this.give("live_network", model.livePacket(run));
    liveNetworks.get(this.playhead).still = still;
  }

  // Where the player of the server's run stands.
  get place() {
    const { jump, veil, speed, first, whole, step } = unpack(this.of("player").given.data);
    return { jump, veil, speed, first, whole, step, lifted: false, plays: false };
  }

  of(name) {
    return served.get(`${name} ${this.playhead}`);
  }

  give(name, data) {
    const { given, mount } = this.of(name) ?? {};
    mount?.({ ...given, data, isOfPage: true });
  }

  // The network of this cell with the seed, size, inputs and strength of weights that are chosen; the
  // first of its layers where it has no longer the one that was shown.
  modelOf(base, asked) {
    const { random, gain, group, intervention, playhead } = base;
    const { units, layers, init } = asked;
    const { header, drawn } = this.templateOf(asked);
    const [look] = Object.values(header.looks);
    const template = { ...header, looks: { light: { ...look, figure: this.figureOf(asked, base) } } };
    const chosen = (what, otherwise) => (intervention?.do === what ? intervention.value : otherwise);
    const { units: names } = playheadOf(playhead).signalOf(group, "inputs");
    const { direction } = random;
    const shown = base.layer < layers * DIRECTIONS[direction].length ? base.layer : 0;
    const own = { ...drawn, init, seed: chosen("seed", random.seed), gain: chosen("gain", gain.now) };
    const made = drawnModel(template, own, { units, layers, direction, shown }, { names, outputs: names });
    return new PageModel(made.header, made.numbers, false);
  }

  close() {
    if (liveCells.get(this.playhead) === this) liveCells.delete(this.playhead);
  }
}

// The figure with what its colour scales say of a run; its numbers are painted.
function marked({ data, layout, paper }, panels) {
  const panelOf = (trace) => panels.get(metaOf(trace).signal);
  const shapes = data.flatMap((trace) => (isCut(panelOf(trace)) ? dashes(trace, panelOf(trace), paper) : []));
  const scaled = data.map((trace) => ({ ...trace, colorbar: { ...trace.colorbar, tickvals: ticksOf(panelOf(trace)), ticktext: tickTexts(panelOf(trace)) } }));
  return { data: scaled, layout: { ...layout, shapes } };
}
