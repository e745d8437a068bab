// Components that stand in places of a page, each in a shadow of its own: as in the app, a component's
// style reaches nothing outside it.
class PageParts {
  // `find` finds a place of the page by its name.
  constructor(find) {
    Object.assign(this, { find, shadows: new Map(), closing: new Map() });
  }

  // Shows a component's packet in a place; without a packet the place is hidden.
  show(place, name, data, setTriggerValue, setStateValue) {
    this.find(place).hidden = !data;
    if (!data) return;
    if (!this.shadows.has(place)) this.shadows.set(place, this.find(place).attachShadow({ mode: "open" }));
    const parentElement = this.shadows.get(place);
    if (!parentElement.childElementCount) parentElement.innerHTML = `<style>${parts[name].css}</style>${parts[name].html}`;
    this.closing.set(place, parts[name].mount({ data, parentElement, setTriggerValue, setStateValue }));
  }

  // A closed component hears nothing more, and nothing of it is left.
  close(place) {
    this.closing.get(place)?.();
    this.closing.delete(place);
    this.shadows.get(place)?.replaceChildren();
  }

  closeAll() {
    for (const place of [...this.closing.keys()]) this.close(place);
  }
}
