// A file of weights as one of the page's models.
// Letters of its name in a sentence.
const MOST_NAMED = 60;

// Weights by PyTorch's names, of numbers without a task.
async function openedTorch(page, arrays, { gates, reading }) {
  const stack = torchLayers(arrays, gates);
  const [cell, read] = await loadedParts(page, stack.cell, () => reading("numbers"));
  const template = readingHeader(cell.header, read);
  const assumed = stack.cell === "rnn" ? "file_assumed_rnn" : "file_assumed";
  return { stack, template, said: page.words[assumed], partsOf: (shown) => openedModel(template, stack, shown) };
}

// A network that was trained in the app.
async function openedSaved(page, arrays, facts, { tasks, reading }) {
  const { cell, task } = facts;
  if (!page.list.has(`untrained_${cell}`)) throw new FileRefusal("unknown", { came: cell || "—" });
  if (!tasks.includes(task)) throw new FileRefusal("unknown", { came: task || "—" });
  const [own, read] = await loadedParts(page, cell, () => reading(task));
  checkSaved(facts, read);
  const template = readingHeader(own.header, read);
  const [{ signals }] = own.header.network.layers;
  const nInputs = facts.vocabulary.length || read.panels[0].units.length;
  const stack = savedStack(arrays, facts, own.drawn.layers[0], signals.hidden, nInputs);
  const said = filled(page.words.file_trained, { task: read.title });
  return { stack, template, said, partsOf: (shown) => savedModel(template, stack, facts, shown) };
}

async function loadedParts(page, cell, loadReading) {
  return Promise.all([page.load(`untrained_${cell}`), loadReading()]).catch(() => {
    throw new FileRefusal("incomplete");
  });
}

class OpenedFile {
  constructor(page, name, { stack, template, said, partsOf }) {
    Object.assign(this, { page, name, stack, template, said, partsOf });
    this.show(0);
  }

  show(shown) {
    this.parts = this.partsOf(shown);
  }

  get reads() {
    return this.template.network.text ? "text" : `${this.stack.layers[0].nInputs} numbers`;
  }

  // Header and numbers, as those of a model of the list.
  get loaded() {
    const { header, numbers } = this.parts;
    return { header: { ...header, about: this.about }, numbers };
  }

  get about() {
    const { template, stack, name, page, said } = this;
    const { words } = page;
    const [first] = stack.layers;
    const isBoth = stack.layers.some(({ direction }) => direction === "backward");
    const facts = {
      name: shortened(name, MOST_NAMED),
      cell: template.looks.light.diagram.words.cell,
      layers: `${stack.layers.at(-1).level + 1}${isBoth ? " (→ ←)" : ""}`,
      units: first.nUnits,
      inputs: first.nInputs,
    };
    const left = stack.left.length ? filled(words.file_left, { names: listed(stack.left) }) : "";
    return sentencesOf([filled(words.file_about, facts), said, left]);
  }
}
