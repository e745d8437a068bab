// The numbers of the current step as a table: a row a unit, a column a signal.
const tables = new WeakMap();

export default function ({ data, parentElement }) {
  tables.get(parentElement)?.close();
  const table = new Numbers(parentElement.querySelector("table"), unpack(data));
  tables.set(parentElement, table);
  return () => {
    tables.get(parentElement)?.close();
    tables.delete(parentElement);
  };
}

class Numbers {
  constructor(table, header) {
    this.header = header;
    table.parentNode.setAttribute("aria-label", header.words.region);
    this.clock = clockOf(header.group);
    this.build(table);
    this.leave = this.clock.subscribe(() => this.fill());
    this.fill(true);
  }

  build(table) {
    const { panels, words } = this.header;
    const shared = panels.filter((panel) => !panel.apart);
    this.columns = shared;
    const head = shared.map((p) => `<th scope="col" style="color:${p.colour}"></th>`).join("");
    table.innerHTML = `<caption></caption><thead><tr><th scope="col"></th>${head}</tr></thead><tbody></tbody>`;
    table.caption.textContent = words.caption;
    const titles = table.tHead.rows[0].cells;
    titles[0].textContent = words.unit;
    shared.forEach((panel, i) => (titles[i + 1].textContent = panel.label));
    this.cells = shared.length ? shared[0].units.map((unit) => this.row(table.tBodies[0], unit)) : [];
  }

  row(body, unit) {
    const row = body.insertRow();
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = unit;
    row.append(name);
    return this.columns.map(() => row.insertCell());
  }

  // While playing a table of hundreds of units is refreshed ten times a second, not sixty.
  fill(now = false) {
    const moment = performance.now();
    clearTimeout(this.later);
    if (!now && this.clock.playing && moment - (this.filled ?? 0) < 100) {
      this.later = setTimeout(() => this.fill(true), 100);
      return;
    }
    this.filled = moment;
    const { values, tokens } = this.header;
    const time = Math.min(this.clock.time, tokens.length - 1);
    this.columns.forEach((panel, column) => {
      const n = panel.units.length;
      for (let unit = 0; unit < n; unit++) {
        const value = values[panel.start + time * n + unit];
        this.cells[unit][column].textContent = digits(value);
      }
    });
  }

  close() {
    clearTimeout(this.later);
    this.leave();
  }
}

function digits(value) {
  return value.toFixed(4).replace("-", "−");
}
