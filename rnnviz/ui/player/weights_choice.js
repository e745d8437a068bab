// Which weights a network has: drawn from a seed, or of a moment of its training.
const MOST_SEED = 2 ** 32 - 1;

class WeightsChoice {
  constructor(page) {
    Object.assign(this, { page, find: page.find, seed: null, moment: null });
    this.find("seed").max = MOST_SEED;
    this.find("seed").addEventListener("input", ({ target }) => this.useSeed(numberIn(target.value, MOST_SEED)));
    this.find("seed").addEventListener("change", () => this.offer());
    this.find("moment").addEventListener("input", ({ target }) => this.change({ moment: Number(target.value) }));
  }

  // As an address keeps it.
  get address() {
    const { seed, moment } = this;
    return { ...(seed === null ? {} : { seed }), ...(moment === null ? {} : { moment }) };
  }

  use(asked) {
    this.seed = numberIn(asked.get("seed") ?? "", MOST_SEED);
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
    const { drawn } = this.page;
    const [hasSeed, last] = [Boolean(drawn && !drawn.steps), this.steps.length - 1];
    if (!hasSeed || this.seed === drawn.seed) this.seed = null;
    if (this.moment >= last) this.moment = null;
    this.find("seeds").hidden = !hasSeed;
    this.find("moments").hidden = last < 1;
    if (hasSeed) this.find("seed").value = this.seed ?? drawn.seed;
    if (last < 1) return;
    Object.assign(this.find("moment"), { min: 0, max: last });
    this.find("moment").value = this.moment ?? last;
    const { before, after } = this.page.words;
    const said = this.learned ? filled(after, { steps: this.learned.toLocaleString("en") }) : before;
    this.find("moment").setAttribute("aria-valuetext", said);
    this.find("moment_step").textContent = said;
  }

  // The numbers of the network, `sent` those that came with it.
  numbers(sent) {
    const { header, drawn, moments } = this.page;
    if (this.seed !== null) return drawnNumbers(header, sent, drawn, this.seed);
    if (this.moment === null) return sent;
    return this.moment ? numbersIn(moments[this.moment - 1][1]) : drawnNumbers(header, sent, drawn);
  }

  // What is no seed leaves the picture of the one before, and the field to the hand.
  useSeed(seed) {
    if (seed !== null) this.change({ seed });
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
