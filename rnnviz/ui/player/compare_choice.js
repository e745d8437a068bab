// Choice of what the page's run is compared with, and both runs. A held gate counts only where the run
// with the change is compared with the one without it.

class CompareChoice {
  constructor(page) {
    Object.assign(this, { page, kind: "", text: "", isDifference: false, drawn: new Map() });
    const { find, words } = page;
    this.find = find;
    this.view = new CompareView(find, words);
    find("with").addEventListener("change", ({ target }) => this.choose(target.value));
    find("other_text").addEventListener("input", ({ target }) => this.change({ text: target.value }));
    for (const one of find("sides").querySelectorAll("input"))
      one.addEventListener("change", ({ target }) => this.change({ isDifference: target.value === "difference" }));
  }

  // As an address keeps it: `with`, the `other` text, and `sides` of a difference.
  get address() {
    if (!this.kind) return {};
    const text = this.kind === "text" ? { other: this.text } : {};
    return { with: this.kind, ...text, ...(this.isDifference ? { sides: "difference" } : {}) };
  }

  use(asked) {
    this.kind = asked.get("with") ?? "";
    this.text = asked.get("other") ?? "";
    this.isDifference = asked.get("sides") === "difference";
  }

  choose(kind) {
    this.change({ kind, text: kind === "text" ? this.text || this.exampleText() : this.text, isNew: true });
  }

  change(choices) {
    Object.assign(this, choices);
    this.page.say();
    this.page.show();
    this.page.remember();
    this.isNew = false;
  }

  // Another example, or the text without its last token.
  exampleText() {
    const { page } = this;
    const other = page.header.examples.find((text) => text !== page.text);
    return other ?? page.read.tokens.slice(0, -1).join(page.model.glue);
  }

  // What can be compared with the run, by the value of an option.
  offered() {
    const { page } = this;
    if (!(page.model instanceof PageModel)) return [];
    const { words, drawn, interventions, list, key } = page;
    const here = list.of(key);
    return [
      ["", words.with_nothing],
      ...(drawn?.steps ? [["untrained", words.with_untrained]] : []),
      ["text", page.model.reader ? words.with_text : words.with_numbers],
      ...(interventions.length ? [["unchanged", words.with_unchanged]] : []),
      ...list.models.filter((one) => one.key !== key && one.reads === here.reads).map((one) => [one.key, one.title]),
    ];
  }

  // Fills the list; a choice that the model does not have is given up.
  offer() {
    const offered = this.offered();
    const list = this.find("with");
    this.find("withs").hidden = !offered.length;
    if (!offered.some(([kind]) => kind === this.kind)) this.kind = "";
    const isNetwork = ([kind]) => kind && this.page.list.has(kind);
    const networks = Object.assign(document.createElement("optgroup"), { label: this.page.words.with_network });
    const options = (pairs) => pairs.map(([kind, title]) => new Option(title, kind));
    networks.append(...options(offered.filter(isNetwork)));
    list.replaceChildren(...options(offered.filter((pair) => !isNetwork(pair))), ...(networks.children.length ? [networks] : []));
    list.value = this.kind;
    this.find("others").hidden = this.kind !== "text";
    if (this.find("other_text").value !== this.text) this.find("other_text").value = this.text;
    for (const one of this.find("sides").querySelectorAll("input")) one.checked = (one.value === "difference") === this.isDifference;
  }

  get isApart() {
    return Boolean(this.kind) && !["untrained", "text", "unchanged"].includes(this.kind);
  }

  async show() {
    const { kind, page } = this;
    const runs = await this.runs();
    // Something else may have been chosen while a network was on its way.
    if (kind !== this.kind) return;
    this.find("compared").classList.toggle("is-stale", !runs);
    if (!runs) return this.view.comparison ? null : this.giveUp();
    const about = page.words[`about_${this.isApart ? "network" : kind}`];
    this.find("sides").hidden = this.isApart;
    this.view.show(new RunComparison(runs), { about, isApart: this.isApart, isDifference: this.isDifference, isNew: this.isNew });
  }

  // Shows the run alone, where no comparison was shown before.
  giveUp() {
    this.kind = "";
    this.page.show();
    this.page.remember();
  }

  hide() {
    this.view.hide();
  }

  // Two of { model, run, name }; null while the other text cannot be read.
  async runs() {
    const { page, kind } = this;
    const { model, read, words } = page;
    const runOf = (name, own = model, input = read, held = []) => ({ name, model: own, run: own.run(input, held) });
    if (kind === "unchanged") return [runOf(words.untouched), runOf(words.changed, model, read, page.interventions)];
    if (kind === "untrained") {
      const after = filled(words.after, { steps: page.weights.learned.toLocaleString("en") });
      return [runOf(words.before, this.untrained()), runOf(after)];
    }
    const other = kind === "text" ? model : await page.modelOf(kind).catch(() => null);
    if (!other) return page.say(words.incomplete);
    const text = kind === "text" ? this.text : page.text;
    const input = other.read(text);
    page.say(noticeOf(words, other, text, input));
    if (!input.inputs) return null;
    if (kind === "text") return [runOf(shortened(page.text)), runOf(shortened(text), model, input)];
    return [runOf(page.list.of(page.key).title), runOf(page.list.of(kind).title, other, input)];
  }

  // The network before its training.
  untrained() {
    const { key, header, numbers, drawn, isDark } = this.page;
    if (!this.drawn.has(key)) this.drawn.set(key, drawnNumbers(header, numbers, drawn));
    return new PageModel(header, this.drawn.get(key), isDark);
  }
}
