// Random weights, number for number as rnnviz/network/random_model.py draws them: NumPy's
// `default_rng`, that is SeedSequence and PCG64 (O'Neill 2014), and its draws in their order.
const WORD_BITS = 0xffffffffn;
const STATE_BITS = (1n << 128n) - 1n;
const LONG_BITS = (1n << 64n) - 1n;
const PCG_FACTOR = 0x2360ed051fc65da44385df649fccf645n;
// Gains and shifts of a layer normalisation, which are not drawn.
const FIXED = { gx: 1, gh: 1, g: 1, sx: 0, sh: 0, s: 0 };
// Initialisations that draw biases, and steps of memory that "chrono" covers.
const WITH_BIASES = ["pytorch", "forget_bias"];
const SPAN = 100;

class RandomNumbers {
  // `entropy` are whole numbers below 2 ** 32.
  constructor(entropy) {
    const [high, low, stream, turn] = seedState(entropy);
    this.step = (((stream << 64n) | turn) << 1n | 1n) & STATE_BITS;
    this.state = 0n;
    this.advance();
    this.state = (this.state + ((high << 64n) | low)) & STATE_BITS;
    this.advance();
  }

  advance() {
    this.state = (this.state * PCG_FACTOR + this.step) & STATE_BITS;
  }

  // Uniform within ±limit.
  uniform(count, limit) {
    return this.between(count, -limit, limit);
  }

  between(count, low, high) {
    return Float64Array.from({ length: count }, () => low + (high - low) * this.next());
  }

  // Standard normal, by the ziggurat.
  normal(count) {
    return Float64Array.from({ length: count }, () => normalOf(this));
  }

  // Uniform from 0 to 1, of the upper 53 bits.
  next() {
    return Number(this.bits() >> 11n) / 2 ** 53;
  }

  // The next 64 bits.
  bits() {
    this.advance();
    const mixed = (this.state >> 64n) ^ (this.state & LONG_BITS);
    const turn = this.state >> 122n;
    return ((mixed >> turn) | (mixed << (64n - turn))) & LONG_BITS;
  }
}

// The four 64-bit numbers of NumPy's SeedSequence.
function seedState(entropy) {
  const pool = seedPool(entropy.map(BigInt));
  let factor = 0x8b51f9ddn;
  const words = Array.from({ length: 8 }, (_, at) => {
    let word = pool[at % 4] ^ factor;
    factor = (factor * 0x58f38dedn) & WORD_BITS;
    word = (word * factor) & WORD_BITS;
    return word ^ (word >> 16n);
  });
  return [0, 2, 4, 6].map((at) => words[at] | (words[at + 1] << 32n));
}

function seedPool(entropy) {
  let factor = 0x43b0d7e5n;
  const hashed = (word) => {
    let mixed = word ^ factor;
    factor = (factor * 0x931e8875n) & WORD_BITS;
    mixed = (mixed * factor) & WORD_BITS;
    return mixed ^ (mixed >> 16n);
  };
  const joined = (one, other) => {
    const mixed = (0xca01f9ddn * one - 0x4973f715n * other) & WORD_BITS;
    return mixed ^ (mixed >> 16n);
  };
  const pool = [0, 1, 2, 3].map((at) => hashed(entropy[at] ?? 0n));
  for (const from of [0, 1, 2, 3]) {
    for (const to of [0, 1, 2, 3]) if (from !== to) pool[to] = joined(pool[to], hashed(pool[from]));
  }
  for (const word of entropy.slice(4)) for (const to of [0, 1, 2, 3]) pool[to] = joined(pool[to], hashed(word));
  return pool;
}

// The weights of a layer by name. `init` is one of rnnviz/network/random_model.py, `params` are [name, axes],
// `keeps` and `writes` the biases of gates that do so, `sizes` by axis; `gain` multiplies matrices.
function drawnWeights({ params, keeps, writes, isDiagonal }, { level, direction, sizes }, { seed, init, gain = 1 }, rounded) {
  const numbers = new RandomNumbers([seed, level, Number(direction === "backward")]);
  const drawn = params.map(([name, axes]) => {
    const [rows, columns = 1] = axes.map((axis) => sizes[axis]);
    const values = drawnOne(numbers, init, roleOf(name), rows, columns);
    return [name, axes.length > 1 ? values.map((value) => gain * value) : values, columns];
  });
  const bias = biasOfInit[init]?.(numbers, sizes.unit);
  const turned = init === "chrono" || !keeps.length ? writes : [];
  const shift = (name, at) => (keeps.includes(name) ? bias[at] : turned.includes(name) ? -bias[at] : 0);
  const made = drawn.map(([name, values, columns]) => {
    const shifted = values.map((value, at) => rounded(bias ? value + shift(name, at) : value));
    return [name, isDiagonal && roleOf(name) === "h" ? shifted.filter((_, at) => at % (columns + 1) === 0) : shifted];
  });
  return Object.fromEntries(made);
}

function roleOf(name) {
  return name.split(".").at(-1);
}

// What is added to the bias of a gate that keeps, drawn after all weights.
const biasOfInit = {
  forget_bias: (numbers, nUnits) => new Float64Array(nUnits).fill(1),
  chrono: (numbers, nUnits) => numbers.between(nUnits, 1, SPAN - 1).map(Math.log),
};

function drawnOne(numbers, init, role, rows, columns) {
  if (role in FIXED) return new Float64Array(rows * columns).fill(FIXED[role]);
  if (!WITH_BIASES.includes(init) && (role === "b" || role === "bh")) return new Float64Array(rows);
  if (init === "identity" && role === "h")
    return Float64Array.from({ length: rows * columns }, (_, at) => Number(Math.floor(at / columns) === at % columns));
  if (init === "orthogonal" && role === "h") return orthogonal(numbers, rows, columns);
  const isXavier = init === "xavier" || init === "orthogonal";
  const limit = isXavier ? Math.sqrt(6 / (rows + columns)) : 1 / Math.sqrt(role === "w" ? columns : rows);
  return numbers.uniform(rows * columns, limit);
}

function drawnReadout(count, width, { seed, gain = 1 }, rounded) {
  const numbers = new RandomNumbers([seed, 1000]);
  const limit = Math.sqrt(1 / width);
  const [weights, bias] = [count * width, count].map((size) => numbers.uniform(size, limit));
  return { weights: weights.map((value) => rounded(gain * value)), bias: bias.map(rounded) };
}

// The numbers of a network before its training, or of other random weights than came; `rounded` makes
// a weight of a drawn number.
function drawnNumbers(header, numbers, drawn, rounded = Math.fround) {
  const { layers, readout } = header.network;
  const weights = layers.map((layer, at) => drawnWeights(drawn.layers[at], layer, drawn, rounded));
  const count = readout?.bias[1];
  const read = readout && drawnReadout(count, readout.weights[1] / count, drawn, rounded);
  return withWeights(header, numbers, weights, read);
}
