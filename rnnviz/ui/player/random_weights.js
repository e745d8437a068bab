// Random weights, number for number as rnnviz/network/random_model.py draws them: NumPy's
// `default_rng`, that is SeedSequence and PCG64 (O'Neill 2014), and uniform draws in its order.
const WORD_BITS = 0xffffffffn;
const STATE_BITS = (1n << 128n) - 1n;
const LONG_BITS = (1n << 64n) - 1n;
const PCG_FACTOR = 0x2360ed051fc65da44385df649fccf645n;
// Gains and shifts of a layer normalisation, which are not drawn.
const FIXED = { gx: 1, gh: 1, g: 1, sx: 0, sh: 0, s: 0 };

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
    return Float64Array.from({ length: count }, () => -limit + (limit + limit) * this.next());
  }

  // Uniform from 0 to 1, of the upper 53 bits.
  next() {
    this.advance();
    const mixed = (this.state >> 64n) ^ (this.state & LONG_BITS);
    const turn = this.state >> 122n;
    const bits = ((mixed >> turn) | (mixed << (64n - turn))) & LONG_BITS;
    return Number(bits >> 11n) / 2 ** 53;
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

// The weights of a layer by name. `init` is "pytorch", "xavier" or "identity", `params` are [name, axes],
// `shifts` what is added to a bias, `sizes` by axis.
function drawnWeights({ init, params, shifts, isDiagonal }, { level, direction, sizes }, seed, rounded) {
  const numbers = new RandomNumbers([seed, level, Number(direction === "backward")]);
  const drawn = params.map(([name, axes]) => {
    const role = name.split(".").at(-1);
    const [rows, columns] = axes.length > 1 ? axes.map((axis) => sizes[axis]) : [sizes[axes[0]], 1];
    const values = drawnOne(numbers, init, role, rows, columns).map((value) => rounded(value + (shifts[name] ?? 0)));
    return [name, isDiagonal && role === "h" ? values.filter((_, at) => at % (columns + 1) === 0) : values];
  });
  return Object.fromEntries(drawn);
}

function drawnOne(numbers, init, role, rows, columns) {
  if (role in FIXED) return new Float64Array(rows * columns).fill(FIXED[role]);
  if (init !== "pytorch" && (role === "b" || role === "bh")) return new Float64Array(rows);
  if (init === "identity" && role === "h")
    return Float64Array.from({ length: rows * columns }, (_, at) => Number(at % (columns + 1) === 0));
  const limit = init === "xavier" ? Math.sqrt(6 / (rows + columns)) : 1 / Math.sqrt(role === "w" ? columns : rows);
  return numbers.uniform(rows * columns, limit);
}

function drawnReadout(count, width, seed, rounded) {
  const numbers = new RandomNumbers([seed, 1000]);
  const limit = Math.sqrt(1 / width);
  const [weights, bias] = [count * width, count].map((size) => numbers.uniform(size, limit).map(rounded));
  return { weights, bias };
}

// The numbers of a network before its training, or of random weights of another seed; `rounded` makes
// a weight of a drawn number.
function drawnNumbers(header, numbers, drawn, seed = drawn.seed, rounded = Math.fround) {
  const { layers, readout } = header.network;
  const weights = layers.map((layer, at) => drawnWeights(drawn.layers[at], layer, seed, rounded));
  const count = readout?.bias[1];
  const read = readout && drawnReadout(count, readout.weights[1] / count, seed, rounded);
  return withWeights(header, numbers, weights, read);
}
