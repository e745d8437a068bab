// Two runs on one time axis, as rnnviz/analysis/{align,compare,difference}.py compare them.
const MOST_COSTS = 4_000_000;
const GAP = "·";

// The steps of two lists of tokens at every column of a common axis, null for a gap: the fewest
// replacements, insertions and deletions (Wagner & Fischer 1974).
function alignment(one, other) {
  const start = commonLength(one, other);
  const [inner, beside] = [one.slice(start), other.slice(start)];
  const end = commonLength([...inner].reverse(), [...beside].reverse());
  const [rest, left] = [inner.slice(0, inner.length - end), beside.slice(0, beside.length - end)];
  const moved = (step) => (step === null ? null : step + start);
  const pairs = [
    ...Array.from({ length: start }, (_, step) => [step, step]),
    ...pairsOf(rest, left).map((pair) => pair.map(moved)),
    ...Array.from({ length: end }, (_, at) => [one.length - end + at, other.length - end + at]),
  ];
  return [0, 1].map((run) => pairs.map((pair) => pair[run]));
}

function commonLength(one, other) {
  const most = Math.min(one.length, other.length);
  let count = 0;
  while (count < most && one[count] === other[count]) count++;
  return count;
}

function pairsOf(one, other) {
  if (!one.length || !other.length || one.length * other.length > MOST_COSTS) {
    const stepOf = (tokens, step) => (step < tokens.length ? step : null);
    return Array.from({ length: Math.max(one.length, other.length) }, (_, step) => [stepOf(one, step), stepOf(other, step)]);
  }
  return tracedBack(costsOf(one, other), one, other);
}

// More than all equal pairs gain, each of which gains 1.
function costOfChange(one, other) {
  return Math.min(one.length, other.length) + 1;
}

// The least cost that turns the first i tokens into the first j, (i, j).
function costsOf(one, other) {
  const change = costOfChange(one, other);
  const width = other.length + 1;
  const costs = new Int32Array((one.length + 1) * width);
  for (let j = 0; j < width; j++) costs[j] = j * change;
  for (let i = 1; i <= one.length; i++) {
    costs[i * width] = i * change;
    for (let j = 1; j < width; j++) {
      const pair = costs[(i - 1) * width + j - 1] + (one[i - 1] === other[j - 1] ? -1 : change);
      costs[i * width + j] = Math.min(pair, costs[(i - 1) * width + j] + change, costs[i * width + j - 1] + change);
    }
  }
  return costs;
}

// The pairs on a cheapest way through the table; a pair is taken before a gap.
function tracedBack(costs, one, other) {
  const [change, width] = [costOfChange(one, other), other.length + 1];
  const pairs = [];
  let [i, j] = [one.length, other.length];
  while (i && j) {
    const here = costs[i * width + j];
    const pair = one[i - 1] === other[j - 1] ? -1 : change;
    if (here === costs[(i - 1) * width + j - 1] + pair) pairs.push([--i, --j]);
    else if (here === costs[(i - 1) * width + j] + change) pairs.push([--i, null]);
    else pairs.push([null, --j]);
  }
  while (i) pairs.push([--i, null]);
  while (j) pairs.push([null, --j]);
  return pairs.reverse();
}

class RunComparison {
  // `runs` are two of { model, run, name }.
  constructor(runs) {
    this.runs = runs;
    this.steps = alignment(...runs.map(({ run }) => run.tokens));
    this.nColumns = this.steps[0].length;
    this.aligned = runs.map((one, number) => this.panelsOf(one, this.steps[number]));
  }

  // By signal its numbers (column, row), NaN where the run has no step.
  panelsOf({ run }, steps) {
    const onColumns = (panel) => ({ ...panel, values: alignedValues(panel, steps) });
    return new Map([...run.panels].map(([name, panel]) => [name, onColumns(panel)]));
  }

  labelAt(number, column) {
    const step = this.steps[number][column];
    return step === null ? null : this.runs[number].run.labels[step];
  }

  labelsOf(join) {
    return Array.from({ length: this.nColumns }, (_, column) => join(this.labelAt(0, column), this.labelAt(1, column)));
  }

