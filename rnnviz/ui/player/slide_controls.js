// Buttons and keys of class mode: PageUp and PageDown, arrows where no other control takes them.
const controls = new WeakMap();

export default function mount({ data, parentElement, setTriggerValue, setStateValue }) {
  const control = controls.get(parentElement) ?? new SlideControls(parentElement);
  controls.set(parentElement, control);
  control.show(
    unpack(data),
    (slide) => setTriggerValue("slide", slide),
    (lines) => setStateValue("lines", lines),
  );
  return () => {
    controls.get(parentElement)?.close();
    controls.delete(parentElement);
  };
}

// Controls that use the arrow keys themselves.
const OWN_KEYS =
  "input, textarea, select, [contenteditable], [role=radio], [role=tab], [role=option]," +
  " [role=slider], [role=combobox], [role=region][tabindex]";
const MOVES = { PageUp: -1, PageDown: 1, ArrowLeft: -1, ArrowRight: 1 };

class SlideControls {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.find("back").addEventListener("click", () => this.move(-1));
    this.find("forward").addEventListener("click", () => this.move(1));
    this.find("leave").addEventListener("click", () => this.report("leave"));
    this.onKey = (event) => this.key(event);
    // Capturing, so that no slider takes PageUp and PageDown, which a clicker sends wherever the
    // focus is.
    document.addEventListener("keydown", this.onKey, true);
    this.fitting = new SlideFitting();
  }

  show(header, report, reportLines) {
    this.report = report;
    this.fitting.show(header.lines, reportLines);
    this.header = header;
    // The slide that is drawn; the number runs ahead of it while presses come fast.
    this.find("where").dataset.shown = header.at + 1;
    // An answer to an earlier press than the last one is on its way to being out of date.
    if (!(header.press < this.place?.press)) {
      this.place = { slide: header.at, revealed: [], press: header.press };
    }
    for (const [name, label] of Object.entries(header.labels)) {
      this.find(name).title = label;
      this.find(name).setAttribute("aria-label", label);
    }
    this.draw();
  }

  draw() {
    const { count, asked } = this.header;
    const at = this.place.slide;
    this.find("back").disabled = at === 0;
    this.find("forward").disabled =
      at >= count - 1 && !(asked[at] && !this.place.revealed.includes(at));
    this.find("where").textContent = `${at + 1} / ${count}`;
    const bar = this.root.querySelector(".bar");
    bar.style.setProperty("--done", `${(100 * (at + 1)) / count}%`);
    bar.setAttribute("aria-valuemax", count);
    bar.setAttribute("aria-valuenow", at + 1);
    bar.setAttribute("aria-label", `${at + 1} / ${count}`);
  }

  move(by) {
    const { count, asked } = this.header;
    const { slide, revealed, press } = this.place;
    // The first step forward on a question's slide reveals its answer.
    const reveals = by > 0 && asked[slide] && !revealed.includes(slide);
    const wanted = reveals ? slide : slide + by;
    if (wanted < 0 || wanted >= count) return;
    this.place = {
      slide: wanted,
      revealed: reveals ? [...revealed, slide] : revealed,
      press: press + 1,
    };
    this.draw();
    this.report(this.place);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isArrow = event.key.startsWith("Arrow");
    const target = event.composedPath()[0];
    if (isArrow && (this.header.player || target.closest?.(OWN_KEYS))) return;
    if (event.key === "Escape") this.report("leave");
    else if (event.key in MOVES) this.move(MOVES[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  close() {
    document.removeEventListener("keydown", this.onKey, true);
    this.fitting.close();
  }
}
