// Turns the slides of a class: buttons, PageUp and PageDown, arrows where nothing else takes them.
const turners = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const turner = turners.get(parentElement) ?? new Turner(parentElement);
  turners.set(parentElement, turner);
  turner.show(unpack(data), (turn) => setTriggerValue("turn", turn));
  return () => {
    turners.get(parentElement)?.close();
    turners.delete(parentElement);
  };
}

// What uses arrow keys itself.
const OWN_KEYS =
  "input, textarea, select, [contenteditable], [role=radio], [role=tab], [role=option]," +
  " [role=slider], [role=combobox], [role=region][tabindex]";
const TURNS = { PageUp: -1, PageDown: 1, ArrowLeft: -1, ArrowRight: 1 };

class Turner {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.find("back").addEventListener("click", () => this.turn(-1));
    this.find("forward").addEventListener("click", () => this.turn(1));
    this.find("leave").addEventListener("click", () => this.report("leave"));
    this.keyed = (event) => this.key(event);
    // Before a slider takes PageUp and PageDown, which a clicker sends wherever the focus is.
    document.addEventListener("keydown", this.keyed, true);
  }

  show(header, report) {
    this.header = header;
    this.report = report;
    const { at, count, last, labels } = header;
    for (const [name, label] of Object.entries(labels)) {
      this.find(name).title = label;
      this.find(name).setAttribute("aria-label", label);
    }
    this.find("back").disabled = at === 0;
    this.find("forward").disabled = at >= last;
    this.find("where").textContent = `${at + 1} / ${count}`;
    const bar = this.root.querySelector(".bar");
    bar.style.setProperty("--done", `${(100 * (at + 1)) / count}%`);
    bar.setAttribute("aria-valuemax", count);
    bar.setAttribute("aria-valuenow", at + 1);
    bar.setAttribute("aria-label", `${at + 1} / ${count}`);
  }

  turn(by) {
    const wanted = this.header.at + by;
    if (wanted < 0 || wanted > this.header.last) return;
    this.report(wanted);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isArrow = event.key.startsWith("Arrow");
    const target = event.composedPath()[0];
    if (isArrow && (this.header.player || target.closest?.(OWN_KEYS))) return;
    if (event.key === "Escape") this.report("leave");
    else if (event.key in TURNS) this.turn(TURNS[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  close() {
    document.removeEventListener("keydown", this.keyed, true);
  }
}
