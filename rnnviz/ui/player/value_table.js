// Values of the current step as a table: a row a unit, a column a signal.
const tables = new WeakMap();
const DELAY = 200;

export default function mount({ data, parentElement }) {
  tables.get(parentElement)?.close();
  const table = new ValueTable(parentElement.querySelector(".value-table"), unpack(data));
  tables.set(parentElement, table);
  return () => {
    tables.get(parentElement)?.close();
    tables.delete(parentElement);
  };
}

class ValueTable {
  constructor(container, header) {
    this.header = header;
    container.setAttribute("aria-label", header.words.region);
    this.playhead = playheadOf(header.playhead);
    const shared = header.panels.filter((panel) => !panel.apart);
    const groups = [shared, ...header.panels.filter((panel) => panel.apart).map((p) => [p])];
    this.cells = new Map();
    const tables = groups.filter((group) => group.length).map((group) => this.table(group));
    container.replaceChildren(...tables);
    this.container = container;
    this.onScroll = () => this.findVisible();
    container.addEventListener("scroll", this.onScroll);
    // The table gets its size when its tab is opened.
    this.resizeObserver = new ResizeObserver(this.onScroll);
    this.resizeObserver.observe(container);
    this.refresh = throttled(this.playhead, () => this.fill());
    this.unsubscribe = this.playhead.subscribe(this.refresh);
    this.write(() => [0, Infinity]);
  }

  // One table for panels that share their rows.
  table(panels) {
    const table = document.createElement("table");
    table.createCaption().textContent = this.header.words.caption;
    const head = table.createTHead().insertRow();
    head.append(heading(panels[0].axis));
    head.append(...panels.map((panel) => heading(panel.label, panel.colour)));
    const body = table.createTBody();
    panels.forEach((panel) => this.cells.set(panel, []));
    for (const unit of panels[0].units) this.row(body, unit, panels);
    return table;
  }

  row(body, unit, panels) {
    const row = body.insertRow();
    row.append(heading(unit, "", "row"));
    for (const panel of panels) this.cells.get(panel).push(row.insertCell());
  }

  // Visible rows follow every step; the others are brought up to date when the cursor has settled.
  fill() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(() => [0, Infinity]), DELAY);
    if (this.visible) this.write((cells) => this.visible.get(cells));
  }

  // Measured when the visible rows change: measuring at every step would make the browser lay the
  // table out again and again.
  findVisible() {
    const isShown = this.container.offsetParent !== null;
    const ranges = () => [...this.cells.values()].map((cells) => [cells, this.visibleRows(cells)]);
    this.visible = isShown ? new Map(ranges()) : null;
    this.fill();
  }

  visibleRows(cells) {
    const { scrollTop, clientHeight } = this.container;
    const { offsetHeight: height, offsetTop: first } = cells[0].parentNode;
    const above = scrollTop - cells[0].closest("table").offsetTop - first;
    return [Math.floor(above / height) - 1, Math.ceil((above + clientHeight) / height) + 1];
  }

  write(range) {
    if (!this.playhead.hasTrace(this.header)) return;
    for (const [panel, cells] of this.cells) {
      const values = this.playhead.valuesAt(this.header.group, panel.name, this.playhead.time);
      const [first, last] = range(cells);
      for (let unit = Math.max(0, first); unit < Math.min(last, cells.length); unit++)
        cells[unit].textContent = digits(values[unit]);
    }
  }

  close() {
    clearTimeout(this.timer);
    this.container.removeEventListener("scroll", this.onScroll);
    this.resizeObserver.disconnect();
    this.refresh.cancel();
    this.unsubscribe();
  }
}

function heading(text, colour = "", scope = "col") {
  const cell = document.createElement("th");
  cell.scope = scope;
  cell.textContent = text;
  cell.style.color = colour;
  return cell;
}

function digits(value) {
  return value.toFixed(4).replace("-", "−");
}
