// A page's model of weights that the reader opened, or of random ones: the header of another network of
// the same cell, in other sizes and with other weights.
const MOST_PRODUCTS = 48_000_000;
const MOST_STRIPS = 8;
// Pixels of a strip of the inputs, at least of all of them, and of a name's letter beside its room.
const [STRIP, LEAST_STRIPS, LETTER, MARGIN] = [26, 30, 8, 14];
// Steps and decimals of the numbers to try.
const [N_STEPS, WAVE] = [12, 0.8];

// { header, numbers }: `template` is such a header, `shown` the layer to be drawn.
function openedModel(template, { layers }, shown) {
  const { nInputs } = layers[0];
  const names = Array.from({ length: nInputs }, (_, input) => `x${input}`);
  const made = sizedModel(template, { layers, readout: null }, shown, names);
  return { ...made, header: { ...made.header, tokens: [], examples: [wave(nInputs)] } };
}

// By the name of a direction the directions of each level.
const DIRECTIONS = { forward: ["forward"], backward: ["backward"], both: ["forward", "backward"] };

// The same of random weights, in `layers` of `units` each; `drawn` tells how they are drawn. By default
// `names` of inputs and of `outputs` are the template's.
function drawnModel(template, drawn, { units, layers = 1, direction = "forward", shown = 0 }, { names = inputsOf(template), outputs = null } = {}) {
  const { readout, layers: [like] } = template.network;
  const stack = [];
  let width = names.length;
  for (let level = 0; level < layers; level++) {
    const beside = DIRECTIONS[direction].map((one) => drawnLayer(like, drawn, { level, direction: one, nUnits: units, nInputs: width }));
    stack.push(...beside);
    width = beside.length * beside[0].sizes[like.signals.hidden];
  }
  const read = readout && drawnReadout(outputs?.length ?? readout.bias[1], width, drawn, Math.fround);
  return sizedModel(template, { layers: stack, readout: read }, shown, names, outputs);
}

function drawnLayer({ sizes: axes }, drawn, { level, direction, nUnits, nInputs }) {
  const projected = "projection" in axes ? { projection: Math.max(1, Math.floor(nUnits / 2)) } : {};
  const sizes = { ...axes, unit: nUnits, input: nInputs, ...projected };
  // Layers of a stack differ in nothing but their sizes.
  const weights = drawnWeights(drawn.layers[0], { level, direction, sizes }, drawn, Math.fround);
  return { level, direction, nUnits, nInputs, weights, sizes };
}

function inputsOf({ player }) {
  return player.panels.find(({ name }) => name === "inputs").units;
}

// `stack` are layers and a readout with their weights, `names` those of the inputs, `outputs` of the
// outputs, null for the template's.
function sizedModel(template, { layers, readout }, shown, names, outputs = null) {
  const nWeights = layers.reduce((sum, one) => sum + productsOf(one), 0);
  const places = new Places();
  const specs = layers.map((layer) => sizedLayer(template.network.layers[0], layer, places));
  const layer = layers[shown];
  const arithmetic = template.arithmetic && sizedArithmetic(template.arithmetic, layer);
  const { sizes } = specs[shown];
  const { signals } = template.network.layers[0];
  const unitsOf = ({ name, units }) => (name in signals ? countedTo(sizes[signals[name]]) : name === "inputs" ? names : (outputs ?? units));
  const panels = template.player.panels.map((one) => ({ ...one, units: unitsOf(one) }));
  const units = new Map(panels.map((one) => [one.name, one.units]));
  // Rows by the name of a signal of the layer.
  const counted = new Map(panels.filter(({ name }) => name in signals).map((one) => [one.name, one.units]));
  const network = {
    ...template.network,
    layers: specs,
    readout: readout && { ...template.network.readout, weights: places.of(readout.weights.length), bias: places.of(readout.bias.length) },
    layer: shown,
    inputs: [0, 0],
    nSteps: 0,
    most: Math.floor(MOST_PRODUCTS / nWeights),
    panels: template.network.panels.map(({ name }) => ({ name, rows: [...units.get(name).keys()] })),
  };
  const backward = layer.direction === "backward";
  const player = { ...template.player, tokens: [], backward, panels };
  const looks = Object.fromEntries(Object.entries(template.looks).map(([name, look]) => [name, sizedLook(look, names, counted, { layers, layer, backward, sizes })]));
  const header = { ...template, network, arithmetic, player, looks };
  const weights = layers.map((one) => one.weights);
  return { header, numbers: withWeights(header, new Float64Array(places.size), weights, readout) };
}

function countedTo(count) {
  return Array.from({ length: count }, (_, unit) => String(unit));
}

// How many weights a step multiplies.
function productsOf({ weights }) {
  return Object.entries(weights).reduce((sum, [name, { length }]) => sum + (/\.[xh]$/.test(name) ? length : 0), 0);
}

// Places of arrays in one block, one after the other.
class Places {
  size = 0;

  of(length) {
    this.size += length;
    return [this.size - length, length];
  }
}

