// The switch between several layers, of a file's network or of random weights.
class LayerSwitch {
  constructor(page) {
    this.page = page;
    page.find("layer").addEventListener("change", ({ target }) => this.show(Number(target.value)));
  }

  offer() {
    const { find, key, weights, opener, header } = this.page;
    const isOffered = opener.files.has(key) || weights.isRandom;
    const titles = isOffered ? header.network.layers.map((layer) => this.titleOf(layer)) : [];
    find("switch").hidden = titles.length < 2;
    find("layer").replaceChildren(...titles.map((title, at) => new Option(title, at)));
    find("layer").value = header.network?.layer ?? 0;
  }

  titleOf({ level, direction }) {
    const number = filled(this.page.words.layer_number, { number: level + 1 });
    return `${number} ${direction === "forward" ? "→" : "←"}`;
  }

  show(layer) {
    const { opener, key, weights } = this.page;
    if (opener.files.has(key)) opener.showLayer(layer);
    else weights.draw({ layer });
  }
}