  // What stands at every column: "a", or "a | ·" where the runs do not read the same.
  get labels() {
    return this.labelsOf((one, other) => (one === other ? one : `${one ?? GAP} | ${other ?? GAP}`));
  }

  // Of a difference: "a", "a→b", and "−a" and "+b" at gaps.
  get changes() {
    return this.labelsOf((one, other) => {
      if (one === null) return `+${other}`;
      if (other === null) return `−${one}`;
      return one === other ? one : `${one}→${other}`;
    });
  }

  // Panels of a run, each signal on one scale in both.
  panels(number) {
    const reach = (name) => {
      const both = this.aligned.map((panels) => panels.get(name)).filter(Boolean);
      return { low: Math.min(...both.map(({ low }) => low)), high: Math.max(...both.map(({ high }) => high)) };
    };
    return new Map([...this.aligned[number]].map(([name, panel]) => [name, { ...panel, ...reach(name) }]));
  }

  // The other run minus the one, by signal that both have with the same rows; one scale for signals
  // of one kind and range.
  differences() {
    const [one, other] = this.aligned;
    const isShared = (name, { units }) => name !== "inputs" && String(other.get(name)?.units) === String(units);
    const shared = [...one].filter(([name, panel]) => isShared(name, panel));
    const limits = new Map();
    const made = shared.map(([name, panel]) => {
      const values = panel.values.map((value, at) => other.get(name).values[at] - value);
      const { kind, low, high } = this.runs[0].model.signals[name];
      const group = `${kind} ${low} ${high}`;
      limits.set(group, endsOf([limits.get(group) ?? 0, ...sizesOf(values)])[1]);
      return [name, { ...panel, values, group }];
    });
    const scaled = ({ group, ...panel }) => ({ ...panel, low: -(limits.get(group) || 1), high: limits.get(group) || 1 });
    return new Map(made.map(([name, panel]) => [name, scaled(panel)]));
  }

  // Of every signal the largest difference, where it is, and the mean one; the largest first.
  sizes() {
    const [one, other] = this.aligned;
    const sizeOf = ([name, { values, units, label, axis, apart }]) => {
      const known = sizesOf(values);
      const place = placeOfLargest(values, units.length);
      const at = place.column * units.length + place.row;
      const mean = known.reduce((sum, size) => sum + size, 0) / known.length;
      const numbers = { max: Math.abs(values[at]), mean, one: one.get(name).values[at], other: other.get(name).values[at] };
      return { name, label, axis, isApart: apart, unit: units[place.row], column: place.column, ...numbers };
    };
    return [...this.differences()].map(sizeOf).sort((first, second) => second.max - first.max);
  }

  // Columns where both runs have a likeliest output, and not the same, with the two outputs; null
  // for networks without a softmax.
  flips() {
    const best = this.aligned.map((panels) => panels.get("probabilities")).map((panel) => panel && this.likeliest(panel));
    if (best.includes(undefined)) return null;
    const columns = Array.from({ length: this.nColumns }, (_, column) => ({ column, one: best[0][column], other: best[1][column] }));
    return columns.filter(({ one, other }) => one !== null && other !== null && one !== other);
  }

  likeliest({ values, units }) {
    return Array.from({ length: this.nColumns }, (_, column) => {
      const shares = values.subarray(column * units.length, (column + 1) * units.length);
      return Number.isNaN(shares[0]) ? null : units[shares.indexOf(Math.max(...shares))];
    });
  }
}

function alignedValues({ values, units }, steps) {
  const width = units.length;
  const wide = new Float64Array(steps.length * width).fill(NaN);
  for (const [column, step] of steps.entries())
    if (step !== null) wide.set(values.subarray(step * width, (step + 1) * width), column * width);
  return wide;
}

// Sizes of the numbers that are there.
function sizesOf(values) {
  return Array.from(values.filter((value) => !Number.isNaN(value)), Math.abs);
}

// Of several equal ones the first, row by row.
function placeOfLargest(values, width) {
  let [row, column, largest] = [0, 0, -1];
  for (let unit = 0; unit < width; unit++) {
    for (let at = unit; at < values.length; at += width) {
      if (Math.abs(values[at]) > largest) [row, column, largest] = [unit, (at - unit) / width, Math.abs(values[at])];
    }
  }
  return { row, column };
}
