// A network that the app's Train page saved: its weights by names as `layers.0.forward.forget.x` and
// `readout.bias`, and in the file's metadata what they do not tell (rnnviz/train/saved_model.py).
const SAVED_HERE = "rnnviz";
const SAVED_ACTIVATIONS = ["tanh", "relu"];

// What the metadata tell; null for those of another program.
function savedFacts(metadata) {
  if (metadata.format !== SAVED_HERE) return null;
  const { cell = "", task = "", activation = "tanh", readout_activation: readout = "", example = "" } = metadata;
  const [outputs, vocabulary] = [metadata.outputs, metadata.vocabulary].map(namesIn);
  return { cell, task, activation, readout, example, outputs, vocabulary };
}

function namesIn(text = "[]") {
  try {
    const names = JSON.parse(text);
    if (Array.isArray(names) && names.every((one) => typeof one === "string")) return names;
  } catch {
    // Said below.
  }
  throw new FileRefusal("damaged");
}

// Refuses a network that this page does not know; `reading` is that of its task.
function checkSaved({ activation, readout, outputs, vocabulary }, reading) {
  const [wanted] = reading.readout.activation;
  const isSame = JSON.stringify(outputs) === JSON.stringify(reading.outputs);
  const strange = [
    ...(SAVED_ACTIVATIONS.includes(activation) ? [] : [activation]),
    ...(readout === wanted ? [] : [readout]),
    ...(isSame ? [] : [listed(outputs)]),
    ...(Boolean(vocabulary.length) === Boolean(reading.text) ? [] : [listed(vocabulary)]),
  ];
  if (strange.length) throw new FileRefusal("unknown", { came: strange[0] || "—" });
}

// { cell, layers, readout, left }: `drawn` says how a layer's weights are named and which axes they
// have, `hiddenAxis` which of them is the hidden state's.
function savedStack(arrays, { cell, outputs }, drawn, hiddenAxis, nInputs) {
  checkCount([...arrays.values()].reduce((sum, { shape }) => sum + productOf(shape), 0));
  const names = [...arrays.keys()];
  const used = new Set();
  const numbers = (name, shape) => {
    used.add(name);
    return sizedNumbers(arrays, name, shape);
  };
  const layers = [];
  let width = nInputs;
  while (!layers.length || names.some((name) => name.startsWith(`layers.${layers.length}.`))) {
    const layer = savedLayer(arrays, drawn, layers.length, width, numbers);
    layers.push({ cell, ...layer });
    width = layer.sizes[hiddenAxis];
  }
  const count = outputs.length;
  const readout = { weights: numbers("readout.weights", [count, width]), bias: numbers("readout.bias", [count]) };
  return { cell, layers, readout, left: names.filter((name) => !used.has(name)) };
}

function savedLayer(arrays, { params, isDiagonal }, level, nInputs, numbers) {
  const sizes = { input: nInputs };
  const weights = {};
  for (const [name, axes] of params) {
    const own = isDiagonal && name.endsWith(".h") ? axes.slice(0, 1) : axes;
    const full = `layers.${level}.forward.${name}`;
    const shape = arrays.get(full)?.shape ?? [];
    if (shape.length === own.length) own.forEach((axis, at) => (sizes[axis] ??= shape[at]));
    weights[name] = numbers(full, own.map((axis) => sizes[axis] ?? axis));
  }
  return { level, direction: "forward", nUnits: sizes.unit, nInputs, weights, sizes };
}

function sizedNumbers(arrays, name, wanted) {
  const one = arrays.get(name);
  if (!one) throw new FileRefusal("missing", { array: name, beside: arrays.keys().next().value ?? "__metadata__" });
  if (String(one.shape) !== String(wanted)) throw new FileRefusal("size", { array: name, came: shapeText(one.shape), wanted: shapeText(wanted) });
  return numbersOf(arrays, name, wanted);
}

// { header, numbers } of such a network; `template` is the header of its cell with the reading of its task.
function savedModel(template, { layers, readout }, facts, shown) {
  const names = template.network.text ? facts.vocabulary : template.player.panels[0].units;
  const { header, numbers } = sizedModel(template, { layers, readout }, shown, labelsOf(template.network.text, names));
  const examples = [...new Set([facts.example, ...header.examples])].filter(Boolean);
  const made = { ...header, tokens: [], examples, network: { ...header.network, text: ownText(header.network.text, names) } };
  return { header: activatedAs(made, facts.activation), numbers };
}

function labelsOf(text, names) {
  const labels = new Map(text?.names.map((name, at) => [name, text.labels[at]]));
  return names.map((name) => labels.get(name) ?? name);
}

function ownText(text, names) {
  if (!text) return null;
  const unknown = names.indexOf(text.names[text.unknown]);
  return { ...text, names, labels: labelsOf(text, names), width: names.length, unknown: unknown < 0 ? null : unknown };
}

// The simple RNN alone has a choice.
function activatedAs(header, activation) {
  const { network, arithmetic, looks } = header;
  if (!("hidden" in network.layers[0].activations) || activation === "tanh") return header;
  const layers = network.layers.map((layer) => ({ ...layer, activations: { ...layer.activations, hidden: [activation] } }));
  const gates = { ...arithmetic.gates, hidden: { ...arithmetic.gates.hidden, activation } };
  const renamed = Object.fromEntries(Object.entries(looks).map(([ground, look]) => [ground, { ...look, diagram: withFormula(look.diagram, activation) }]));
  return { ...header, network: { ...network, layers }, arithmetic: { ...arithmetic, gates }, looks: renamed };
}

function withFormula(diagram, activation) {
  const labels = diagram.labels.map((label) => ({
    ...label,
    runs: label.runs.map(([text, ...rest]) => [text.replace(/^tanh\(/, `${activation}(`), ...rest]),
  }));
  return { ...diagram, labels };
}
