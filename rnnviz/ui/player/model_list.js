// The list of models that a page without a server can open, a group below the other.
class ModelList {
  // `models` are [{ key, title, group }].
  constructor(find, models) {
    Object.assign(this, { find, models });
    this.fill();
  }

  fill() {
    this.find("models").hidden = this.models.length < 2;
    this.find("model").replaceChildren();
    const groups = Map.groupBy?.(this.models, ({ group }) => group) ?? grouped(this.models);
    for (const [group, models] of groups) {
      const list = Object.assign(document.createElement("optgroup"), { label: group });
      list.append(...models.map(({ key, title }) => new Option(title, key)));
      this.find("model").append(list);
    }
  }

  // A file of the reader takes the place of one of the same key.
  add(own) {
    this.models = [...this.models.filter(({ key }) => key !== own.key), own];
    this.fill();
  }

  has(key) {
    return this.models.some((one) => one.key === key);
  }

  of(key) {
    return this.models.find((one) => one.key === key);
  }
}

function grouped(models) {
  const groups = new Map();
  for (const model of models) groups.set(model.group, [...(groups.get(model.group) ?? []), model]);
  return groups;
}
