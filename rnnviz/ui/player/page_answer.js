// The answer of a run that the page itself made, as rnnviz/ui/player/answer.py packs it.
const N_NEXT = 6;
const MAX_BARS = 10;

// `header` is the packet's of another run; `original` the run without interventions, or null.
function answerPacketOf(header, run, original, glue) {
  const answer = new RunAnswer(header, run, original);
  const series = answer.series();
  let start = 0;
  const places = Object.entries(series).map(([name, rows]) => {
    const place = [start, rows[0].length];
    start += rows.length * rows[0].length;
    return [name, place];
  });
  const own = { n_steps: run.nSteps, bars: answer.bars, series: Object.fromEntries(places), notes: answer.notes() };
  const rows = header.kind === "next" ? [] : answer.bars.map((output) => header.names[output]);
  const passage = header.kind === "next" ? { tokens: run.tokens, written: run.nSteps, glue, trace: "", plays: 0 } : null;
  return pack({ ...header, ...own, ...answer.scale(), rows, passage }, Object.values(series).map((one) => one.flat()));
}

class RunAnswer {
  constructor(header, run, original) {
    Object.assign(this, { header, run, original });
    this.count = run.outputs.length / run.nSteps;
    this.steps = Array.from({ length: run.nSteps }, (_, step) => step);
    this.bars = this.barsOf();
  }

  at(step, { outputs } = this.run) {
    return outputs.subarray(step * this.count, (step + 1) * this.count);
  }

  // Outputs to draw, in their own order: all, or of many the likeliest anywhere.
  barsOf() {
    const every = Array.from({ length: this.count }, (_, output) => output);
    if (this.count <= MAX_BARS) return every;
    if (this.header.kind === "numbers") return every.slice(0, MAX_BARS);
    const most = every.map((output) => endsOf(this.steps.map((step) => this.at(step)[output]))[1]);
    return every.sort((one, other) => most[other] - most[one]).slice(0, MAX_BARS).sort((one, other) => one - other);
  }

  // Rows of numbers, one a step, by the name of their series.
  series() {
    const { kind } = this.header;
    const unknown = (count) => this.steps.map(() => new Array(count).fill(NaN));
    const barsIn = (run) => this.steps.map((step) => this.bars.map((output) => this.at(step, run)[output]));
    const original = this.original ? { original: barsIn(this.original) } : {};
    if (kind === "numbers") return { values: barsIn(this.run), truth: unknown(this.bars.length), ...original };
    const which = this.steps.map((step) => (kind === "next" ? likeliestOf(this.at(step)).slice(0, N_NEXT) : this.bars));
    const values = which.map((row, step) => row.map((output) => this.at(step)[output]));
    const pair = (outputs) => outputs.map((output, step) => [output, this.at(step)[output] ?? NaN]);
    const best = (run) => this.steps.map((step) => likeliestOf(this.at(step, run))[0]);
    const before = this.original ? best(this.original).map((output, step) => [output, this.at(step, this.original)[output]]) : null;
    return {
      values,
      which,
      rest: values.map((row) => [Math.max(0, 1 - row.reduce((sum, value) => sum + value, 0))]),
      best: pair(best(this.run)),
      truth: pair(this.following()),
      ...(before ? { before } : {}),
      ...(kind === "next" ? {} : original),
    };
  }

  // The token that comes after every step; no other right answer is known of what somebody types.
  following() {
    const next = (step) => this.header.names.indexOf(this.run.labels[step + 1]);
    return this.steps.map((step) => (this.header.kind === "next" && next(step) >= 0 ? next(step) : NaN));
  }

  // Ends of the bars of numbers: 0 is always on them.
  scale() {
    if (this.header.kind !== "numbers") return {};
    const [low, high] = endsOf([0, ...this.run.outputs, ...(this.original?.outputs ?? [])]);
    return { low, high: high > low ? high : low + 1 };
  }

  notes() {
    const known = this.following().map((output, step) => this.at(step)[output]).filter((share) => share !== undefined);
    const { notes, words } = this.header;
    if (!known.length || !words.perplexity) return notes;
    const mean = known.reduce((sum, share) => sum - Math.log(Math.max(share, Number.MIN_VALUE)), 0) / known.length;
    return [...notes, filled(words.perplexity, { value: shortNumber(Math.exp(mean)) })];
  }
}

// Outputs, the most probable first.
function likeliestOf(shares) {
  return [...shares.keys()].sort((one, other) => shares[other] - shares[one]);
}
