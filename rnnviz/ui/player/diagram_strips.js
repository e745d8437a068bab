// Strip under a node of the live cell's drawing: its values of all shown units in colours.
// With more units than this, several share a mark: narrower marks could not be told apart.
const MARKS = 64;

class DiagramStrip {
  // `cell` is the drawing; `at` are left, top, width and height.
  constructor(cell, { node, at: [x, y, width, height] }) {
    const signal = cell.signals.get(node);
    const count = cell.values.count(signal);
    const perMark = Math.ceil(count / MARKS);
    const marks = Math.ceil(count / perMark);
    Object.assign(this, { cell, node, signal, perMark, left: x - 1, markWidth: width / marks });
    this.shown = new Int16Array(marks).fill(-1);
    this.group = cell.add("g", { class: "strip", "data-node": node });
    this.ring = cell.kinds.get(node) === "after" ? this.addRing(x, y, width, height) : null;
    // Taller than the visible strip, for fingers.
    const area = this.add("rect", { x, y: y - 5, width, height: height + 10, fill: "transparent" });
    this.cells = Array.from({ length: marks }, (_, i) =>
      this.add("rect", { x: x + i * this.markWidth, y, width: this.markWidth, height, "shape-rendering": "crispEdges" }),
    );
    // Values on an axis of their own are of no unit.
    if (signal in cell.packet.apart) return;
    this.marker = this.addMarker(y, height);
    this.group.addEventListener("click", (event) => this.pick(event, area));
  }

  add(tag, attributes, parent = this.group) {
    return this.cell.add(tag, attributes, parent);
  }

  // Round a state that is picked, as a gate's frame is drawn thicker.
  addRing(x, y, width, height) {
    const around = { x: x - 4, y: y - 19, width: width + 8, height: height + 24, rx: 5, fill: "none" };
    return this.add("rect", { ...around, stroke: this.cell.packet.colours.accent });
  }

  // Frame round the mark of the picked unit.
  addMarker(y, height) {
    const { ink, paper } = this.cell.packet.colours;
    const outline = { y: y - 2, width: this.markWidth + 2, height: height + 4, rx: 1.5, fill: "none" };
    const marker = this.add("g", {});
    this.add("rect", { ...outline, stroke: paper, "stroke-width": 3 }, marker);
    this.add("rect", { ...outline, stroke: ink, "stroke-width": 1.4 }, marker);
    return marker;
  }

  pick({ clientX }, area) {
    const { packet, playhead } = this.cell;
    const { left, width } = area.getBoundingClientRect();
    const mark = Math.floor((this.cells.length * (clientX - left)) / width);
    playhead.setSignal(this.signal);
    playhead.setUnit(packet.units[Math.max(0, Math.min(packet.units.length - 1, mark * this.perMark))]);
  }

  // `row` of the picked unit.
  update(row) {
    this.colour();
    const { ring, marker, cell } = this;
    ring?.setAttribute("stroke-width", this.signal === cell.playhead.signal ? 2 : 0);
    if (!marker) return;
    const x = this.left + Math.floor(row / this.perMark) * this.markWidth;
    if (marker.at === x) return;
    marker.at = x;
    marker.setAttribute("transform", `translate(${x.toFixed(2)})`);
  }

  colour() {
    const { perMark, cells, shown } = this;
    const values = this.cell.values.of(this.node);
    const { low, high, colours } = this.cell.colourScales.get(this.signal);
    const place = (N_COLOURS - 1) / (high - low);
    for (let i = 0; i < cells.length; i++) {
      const mean = perMark === 1 ? values[i] : average(values, i * perMark, perMark);
      const index = Math.max(0, Math.min(N_COLOURS - 1, Math.round((mean - low) * place)));
      if (index === shown[i]) continue;
      shown[i] = index;
      cells[i].setAttribute("fill", colours[index]);
    }
  }
}

function average(values, start, count) {
  const end = Math.min(values.length, start + count);
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i];
  return sum / (end - start);
}
