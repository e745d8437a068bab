// A file of weights that the reader chooses or drops on the page. It is read here and sent nowhere.
const OWN = "file";

class FileOpener {
  // `gates` by cell the order of its gates in PyTorch's matrices.
  constructor(page, gates) {
    Object.assign(this, { page, gates, shown: 0, stack: null });
    page.find("opener").hidden = !gates;
    if (!gates) return;
    const field = page.find("file");
    field.addEventListener("change", () => this.open(field.files[0]));
    page.find("layer").addEventListener("change", ({ target }) => this.showLayer(Number(target.value)));
    // A text that is dragged into a field is the browser's.
    const isFile = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
    addEventListener("dragover", (event) => isFile(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!isFile(event)) return;
      event.preventDefault();
      this.open(event.dataTransfer.files[0]);
    });
  }

  // What is shown stays where a file is refused.
  async open(file) {
    const { page } = this;
    if (!file) return;
    this.asked = file;
    try {
      const stack = torchLayers(await arraysIn(file), this.gates);
      const came = await page.load(`own_${stack.cell}`).catch(() => null);
      // Another file may have been chosen meanwhile.
      if (file !== this.asked) return;
      if (!came) return page.say(page.words.incomplete);
      const made = { name: file.name, stack, template: came.header, parts: openedModel(came.header, stack, 0) };
      Object.assign(this, made, { shown: 0 });
      page.listOwn({ key: OWN, title: file.name, group: page.words.own, reads: `${stack.layers[0].nInputs} numbers` });
      await page.choose(OWN);
    } catch (error) {
      if (file !== this.asked) return;
      page.remark = this.reasonOf(error, file.name);
      page.say();
    } finally {
      page.find("file").value = "";
    }
  }

  reasonOf(error, name) {
    const { words } = this.page;
    const { reason = "damaged", facts = {} } = error instanceof FileRefusal ? error : {};
    const short = Object.entries({ name, ...facts }).map(([gap, fact]) => [gap, gap === "names" ? fact : shortened(String(fact))]);
    return filled(words[`file_${reason}`], Object.fromEntries(short));
  }

  // Header and numbers of the open file, as those of a model of the list.
  get loaded() {
    const { template, stack, name, parts } = this;
    const { words } = this.page;
    const facts = {
      name: shortened(name),
      cell: template.looks.light.diagram.words.cell,
      layers: `${stack.layers.at(-1).level + 1}${stack.layers.some(({ direction }) => direction === "backward") ? " (→ ←)" : ""}`,
      units: stack.layers[0].nUnits,
      inputs: stack.layers[0].nInputs,
    };
    const left = stack.left.length ? filled(words.file_left, { names: listed(stack.left) }) : "";
    const assumed = stack.cell === "rnn" ? words.file_assumed_rnn : words.file_assumed;
    const about = sentencesOf([filled(words.file_about, facts), assumed, left]);
    return { header: { ...parts.header, about }, numbers: parts.numbers };
  }

  // A choice between several layers.
  offerLayers(key) {
    const layers = key === OWN ? this.stack.layers : [];
    this.page.find("layers").hidden = layers.length < 2;
    const title = ({ level, direction }) =>
      `${filled(this.page.words.layer_number, { number: level + 1 })} ${direction === "forward" ? "→" : "←"}`;
    this.page.find("layer").replaceChildren(...layers.map((one, at) => new Option(title(one), at)));
    this.page.find("layer").value = this.shown;
  }

  showLayer(shown) {
    this.shown = shown;
    this.parts = openedModel(this.template, this.stack, shown);
    this.page.open(OWN, this.page.text);
  }
}
