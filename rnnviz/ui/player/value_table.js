// The numbers of the current step as a table: a row a unit, a column a signal.
const tables = new WeakMap();
const REST = 200;

export default function ({ data, parentElement }) {
  tables.get(parentElement)?.close();
  const table = new Numbers(parentElement.querySelector(".scroll"), unpack(data));
  tables.set(parentElement, table);
  return () => {
    tables.get(parentElement)?.close();
    tables.delete(parentElement);
  };
}

class Numbers {
  constructor(place, header) {
    this.header = header;
    place.setAttribute("aria-label", header.words.region);
    this.clock = clockOf(header.clock);
    const shared = header.panels.filter((panel) => !panel.apart);
    const groups = [shared, ...header.panels.filter((panel) => panel.apart).map((p) => [p])];
    this.cells = new Map();
    const tables = groups.filter((group) => group.length).map((group) => this.table(group));
    place.replaceChildren(...tables);
    this.place = place;
    this.looked = () => this.look();
    place.addEventListener("scroll", this.looked);
    // Also when its tab is opened, which gives it a size.
    this.sized = new ResizeObserver(this.looked);
    this.sized.observe(place);
    this.follow = paced(this.clock, () => this.fill());
    this.leave = this.clock.subscribe(this.follow);
    this.write(() => [0, Infinity]);
  }

  // One table for panels that share their rows.
  table(panels) {
    const table = document.createElement("table");
    table.createCaption().textContent = this.header.words.caption;
    const head = table.createTHead().insertRow();
    head.append(title(panels[0].axis));
    head.append(...panels.map((panel) => title(panel.label, panel.colour)));
    const body = table.createTBody();
    panels.forEach((panel) => this.cells.set(panel, []));
    for (const unit of panels[0].units) this.row(body, unit, panels);
    return table;
  }

  row(body, unit, panels) {
    const row = body.insertRow();
    row.append(title(unit, "", "row"));
    for (const panel of panels) this.cells.get(panel).push(row.insertCell());
  }

  // Rows in sight follow every step; the others, which only a reader from further down meets,
  // are brought up to date when the cursor rests.
  fill() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.write(() => [0, Infinity]), REST);
    if (this.seen) this.write((cells) => this.seen.get(cells));
  }

  // Which rows are in sight; measured when that changes, since to measure at every step would make
  // the browser lay the table out again and again.
  look() {
    const shown = this.place.offsetParent !== null;
    const ranges = () => [...this.cells.values()].map((cells) => [cells, this.sight(cells)]);
    this.seen = shown ? new Map(ranges()) : null;
    this.fill();
  }

  sight(cells) {
    const { scrollTop, clientHeight } = this.place;
    const { offsetHeight: height, offsetTop: first } = cells[0].parentNode;
    const above = scrollTop - cells[0].closest("table").offsetTop - first;
    return [Math.floor(above / height) - 1, Math.ceil((above + clientHeight) / height) + 1];
  }

  write(range) {
    if (!this.clock.has(this.header)) return;
    for (const [panel, cells] of this.cells) {
      const values = this.clock.at(this.header.group, panel.name, this.clock.time);
      const [first, last] = range(cells);
      for (let unit = Math.max(0, first); unit < Math.min(last, cells.length); unit++)
        cells[unit].textContent = digits(values[unit]);
    }
  }

  close() {
    clearTimeout(this.later);
    this.place.removeEventListener("scroll", this.looked);
    this.sized.disconnect();
    this.follow.cancel();
    this.leave();
  }
}

function title(text, colour = "", scope = "col") {
  const made = document.createElement("th");
  made.scope = scope;
  made.textContent = text;
  made.style.color = colour;
  return made;
}

function digits(value) {
  return value.toFixed(4).replace("-", "−");
}
