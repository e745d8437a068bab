// Which weights a network has: drawn from a seed for a number of units, or of a moment of its training.
const MOST_SEED = 2 ** 32 - 1;
const MOST_UNITS = 64;

class WeightsChoice {
  constructor(page) {
    Object.assign(this, { page, find: page.find, seed: null, units: null, moment: null });
    this.find("seed").max = MOST_SEED;
    this.find("seed").addEventListener("input", ({ target }) => this.useSeed(numberIn(target.value, MOST_SEED)));
    this.find("seed").addEventListener("change", () => this.offer());
    this.find("units").max = MOST_UNITS;
    this.find("units").addEventListener("input", ({ target }) => this.useUnits(target.value));
    this.find("units").addEventListener("change", () => this.offer());
    this.find("moment").addEventListener("input", ({ target }) => this.change({ moment: Number(target.value) }));
  }

  // As an address keeps it.
  get address() {
    const { seed, units, moment } = this;
    return { ...(seed === null ? {} : { seed }), ...(units === null ? {} : { units }), ...(moment === null ? {} : { moment }) };
  }

  use(asked) {
    this.seed = numberIn(asked.get("seed") ?? "", MOST_SEED);
    this.units = numberIn(asked.get("units") ?? "", MOST_UNITS) || null;
    this.moment = numberIn(asked.get("moment") ?? "", MOST_SEED);
  }

  // Steps of training at the moments of a network, the first before it.
  get steps() {
    const { drawn, moments } = this.page;
    return moments?.length ? [0, ...moments.map(([step]) => step), drawn.steps] : [];
  }

  // Steps of training that the network has had.
  get learned() {
    return this.moment === null ? this.page.drawn.steps : this.steps[this.moment];
  }

  // Gives up a seed or a moment that this network does not have.
  offer() {
    const { drawn, sent } = this.page;
    const own = sent.header.network?.layers[0].sizes.unit;
    const [hasSeed, last] = [Boolean(drawn && !drawn.steps), this.steps.length - 1];
    if (!hasSeed || this.seed === drawn.seed) this.seed = null;
    if (!hasSeed || this.units === own) this.units = null;
    if (this.moment >= last) this.moment = null;
    for (const place of ["seeds", "sizes"]) this.find(place).hidden = !hasSeed;
    this.find("moments").hidden = last < 1;
    if (hasSeed) {
      this.find("seed").value = this.seed ?? drawn.seed;
      this.find("units").value = this.units ?? own;
    }
    if (last < 1) return;
    Object.assign(this.find("moment"), { min: 0, max: last });
    this.find("moment").value = this.moment ?? last;
    const { before, after } = this.page.words;
    const said = this.learned ? filled(after, { steps: this.learned.toLocaleString("en") }) : before;
    this.find("moment").setAttribute("aria-valuetext", said);
    this.find("moment_step").textContent = said;
  }

  // Header and numbers of the network, made of those that came.
  get made() {
    const { sent, drawn, moments } = this.page;
    const { header, numbers } = this.ofSeed(sent, drawn);
    if (this.moment === null) return { header, numbers };
    return { header, numbers: this.moment ? numbersIn(moments[this.moment - 1][1]) : drawnNumbers(header, numbers, drawn) };
  }

  // A network of random weights of the chosen seed and size; another one as it came.
  ofSeed({ header, numbers }, drawn) {
    if (!drawn || drawn.steps) return { header, numbers };
    const { seed, units } = this;
    if (units !== null) return drawnModel(header, drawn, units, seed ?? drawn.seed);
    return { header, numbers: seed === null ? numbers : drawnNumbers(header, numbers, drawn, seed) };
  }

  // What is no seed leaves the picture of the one before, and the field to the hand.
  useSeed(seed) {
    if (seed !== null) this.change({ seed });
  }

  useUnits(text) {
    const units = numberIn(text, MOST_UNITS);
    if (units) this.change({ units });
  }

  change(choice) {
    Object.assign(this, choice);
    this.offer();
    this.page.changeWeights();
  }
}

// A whole number from 0 on, or null.
function numberIn(text, most) {
  return /^\d{1,10}$/.test(text) && Number(text) <= most ? Number(text) : null;
}
