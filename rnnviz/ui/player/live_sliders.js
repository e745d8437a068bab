// Sliders, number fields and buttons that change the network or its run: what they would do is shown
// at once, before the server hears of it.
const listening = new WeakMap();

export default function mount({ data, parentElement }) {
  listening.get(parentElement)?.close();
  const live = new LiveSliders(unpack(data));
  listening.set(parentElement, live);
  // Names of the controls that are listened to, as a sign that this script is there.
  parentElement.querySelector("span").dataset.sliders = Object.keys(live.sliders).join(" ");
  return () => {
    listening.get(parentElement)?.close();
    listening.delete(parentElement);
  };
}

class LiveSliders {
  // `sliders` holds by class of a control's container the intervention it makes, without its value,
  // which a button alone has; `values` are those of a slider over a list, or of buttons side by side,
  // `options` those of a list by their words.
  constructor(header) {
    Object.assign(this, header);
    this.observer = new MutationObserver(() => this.moved());
    for (const name of ["press", "release", "type", "click", "pick"]) this[name] = this[name].bind(this);
    for (const [event, listener] of this.listeners()) document.addEventListener(event, listener, true);
  }

  listeners() {
    const { press, release, type, click, pick } = this;
    return [
      ...[["pointerdown", press], ["keydown", press], ["pointerup", release], ["keyup", release]],
      ...[["input", type], ["keydown", type], ["click", click]],
      ...[["pointerup", pick], ["keydown", pick]],
    ];
  }

  // The control of an event: what it does, and its field, which a button lacks.
  found(target) {
    const name = Object.keys(this.sliders).find((one) => target?.closest?.(`.st-key-${one}`));
    return name && { ...this.sliders[name], field: document.querySelector(`.st-key-${name} input`) };
  }

  // Only what a hand moves is tried out: the server moves sliders, too.
  press({ target }) {
    const { field, values, ...intervention } = this.found(target) ?? {};
    if (field?.type !== "range") return;
    Object.assign(this, { thumb: field, intervention, values });
    this.observer.observe(field, { attributes: true, attributeFilter: ["aria-valuetext"] });
  }

  release() {
    this.observer.disconnect();
  }

  moved() {
    const at = Number(this.thumb.value);
    this.tryOut({ ...this.intervention, value: this.values?.[at] ?? at });
  }

  // The field has its new number once the page has dealt with the event.
  type({ target }) {
    const { field, ...intervention } = this.found(target) ?? {};
    if (field?.type !== "number") return;
    requestAnimationFrame(() => {
      const isNumber = field.value !== "" && field.validity.valid;
      this.tryOut(isNumber ? { ...intervention, value: Number(field.value) } : null);
    });
  }

  click(event) {
    const { field, ...intervention } = this.found(event.target) ?? {};
    if (field) this.type(event);
    else if (intervention.do === "cell") this.choose(event.target, intervention.values);
    else if (intervention.do) this.tryOut(intervention);
  }

  // A button of several, each of which is a cell; null for one that is the server's alone.
  choose(target, cells) {
    const option = target.closest("button");
    const options = option ? [...option.parentElement.querySelectorAll("button")] : [];
    const cell = cells[options.indexOf(option)];
    if (cell) liveCells.get(this.playhead)?.ask({ cell });
  }

  // An option of a list, which stands apart from its control and is gone before it is clicked.
  pick({ type, key, target }) {
    const isKey = type === "keydown";
    const option = isKey ? document.getElementById(target.getAttribute("aria-activedescendant")) : target.closest("[role=option]");
    const list = option?.closest("[role=listbox]");
    if (!list || (isKey && key !== "Enter")) return;
    const { options, do: what } = this.found(document.querySelector(`[aria-controls="${list.id}"]`)) ?? {};
    const value = options?.[option.textContent.trim()];
    if (value !== undefined) liveCells.get(this.playhead)?.ask({ [what]: value });
  }

  tryOut(intervention) {
    // What changes the shape of a network makes another one.
    const { do: what, value } = intervention ?? {};
    if (what === "units" || what === "layers") liveCells.get(this.playhead)?.ask({ [what]: value });
    else liveNetworks.get(this.playhead)?.tryOut(intervention);
  }

  close() {
    this.release();
    for (const [event, listener] of this.listeners()) document.removeEventListener(event, listener, true);
  }
}
