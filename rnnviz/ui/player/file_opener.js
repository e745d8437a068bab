// Files of weights that the reader chooses or drops on the page. They are read here and sent nowhere.
const OWN = "file";
const MOST_FILES = 8;

class FileOpener {
  // `own` has by cell the order of its `gates` in PyTorch's matrices, the names of the `tasks` that are
  // learned in the app, and `reading`, which loads what is read and answered there.
  constructor(page, own) {
    Object.assign(this, { page, own, files: new Map() });
    page.find("opener").hidden = !own;
    if (!own) return;
    const field = page.find("file");
    field.addEventListener("change", () => this.openAll([...field.files]));
    // A text that is dragged into a field is the browser's.
    const isFile = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
    addEventListener("dragover", (event) => isFile(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!isFile(event)) return;
      event.preventDefault();
      this.openAll([...event.dataTransfer.files]);
    });
  }

  // The last one that can be opened is shown; of two that read the same, beside the other.
  async openAll(files) {
    this.asked = files;
    const keys = [];
    const said = [];
    for (const file of files) {
      try {
        const opened = await this.opened(file);
        // Other files may have been chosen meanwhile.
        if (files !== this.asked) return;
        keys.push(this.keep(opened));
      } catch (error) {
        if (files !== this.asked) return;
        said.push(this.reasonOf(error, file.name));
      }
    }
    this.page.find("file").value = "";
    await this.showOpened(keys, sentencesOf(said));
  }

  // What is shown stays where every file is refused.
  async showOpened(keys, said) {
    const { page } = this;
    if (keys.length) {
      const [other, last] = [keys.at(-2), keys.at(-1)].map((key) => page.list.of(key));
      page.comparing.kind = other && other.key !== last.key && other.reads === last.reads ? other.key : "";
      await page.choose(last.key);
    }
    page.remark = said;
    page.say();
  }

  async opened(file) {
    const { arrays, metadata } = await contentIn(file);
    const facts = savedFacts(metadata);
    const made = facts ? openedSaved(this.page, arrays, facts, this.own) : openedTorch(this.page, arrays, this.own);
    return new OpenedFile(this.page, file.name, await made);
  }

  // A file takes the place of an older one of the same name, and one too many that of the oldest.
  keep(opened) {
    const { files, page } = this;
    const keys = [...files.keys()];
    const isFree = (key) => !files.has(key);
    const free = Array.from({ length: MOST_FILES }, (_, at) => (at ? `${OWN}${at + 1}` : OWN)).find(isFree);
    const key = keys.find((one) => files.get(one).name === opened.name) ?? free ?? keys.find((one) => one !== page.key);
    files.delete(key);
    files.set(key, opened);
    page.list.add({ key, title: opened.name, group: page.words.own, reads: opened.reads });
    return key;
  }

  reasonOf(error, name) {
    const { words } = this.page;
    const { reason = "damaged", facts = {} } = error instanceof FileRefusal ? error : {};
    if (reason === "incomplete") return words.incomplete;
    const short = Object.entries(facts).map(([gap, fact]) => [gap, gap === "names" ? fact : shortened(String(fact))]);
    return filled(words[`file_${reason}`], { ...Object.fromEntries(short), name: shortened(name, MOST_NAMED) });
  }

  showLayer(shown) {
    const { page } = this;
    this.files.get(page.key).show(shown);
    page.open(page.key, page.text);
  }
}
