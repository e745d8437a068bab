// A table of steps, units and signals; the first cell of a row is a button that jumps there.
export default function mount({ data, parentElement }) {
  const header = unpack(data);
  const table = document.createElement("table");
  table.createCaption().textContent = header.caption;
  const head = table.createTHead().insertRow();
  head.append(...header.columns.map((name) => heading(name, "col")));
  const body = table.createTBody();
  for (const row of header.rows) fill(body.insertRow(), row, playheadOf(header.playhead));
  parentElement.querySelector(".jump-table").replaceChildren(table);
}

function fill(line, { cells, colour, ...target }, playhead) {
  const [name, ...others] = cells;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.style.color = colour;
  button.onclick = () => jump(playhead, target);
  const first = heading("", "row");
  first.append(button);
  line.append(first);
  for (const text of others) line.insertCell().textContent = text;
}

function jump(playhead, { step, signal, unit }) {
  playhead.playing = false;
  playhead.setSignal(signal);
  if (unit !== null) playhead.setUnit(unit);
  playhead.seek(step);
  playhead.notify();
}

function heading(text, scope) {
  const cell = document.createElement("th");
  cell.scope = scope;
  cell.textContent = text;
  return cell;
}
