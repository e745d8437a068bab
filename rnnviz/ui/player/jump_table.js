// A table of places in a picture; the first cell of a row is a button that goes there.
export default function ({ data, parentElement }) {
  const header = unpack(data);
  const table = document.createElement("table");
  table.createCaption().textContent = header.caption;
  const head = table.createTHead().insertRow();
  head.append(...header.columns.map((name) => heading(name, "col")));
  const body = table.createTBody();
  for (const row of header.rows) fill(body.insertRow(), row, clockOf(header.clock));
  parentElement.querySelector(".places").replaceChildren(table);
}

function fill(line, { cells, colour, ...place }, clock) {
  const [name, ...others] = cells;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.style.color = colour;
  button.onclick = () => go(clock, place);
  const first = heading("", "row");
  first.append(button);
  line.append(first);
  for (const text of others) line.insertCell().textContent = text;
}

function go(clock, { step, signal, unit }) {
  clock.playing = false;
  clock.setSignal(signal);
  if (unit !== null) clock.setUnit(unit);
  clock.set(step);
  clock.tell();
}

function heading(text, scope) {
  const made = document.createElement("th");
  made.scope = scope;
  made.textContent = text;
  return made;
}
