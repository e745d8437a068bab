// The layers of one torch.nn.RNN, LSTM or GRU among a file's arrays: documentation of `torch.nn.LSTM`,
// `GRU`, `RNN` and of their cells, "Variables".
const TORCH_NAME = /^(?:.*\.)?(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(?:_l(0|[1-9]\d{0,3})(_reverse)?)?$/s;
const TORCH_CELLS = { 1: "rnn", 3: "gru_reset_after", 4: "lstm" };
const TORCH_ROLES = { weight_ih: "x", weight_hh: "h", bias_ih: "b", bias_hh: "bh" };
const MOST_NAMES = 6;
const MOST_WEIGHTS = 500_000;

// { cell, layers, left }: `layers` are { level, direction, nUnits, nInputs, weights by `gate.role` },
// `left` the names of arrays that are no part of them; `gates` by cell their order in a matrix.
function torchLayers(arrays, gates) {
  const networks = networksIn(arrays.keys());
  if (!networks.size) throw new FileRefusal("none", { names: listed(arrays.keys()) || "—" });
  if (networks.size > 1) throw new FileRefusal("several", { names: listed(networks.keys()) });
  const [own] = networks.values();
  const suffixes = suffixesOf(own);
  checkSize(arrays, own);
  const layers = suffixes.map((suffix) => torchLayer(arrays, own, suffix, gates));
  const cells = new Set(layers.map(({ cell }) => cell));
  if (cells.size > 1) throw new FileRefusal("mixed", { cells: [...cells].join(", ") });
  checkLevels(layers);
  const names = new Set(own.values());
  return { cell: layers[0].cell, layers, left: [...arrays.keys()].filter((name) => !names.has(name)) };
}

function listed(names) {
  const every = [...names];
  return every.slice(0, MOST_NAMES).map((name) => shortened(name)).join(", ") + (every.length > MOST_NAMES ? ", …" : "");
}

// By the name of its first matrix every network, as names of its arrays by their ends: "bias_ih_l0".
function networksIn(names) {
  const networks = new Map();
  for (const name of names) {
    const [, kind, level] = name.match(TORCH_NAME) ?? [];
    if (!kind) continue;
    const end = name.slice(name.lastIndexOf(".") + 1);
    const first = `${name.slice(0, name.length - end.length)}weight_ih${level ? "_l0" : ""}`;
    if (!networks.has(first)) networks.set(first, new Map());
    networks.get(first).set(end, name);
  }
  return networks;
}

// Ends of the names of every layer: "" of a cell, else "_l0", "_l0_reverse", "_l1" and so on. As in
// PyTorch all layers have both directions or one, and two biases or none.
function suffixesOf(own) {
  const found = [...own.keys()].map((end) => end.match(TORCH_NAME));
  const has = (part, one) => found.some((match) => match[part] === one);
  if (has(1, "weight_hr")) throw new FileRefusal("projection", { array: own.get(found.find(([, kind]) => kind === "weight_hr")[0]) });
  const isCell = has(2, undefined);
  const last = Math.max(...found.map(([, , level]) => Number(level ?? 0)));
  const kinds = ["weight_ih", "weight_hh", ...(has(1, "bias_ih") || has(1, "bias_hh") ? ["bias_ih", "bias_hh"] : [])];
  const suffixes = [];
  for (let level = 0; level <= last; level++) {
    for (const direction of has(3, "_reverse") ? ["", "_reverse"] : [""]) {
      const suffix = isCell ? "" : `_l${level}${direction}`;
      const missing = kinds.find((kind) => !own.has(kind + suffix));
      if (missing) throw new FileRefusal("missing", { array: missing + suffix, beside: own.values().next().value });
      suffixes.push(suffix);
    }
  }
  return suffixes;
}

// Before a number is read: arrays of a file may lie over each other, and be many times as large.
function checkSize(arrays, own) {
  const matrices = [...own].filter(([end]) => end.startsWith("weight"));
  checkCount(matrices.reduce((sum, [, name]) => sum + productOf(arrays.get(name).shape), 0));
}

function checkCount(came) {
  if (came > MOST_WEIGHTS) throw new FileRefusal("weights", { came: came.toLocaleString("en"), bound: MOST_WEIGHTS.toLocaleString("en") });
}

function torchLayer(arrays, own, suffix, gates) {
  const [input, hidden] = ["weight_ih", "weight_hh"].map((kind) => own.get(kind + suffix));
  const [rows, nUnits] = arrays.get(hidden).shape;
  const cell = TORCH_CELLS[rows / nUnits];
  if (!cell) throw new FileRefusal("shape", { array: hidden, came: shapeText(arrays.get(hidden).shape) });
  const nInputs = arrays.get(input).shape[1];
  const wanted = { weight_ih: [rows, nInputs], weight_hh: [rows, nUnits], bias_ih: [rows], bias_hh: [rows] };
  const weights = {};
  for (const [kind, shape] of Object.entries(wanted)) {
    const name = own.get(kind + suffix);
    if (name) Object.assign(weights, splitGates(numbersOf(arrays, name, shape), TORCH_ROLES[kind], gates[cell]));
  }
  const direction = suffix.endsWith("_reverse") ? "backward" : "forward";
  return { cell, level: Number(suffix.match(/\d+/) ?? 0), direction, nUnits, nInputs, weights };
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
  for (const { level, nInputs } of layers) {
    const below = layers.filter((one) => one.level === level - 1).reduce((sum, { nUnits }) => sum + nUnits, 0);
    const wanted = level ? below : layers[0].nInputs;
    if (nInputs !== wanted) throw new FileRefusal("level", { level: level + 1, came: nInputs, wanted });
  }
}
