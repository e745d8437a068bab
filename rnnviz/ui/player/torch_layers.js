// The layers of one torch.nn.RNN, LSTM or GRU among a file's arrays: documentation of `torch.nn.LSTM`,
// `GRU`, `RNN` and of their cells, "Variables".
const TORCH_NAME = /^(?:(.*)\.)?(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(_l(\d{1,4}))?(_reverse)?$/s;
const TORCH_CELLS = { 1: "rnn", 3: "gru_reset_after", 4: "lstm" };
const TORCH_ROLES = { weight_ih: "x", weight_hh: "h", bias_ih: "b", bias_hh: "bh" };
const MOST_NAMES = 6;

// { cell, layers, left }: `layers` are { level, direction, nUnits, nInputs, weights by `gate.role` },
// `left` the names of arrays that are no part of them; `gates` by cell their order in a matrix.
function torchLayers(arrays, gates) {
  const groups = groupedByPath(arrays);
  if (!groups.size) throw new FileRefusal("none", { names: listed(arrays.keys()) });
  if (groups.size > 1) throw new FileRefusal("several", { names: listed([...groups.keys()].map((path) => path || "weight_ih")) });
  const [own] = groups.values();
  const suffixes = [...new Set([...own.values()].map(({ suffix }) => suffix))].sort(bySuffix);
  const made = suffixes.map((suffix) => torchLayer(arrays, own, suffix, gates));
  const cells = new Set(made.map(({ cell }) => cell));
  if (cells.size > 1) throw new FileRefusal("mixed", { cells: [...cells].join(", ") });
  checkLevels(made);
  return { cell: made[0].cell, layers: made, left: [...arrays.keys()].filter((name) => !own.has(name)) };
}

function listed(names) {
  const every = [...names];
  return every.slice(0, MOST_NAMES).map(shortened).join(", ") + (every.length > MOST_NAMES ? ", …" : "");
}

// By path of a module the names of its arrays, and what each is.
function groupedByPath(arrays) {
  const groups = new Map();
  for (const name of arrays.keys()) {
    const [, path = "", kind, level = "", , reverse = ""] = name.match(TORCH_NAME) ?? [];
    if (!kind) continue;
    if (!groups.has(path)) groups.set(path, new Map());
    groups.get(path).set(name, { kind, suffix: level + reverse });
  }
  return groups;
}

function levelOf(suffix) {
  return Number(suffix.match(/\d+/)?.[0] ?? 0);
}

function bySuffix(one, other) {
  return levelOf(one) - levelOf(other) || one.length - other.length;
}

function torchLayer(arrays, own, suffix, gates) {
  const nameOf = (kind) => [...own].find(([, one]) => one.kind === kind && one.suffix === suffix)?.[0];
  const projection = nameOf("weight_hr");
  if (projection) throw new FileRefusal("projection", { array: projection });
  const [input, hidden] = ["weight_ih", "weight_hh"].map(nameOf);
  if (!input || !hidden) throw new FileRefusal("missing", { array: `${input ? "weight_hh" : "weight_ih"}${suffix}`, beside: input ?? hidden });
  const [rows, nUnits] = arrays.get(hidden).shape;
  const cell = TORCH_CELLS[rows / nUnits];
  if (!cell) throw new FileRefusal("shape", { array: hidden, came: shapeText(arrays.get(hidden).shape) });
  const nInputs = arrays.get(input).shape[1];
  const wanted = { weight_ih: [rows, nInputs], weight_hh: [rows, nUnits], bias_ih: [rows], bias_hh: [rows] };
  const weights = {};
  for (const [kind, shape] of Object.entries(wanted)) {
    const name = nameOf(kind);
    if (name) Object.assign(weights, splitGates(numbersOf(arrays, name, shape), TORCH_ROLES[kind], gates[cell]));
  }
  return { cell, level: levelOf(suffix), direction: suffix.endsWith("_reverse") ? "backward" : "forward", nUnits, nInputs, weights };
}

function shapeText(shape) {
  return `(${shape.join(", ")})`;
}

function numbersOf(arrays, name, shape) {
  const { shape: came, read } = arrays.get(name);
  if (String(came) !== String(shape) || shape.includes(0)) throw new FileRefusal("shape", { array: name, came: shapeText(came) });
  if (!read) throw new FileRefusal("type", { array: name });
  const numbers = read();
  if (!numbers.every(Number.isFinite)) throw new FileRefusal("finite", { array: name });
  return numbers;
}

// All gates stand one under the other.
function splitGates(numbers, role, gates) {
  const size = numbers.length / gates.length;
  return Object.fromEntries(gates.map((gate, at) => [`${gate}.${role}`, numbers.subarray(at * size, (at + 1) * size)]));
}

// Every level reads the hidden states of both directions of the one below.
function checkLevels(layers) {
  const last = Math.max(...layers.map(({ level }) => level));
  for (let level = 0; level <= last; level++) {
    const here = layers.filter((one) => one.level === level);
    const below = layers.filter((one) => one.level === level - 1).reduce((sum, { nUnits }) => sum + nUnits, 0);
    if (!here.length) throw new FileRefusal("missing", { array: `weight_ih_l${level}`, beside: `weight_ih_l${last}` });
    const wrong = here.find(({ nInputs }) => nInputs !== (level ? below : here[0].nInputs));
    if (wrong) throw new FileRefusal("level", { level: level + 1, came: wrong.nInputs, wanted: level ? below : here[0].nInputs });
  }
}
