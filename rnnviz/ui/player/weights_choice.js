// Which weights a network has: drawn anew in other sizes and another way, or of a moment of its training.
const MOST_SEED = 2 ** 32 - 1;
// By the name in an address the least and the most of a number.
const NUMBERS = { seed: [0, MOST_SEED], units: [1, 64], layers: [1, 4], layer: [0, 7], gain: [1, 10] };
// As rnnviz/ui/choices.py offers them.
const GAINS = [1, 2, 3, 5, 10];

class WeightsChoice {
  constructor(page) {
    Object.assign(this, { page, find: page.find, chosen: {}, moment: null });
    for (const name of ["seed", "units", "layers"]) this.listen(name);
    this.find("init").addEventListener("change", ({ target }) => this.draw({ init: target.value }));
    this.find("gain").addEventListener("change", ({ target }) => this.draw({ gain: Number(target.value) }));
    this.find("gain").append(...GAINS.map((gain) => new Option(gain)));
    this.find("direction").addEventListener("change", ({ target }) => this.draw({ direction: target.value }));
    this.find("direction").append(...Object.keys(DIRECTIONS).map((one) => new Option(page.words[`direction_${one}`], one)));
    this.find("moment").addEventListener("input", ({ target }) => this.change({ moment: Number(target.value) }));
  }

  // What is no such number leaves the picture of the one before, and the field to the hand.
  listen(name) {
    const field = this.find(name);
    [field.min, field.max] = NUMBERS[name];
    field.addEventListener("input", ({ target }) => {
      const value = numberIn(target.value, NUMBERS[name]);
      if (value !== null) this.draw({ [name]: value });
    });
    field.addEventListener("change", () => this.offer());
  }

  // As an address keeps it.
  get address() {
    const { chosen, moment } = this;
    return { ...chosen, ...(moment === null ? {} : { moment }) };
  }

  use(asked) {
    const numbers = Object.keys(NUMBERS).map((name) => [name, numberIn(asked.get(name) ?? "", NUMBERS[name])]);
    const named = ["init", "direction"].map((name) => [name, asked.get(name)]);
    this.chosen = Object.fromEntries([...numbers, ...named].filter(([, value]) => value !== null));
    this.moment = numberIn(asked.get("moment") ?? "", [0, MOST_SEED]);
  }

  // Of random weights how they came.
  get sentAs() {
    const { drawn, sent } = this.page;
    const { seed, init } = drawn;
    return { seed, init, gain: 1, units: sent.header.network.layers[0].sizes.unit, layers: 1, direction: "forward", layer: 0 };
  }

  get isRandom() {
    const { drawn } = this.page;
    return Boolean(drawn && !drawn.steps);
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

  // Gives up what this network does not have, and fills the fields.
  offer() {
    this.offerDrawn();
    const last = this.steps.length - 1;
    if (this.moment >= last) this.moment = null;
    this.find("moments").hidden = last < 1;
    if (last < 1) return;
    Object.assign(this.find("moment"), { min: 0, max: last });
    this.find("moment").value = this.moment ?? last;
    const { before, after } = this.page.words;
    const said = this.learned ? filled(after, { steps: this.learned.toLocaleString("en") }) : before;
    this.find("moment").setAttribute("aria-valuetext", said);
    this.find("moment_step").textContent = said;
  }

  offerDrawn() {
    for (const place of ["seeds", "sizes", "depths", "directions", "inits", "gains"]) this.find(place).hidden = !this.isRandom;
    if (!this.isRandom) return void (this.chosen = {});
    const { page, sentAs } = this;
    const { inits } = page.drawn;
    const { layers, ...others } = this.chosen;
    if (!(others.direction in DIRECTIONS)) delete others.direction;
    if (others.layer >= (layers ?? 1) * DIRECTIONS[others.direction ?? "forward"].length) delete others.layer;
    if (!inits.includes(others.init)) delete others.init;
    if (!GAINS.includes(others.gain)) delete others.gain;
    const isOther = ([name, value]) => value !== sentAs[name];
    this.chosen = Object.fromEntries(Object.entries({ ...others, ...(layers && { layers }) }).filter(isOther));
    this.find("init").replaceChildren(...inits.map((one) => new Option(page.words[`init_${one}`], one)));
    const now = { ...sentAs, ...this.chosen };
    for (const name of ["seed", "units", "layers", "direction", "init", "gain"]) this.find(name).value = now[name];
  }

  // Header and numbers of the network, made of those that came.
  get made() {
    const { sent, drawn, moments } = this.page;
    const { header, numbers } = this.ofChoice(sent, drawn);
    if (this.moment === null) return { header, numbers };
    return { header, numbers: this.moment ? numbersIn(moments[this.moment - 1][1]) : drawnNumbers(header, numbers, drawn) };
  }

  // A network of random weights as they are chosen; another one as it came.
  ofChoice({ header, numbers }, drawn) {
    if (!drawn || drawn.steps) return { header, numbers };
    const { units, layers, direction, layer, ...others } = this.chosen;
    const isKnown = !others.init || drawn.inits.includes(others.init);
    const own = { ...drawn, ...others, ...(isKnown ? {} : { init: drawn.init }) };
    if ([units, layers, direction].every((one) => one === undefined)) return { header, numbers: drawnNumbers(header, new Float64Array(drawn.size), own) };
    const [{ sizes }] = header.network.layers;
    return drawnModel(header, own, { units: units ?? sizes.unit, layers, direction, shown: layer });
  }

  draw(choice) {
    this.change({ chosen: { ...this.chosen, ...choice } });
  }

  change(choice) {
    Object.assign(this, choice);
    this.offer();
    this.page.changeWeights();
  }
}

// A whole number within bounds, or null.
function numberIn(text, [least, most]) {
  return /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : null;
}
