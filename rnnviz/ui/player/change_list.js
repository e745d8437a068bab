// What is done to the network, each with a button that takes it away.
class ChangeList {
  constructor(page) {
    this.page = page;
  }

  list() {
    const { words, interventions, undone } = this.page;
    const place = this.page.find("changes");
    place.hidden = !interventions.length && !undone.length;
    const button = (text, title, act) => {
      const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, title });
      made.addEventListener("click", act);
      return made;
    };
    const chips = interventions.map((one, index) =>
      button(`${this.textOf(one)} ✕`, words.remove, () => this.page.change(interventions.filter((_, i) => i !== index))),
    );
    const undo = button(words.undo, words.undo, () => this.page.undo());
    undo.disabled = !undone.length;
    const clear = button(words.clear, words.clear, () => this.page.change([]));
    clear.disabled = !interventions.length;
    place.replaceChildren(...chips, undo, clear);
  }

  // An intervention in a few words, as rnnviz/ui/controls/intervention_list.py writes it.
  textOf(intervention) {
    const { layer = 0 } = intervention;
    const place = layer ? [filled(this.page.words.layer_number, { number: layer + 1 })] : [];
    return [this.whatOf(intervention), ...place, ...this.whenOf(intervention)].join(" · ");
  }

  whatOf({ gate, state, units, value, do: what }) {
    const { words } = this.page;
    const signal = playheadOf(GROUP).signalOf(GROUP, gate ?? state)?.label ?? gate ?? state;
    const whose = units ? ` ${units.slice(0, 4).join(", ")}${units.length > 4 ? "…" : ""}` : "";
    return {
      clamp: `${signal}${whose} = ${shortNumber(value)}`,
      set: `${signal}${whose} := ${shortNumber(value)}`,
      add: `${signal}${whose} ${value < 0 ? "−" : "+"} ${shortNumber(Math.abs(value))}`,
      silence: filled(words.silence, { units: whose.trim() }),
      reset: words.reset,
    }[what];
  }

  whenOf({ start = 0, stop, step }) {
    const { words } = this.page;
    if (step !== undefined) return [filled(words.at, { step: step + 1 })];
    if (stop !== undefined && stop !== null) return [filled(words.span, { first: start + 1, last: stop })];
    return start ? [filled(words.from, { step: start + 1 })] : [];
  }
}
