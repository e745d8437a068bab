// NumPy's standard normal numbers (Marsaglia & Tsang, "The ziggurat method for generating random
// variables", 2000, in 256 steps as distributions.c takes them), and orthogonal matrices of them.
const [STEPS, DRAWN_BITS] = [256, 2 ** 52];
// Where the tail starts, and the area of every step.
const [TAIL, AREA] = [3.654152885361009, 0.004928673233974655];

function density(x) {
  return Math.exp(-0.5 * x * x);
}

// Width of every step, from the top down; the lowest one's is that of its area with the tail.
const WIDTHS = stepWidths();

function stepWidths() {
  const made = new Float64Array(STEPS + 1);
  made.set([TAIL, AREA / density(TAIL)], STEPS - 1);
  for (let at = STEPS - 2; at > 0; at--) made[at] = Math.sqrt(-2 * Math.log(AREA / made[at + 1] + density(made[at + 1])));
  return made;
}

// `numbers` are RandomNumbers.
function normalOf(numbers) {
  for (;;) {
    const bits = numbers.bits();
    const step = Number(bits & 0xffn);
    const size = Number((bits >> 9n) & 0xfffffffffffffn);
    const [outer, inner] = step ? [WIDTHS[step], WIDTHS[step - 1]] : [WIDTHS[STEPS], TAIL];
    const x = (bits >> 8n) & 1n ? -size * (outer / DRAWN_BITS) : size * (outer / DRAWN_BITS);
    if (size < Math.floor((inner / outer) * DRAWN_BITS)) return x;
    if (!step) return tailOf(numbers, (bits >> 17n) & 1n);
    const [low, high] = [density(outer), density(inner)];
    if ((high - low) * numbers.next() + low < density(x)) return x;
  }
}

function tailOf(numbers, isNegative) {
  for (;;) {
    const beyond = -Math.log1p(-numbers.next()) / TAIL;
    const bound = -Math.log1p(-numbers.next());
    if (bound + bound > beyond * beyond) return isNegative ? -(TAIL + beyond) : TAIL + beyond;
  }
}

// A matrix (row, column) drawn uniformly from the orthogonal ones: Q of the QR decomposition of normal
// numbers whose R has a positive diagonal (Mezzadri 2007).
function orthogonal(numbers, rows, columns) {
  const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
  const drawn = numbers.normal(long * short);
  const vectors = Array.from({ length: short }, (_, at) => Float64Array.from({ length: long }, (_, row) => drawn[row * short + at]));
  for (const [at, vector] of vectors.entries()) standUpright(vector, vectors.slice(0, at));
  const isTall = rows >= columns;
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return isTall ? vectors[column][row] : vectors[row][column];
  });
}

// By Gram and Schmidt, twice, so that what is left is upright within rounding.
function standUpright(vector, others) {
  const product = (one, other) => one.reduce((sum, value, at) => sum + value * other[at], 0);
  for (const other of [...others, ...others]) {
    const along = product(vector, other);
    for (const [at, value] of other.entries()) vector[at] -= along * value;
  }
  const length = Math.sqrt(product(vector, vector));
  for (const at of vector.keys()) vector[at] /= length;
}
