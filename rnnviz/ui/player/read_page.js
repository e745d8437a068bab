// The page that reads without a server: a model, a text, its answer, its heatmaps, the live cell.
const GROUP = "panels";
const PLOT = { displayModeBar: false, responsive: true };
// Milliseconds after which a hand rests.
const RESTS = 400;
// Letters of an example in the list.
const MOST_SHOWN = 40;

class ReadPage {
  // `models` are [{ key, title, group }], `load` gives { header, numbers } of a key; `words` by name.
  // `own` is what files of weights need that are opened in the page, where they may be (FileOpener).
  constructor(root, { models, load, words, isDark = null, own = null }) {
    Object.assign(this, { words, isGivenDark: isDark, remark: "", noticed: "" });
    this.load = async (key) => this.opener.files.get(key)?.loaded ?? load(key);
    this.find = (place) => root.querySelector(`[data-place="${place}"]`);
    for (const element of root.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
    this.parts = new PageParts(this.find);
    this.list = new ModelList(this.find, models);
    this.opener = new FileOpener(this, own);
    this.find("text").addEventListener("input", ({ target }) => this.typeAnew(target.value));
    this.find("example").addEventListener("change", ({ target }) => this.useExample(target.value));
    this.find("model").addEventListener("change", ({ target }) => this.choose(target.value));
    playheadOf(GROUP).subscribe(() => this.explain());
    this.comparing = new CompareChoice(this);
    this.weights = new WeightsChoice(this);
    this.layers = new LayerSwitch(this);
    this.changes = new ChangeList(this);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", () => this.repaint());
  }

  get isDark() {
    return this.isGivenDark ?? this.scheme.matches;
  }

  // Another cell of random weights is drawn as the one before.
  choose(key) {
    this.remark = "";
    this.weights.moment = null;
    return this.open(key);
  }

  // A model of the list on a text; by default its first example, or the input that it comes with.
  // `held` is the text of gates that are held, as an address keeps it.
  async open(key, text, held = "") {
    const before = this.key;
    Object.assign(this, { key, typed: null });
    const came = await this.load(key).catch(() => null);
    if (key !== this.key) return;
    if (!came) return this.tellMissing(before);
    const { header, numbers, drawn, moments } = came;
    Object.assign(this, { sent: { header, numbers }, drawn, moments, undone: [], interventions: header.network?.interventions ?? [] });
    this.weights.offer();
    this.prepare();
    if (held) this.holdAsAsked(held);
    this.find("model").value = key;
    this.find("about").textContent = header.about;
    this.find("asked").hidden = !header.examples.length && this.list.models.length < 2;
    this.fillExamples(header.examples);
    Object.assign(playheadOf(GROUP), header.picked);
    Object.assign(this, { read: null, noticed: "" });
    if (header.examples.length && !header.given) return this.begin(this.typed ?? text ?? header.examples[0]);
    this.text = this.find("text").value = header.examples[0] ?? "";
    this.showRead(this.model.given);
  }

  holdAsAsked(held) {
    this.interventions = this.model.heldIn(held);
    if (!this.interventions.length && held !== "[]") this.remark = sentencesOf([this.remark, this.words.not_held]);
  }

  // A file of the edition that is not there; the model before stays.
  tellMissing(before) {
    this.key = before;
    if (before) this.find("model").value = before;
    this.say(this.words.incomplete);
  }

  changeWeights() {
    this.prepare();
    this.letGo();
    this.read = this.model.read(this.text);
    this.noticed = noticeOf(this.words, this.model, this.text, this.read);
    this.say();
    this.show();
    this.remember();
  }

  // Reads a text; in place of one that cannot be read the first example, so that there is a picture.
  begin(text) {
    if (!this.model.read(text).inputs) this.use(this.header.examples[0]);
    this.use(text);
  }

  // Another model of the list; random weights are as they are chosen here.
  async modelOf(key) {
    const { drawn, ...sent } = await this.load(key);
    const { header, numbers } = this.weights.ofChoice(sent, drawn);
    return new PageModel(header, numbers, this.isDark);
  }

  // Of a smaller network, gates and a unit that it no longer has.
  letGo() {
    const kept = (interventions) => interventions.filter((one) => this.model.canHold(one));
    this.interventions = kept(this.interventions);
    this.undone = this.undone.map(kept);
    const playhead = playheadOf(GROUP);
    if (playhead.unit >= this.header.network.layers[0].sizes.unit) playhead.unit = 0;
  }

  prepare() {
    Object.assign(this, this.weights.made);
    const { header, numbers, isDark } = this;
    this.model = header.network ? new PageModel(header, numbers, isDark) : new GivenPicture(header.given);
    // Another model's answer has other lines, in which the one before writes no more.
    this.parts.close("answer");
    this.layers.offer();
  }

  fillExamples(examples) {
    this.find("examples").hidden = examples.length < 2;
    this.find("example").replaceChildren(...examples.map((text) => new Option(shortened(text), text)));
  }

  use(text) {
    this.find("text").value = text;
    this.type(text);
  }

  // A remark on the address or a file goes when something is typed. While a model is awaited the one
  // before reads it, if there is one, and then that model too.
  typeAnew(text) {
    Object.assign(this, { remark: "", typed: text });
    if (this.model) this.type(text);
  }

  useExample(text) {
    this.find("text").value = text;
    this.typeAnew(text);
  }

  // A text that cannot be read leaves the picture of the last one that could.
  type(text) {
    this.find("example").value = text;
    const read = this.model.read(text);
    const isStale = !read.inputs && this.read;
    const stale = isStale ? filled(this.words.stale, { what: shortened(this.text) }) : "";
    this.noticed = sentencesOf([noticeOf(this.words, this.model, text, read), stale]);
    this.say();
    for (const place of ["columns", "compared"]) this.find(place).classList.toggle("is-stale", !read.inputs);
    if (!read.inputs) return;
    this.text = text;
    this.showRead(read);
    this.remember();
  }

  // After what is said of the address or a file, and of the text.
  say(sentence = "") {
    this.find("notice").textContent = sentencesOf([this.remark, this.noticed, sentence]);
  }

  showRead(read) {
    const isFirst = !this.read;
    // The cursor goes to the end of what is typed, at first to where it stood.
    this.place = { jump: (this.place?.jump ?? 0) + 1, ...(isFirst ? {} : { step: null }) };
    this.read = read;
    if (isFirst || !this.run || this.comparing.kind || !this.model.isLarge(read)) return this.show();
    this.paint();
  }

  // A large plot takes longer than a letter may: its numbers are painted over it, and it is drawn anew
  // once the hand rests.
  paint() {
    const playhead = playheadOf(GROUP);
    playhead.tryOut(GROUP, this.model.triedOf(this.model.run(this.read, this.interventions)));
    playhead.seek(playhead.end);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.show(), RESTS / 2);
  }

