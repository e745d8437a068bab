// Ends of the colour scale of a signal, as rnnviz/analysis/colour_range.py finds them.
const [SHARE, TIMES, SLACK_OF_RANGE] = [0.98, 4, 1.25];

// `values` (step, unit) of a signal; `low` and `high` are null where it has no bound.
function colourRange({ kind, low, high }, values, width) {
  if (kind === "gate" || kind === "probability") return [low, high];
  const sizes = values.map(Math.abs);
  const largest = sizes.reduce((one, other) => Math.max(one, other), 0);
  const limit = high !== null && largest <= high ? high : robustLimit(sizes, width);
  if (low === 0 && limit > 0) return [0, limit];
  return limit > 0 ? [-limit, limit] : [-1, 1];
}

function robustLimit(sizes, width) {
  const farthest = new Float64Array(width);
  for (const [at, size] of sizes.entries()) farthest[at % width] = Math.max(farthest[at % width], size);
  const largest = farthest.reduce((one, other) => Math.max(one, other));
  const limit = Math.min(quantile(sizes, SHARE), TIMES * quantile(farthest, 0.5));
  return limit <= 0 || largest <= SLACK_OF_RANGE * limit ? largest : limit;
}

function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