function sizedLayer(like, { level, direction, nUnits, nInputs, weights, sizes = { unit: nUnits, input: nInputs } }, places) {
  const pair = (columns, gates) => [places.of(columns * gates * nUnits), places.of(gates * nUnits)];
  const each = (named, make) => Object.fromEntries(Object.keys(named).map((name) => [name, make(name)]));
  const nHidden = sizes[like.signals.hidden];
  return {
    ...like,
    level,
    direction,
    sizes,
    input: pair(nInputs, like.reading.length),
    hidden: like.outside.length ? pair(nHidden, like.outside.length) : [],
    products: each(like.products, () => pair(nHidden, 1)),
    weights: each(like.weights, (name) => places.of(weights[name].length)),
    initial: each(like.initial, (state) => places.of(sizes[like.signals[state]])),
  };
}

// Biases that the layer does not have are no summands.
function sizedArithmetic(spec, { level, weights }) {
  const there = (gate, biases) => biases.filter(({ role }) => `${gate}.${role}` in weights);
  const gates = Object.entries(spec.gates).map(([gate, one]) => [gate, { ...one, biases: there(gate, one.biases) }]);
  const below = { forward: stateSymbol(level, "forward"), backward: stateSymbol(level, "backward") };
  return { ...spec, below, gates: Object.fromEntries(gates) };
}

function sizedLook(look, names, counted, { layers, layer, backward, sizes }) {
  const { diagram } = look;
  const below = layers.filter(({ level }) => level === layer.level - 1);
  const symbols = below.map(({ direction }) => stateSymbol(layer.level, direction));
  const sized = {
    ...diagram,
    units: countedTo(sizes.unit).map(Number),
    count: sizes.unit,
    backward,
    apart: Object.fromEntries(Object.keys(diagram.apart).map((signal) => [signal, counted.get(signal).length])),
    initial: Object.fromEntries(Object.keys(diagram.initial).map((state) => [state, counted.get(state).map(() => 0)])),
    reads: [symbols.join(", ")],
    quoted: layer.level ? "" : diagram.quoted,
  };
  return { ...look, diagram: sized, figure: sizedFigure(look.figure, names, counted) };
}

// Symbol of a level's hidden state in the level above; levels count from 1.
function stateSymbol(level, direction) {
  const raised = [...String(level)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");
  return `h${raised}${direction === "forward" ? "→" : "←"}`;
}

// A strip for every input, none of very many; a row for every unit.
function sizedFigure({ data, layout, paper }, names, counted) {
  const strips = data.filter((trace) => metaOf(trace).signal === "inputs");
  const heatmaps = data.filter((trace) => metaOf(trace).signal !== "inputs");
  const sized = heatmaps.map((trace) => ({ ...trace, y: counted.get(metaOf(trace).signal) ?? trace.y }));
  if (!strips.length) return { data: sized, layout, paper };
  const l = MARGIN + LETTER * Math.max(...[...names, ...[...counted.values()].flat()].map(({ length }) => length));
  const wide = { ...layout, margin: { ...layout.margin, l } };
  if (names.length > MOST_STRIPS) return withoutInputs({ data: sized, layout: wide, paper });
  const [strip] = strips;
  const own = names.map((name) => ({ ...strip, name, hovertemplate: strip.hovertemplate.replace(strip.name, name) }));
  const made = withStrips(wide, strip.yaxis, names);
  return { data: [...own, ...sized.map((trace) => onDomain(trace, made))], layout: made, paper };
}

function withoutInputs({ data, layout, paper }) {
  const axes = [...new Set(data.map(({ yaxis }) => yaxis))];
  const moved = restacked(layout, axes);
  return { data: data.map((trace) => onDomain(trace, moved)), layout: { ...moved, annotations: keptTitles(layout, axes) }, paper };
}

// The first panel has as many strips as there are names; the others keep their pixels.
function withStrips(layout, axis, names) {
  const inner = layout.height - layout.margin.t - layout.margin.b;
  const height = Math.max(LEAST_STRIPS, STRIP * names.length);
  const [bottom] = layout[axisName(axis)].domain;
  const whole = bottom * inner + height;
  const scaled = (name) => layout[name].domain.map((end) => Math.min(1, (end * inner) / whole));
  const axes = Object.keys(layout).filter((name) => name.startsWith("yaxis"));
  const moved = Object.fromEntries(axes.map((name) => [name, { ...layout[name], domain: scaled(name) }]));
  const start = (bottom * inner) / whole;
  moved[axisName(axis)] = {
    ...moved[axisName(axis)],
    domain: [start, 1],
    range: [names.length - 0.5, -0.5],
    tickvals: names.map((_, row) => row),
    ticktext: names,
  };
  const reach = layout.annotations.find(({ name }) => name === "reach");
  const others = layout.annotations.filter(({ name }) => name !== "reach");
  const reaches = names.map((_, row) => ({ ...reach, y: 1 - ((row + 0.5) * (1 - start)) / names.length }));
  const rounded = Math.round(whole) + layout.margin.t + layout.margin.b;
  return { ...layout, ...moved, annotations: [...others, ...reaches], height: rounded };
}

// Numbers to try: a wave for every input, each slower than the one before.
function wave(nInputs) {
  const number = (step, input) => String(Number((WAVE * Math.sin((2 * Math.PI * (step + 1)) / (4 + (input % 8)))).toFixed(2)));
  const steps = Array.from({ length: N_STEPS }, (_, step) => Array.from({ length: nInputs }, (_, input) => number(step, input)).join(" "));
  return `${steps.join("; ")};`;
}