  // Keeps the choices in the address, after a pause: a browser refuses many changes a second.
  remember() {
    if (this.list.models.length < 2) return;
    const { key: model, text, interventions, comparing } = this;
    const held = interventions.length ? { do: JSON.stringify(interventions) } : {};
    const address = `#${new URLSearchParams({ model, text, ...held, ...this.weights.address, ...comparing.address })}`;
    clearTimeout(this.remembering);
    this.remembering = setTimeout(() => history.replaceState(null, "", address), RESTS);
  }

  repaint() {
    if (!this.read) return;
    this.prepare();
    this.show();
  }

  show() {
    const { comparing } = this;
    clearTimeout(this.resting);
    comparing.offer();
    const isCompared = Boolean(comparing.kind);
    this.find("columns").hidden = isCompared;
    if (!isCompared) {
      comparing.hide();
      return this.showRun();
    }
    // Keys and playhead are those of the two runs.
    this.run = null;
    this.parts.closeAll();
    return comparing.show();
  }

  showRun() {
    const { model, read, interventions } = this;
    // Until all parts of the new run are mounted nothing is told of the run before, which may be
    // another model's.
    this.run = null;
    playheadOf(GROUP).tryOut(GROUP, null);
    const run = model.run(read, interventions);
    const original = interventions.length ? model.run(read, []) : null;
    this.draw(model.figureOf(run));
    this.mount("player", model.playerPacket(run, { ...this.place, lifted: Boolean(original) }));
    this.mount("answer", model.answerPacket(run, original));
    Object.assign(this, { run, original, explained: "" });
    this.tell(playheadOf(GROUP).unit);
    this.mount("text_axis", model.textPacket(run));
    this.mount("live_network", model.livePacket(run));
    this.mount("diagram", model.diagramPacket(run), (_, asked) => this.hold(asked));
    this.changes.list();
    this.explain();
  }

  // How the picked number was made; told again when another is picked.
  explain() {
    const { signal, unit } = playheadOf(GROUP);
    if (this.explained === `${signal} ${unit}` || !this.run) return;
    this.explained = `${signal} ${unit}`;
    this.mount("arithmetic", this.model.arithmeticPacket(this.run, this.original, signal, unit));
  }

  // The sentences of a unit; of a newly picked one they are asked for.
  tell(unit) {
    const packet = this.model.sentencePacket(this.run, unit);
    this.mount("step_sentence", packet, undefined, (_, asked) => this.tell(asked));
  }

  draw({ data, layout }) {
    const chart = this.find("chart");
    // The picture that the file of the page has, for the time until Plotly is loaded.
    chart.querySelector(":scope > picture")?.remove();
    Plotly.react(chart, data, layout, PLOT);
    this.find("legend").innerHTML = this.model.legend ?? "";
    // Dashes are explained where there are some.
    const hasDashes = layout.shapes?.some(({ type }) => type === "path");
    for (const dash of this.find("legend").querySelectorAll(".hint-cut")) dash.parentElement.hidden = !hasDashes;
  }

  mount(name, data, setTriggerValue, setStateValue) {
    this.parts.show(name, name, data, setTriggerValue, setStateValue);
  }

  // A gate that the drawing asks to hold, or to let go.
  hold(asked) {
    this.change(liveNetworks.get(GROUP).kept(asked));
  }

  change(interventions) {
    this.undone.push(this.interventions);
    this.interventions = interventions;
    this.show();
    this.remember();
  }

  undo() {
    this.interventions = this.undone.pop();
    this.show();
    this.remember();
  }
}

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
