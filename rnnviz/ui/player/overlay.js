// Cursor and veil over a Plotly chart: elements moved by a transform, so a step redraws nothing.
// Height of the tokens over the first panel, and what a box's border needs outside, in pixels.
const LABELS = 31;
const EDGE = 3;

class Stage {
  constructor(group, clock) {
    this.group = group;
    this.clock = clock;
    this.layer = element("div", "rnnviz-stage");
    this.veil = element("div", "rnnviz-veil", this.layer);
    this.cursor = element("div", "rnnviz-cursor", this.layer);
    this.pick = element("div", "rnnviz-pick", this.cursor);
    this.label = element("div", "rnnviz-label");
    this.label.hidden = true;
    this.chart = null;
    this.place = this.place.bind(this);
    this.click = this.click.bind(this);
    this.hover = this.hover.bind(this);
    this.unhover = () => (this.label.hidden = true);
    this.scrub = this.scrub.bind(this);
    this.resized = new ResizeObserver(this.place);
    // The chart's library arrives when it likes and a rerun may bring a new chart.
    this.search = setInterval(() => this.attach(), 200);
    this.attach();
  }

  attach() {
    const chart = document.querySelector(`.st-key-${this.group} .js-plotly-plot`);
    if (!chart?._fullLayout?.xaxis || !chart.on) return;
    if (chart === this.chart) {
      if (!this.layer.isConnected) this.place();
      return;
    }
    this.detach();
    this.chart = chart;
    chart.on("plotly_afterplot", this.place);
    chart.on("plotly_relayout", this.place);
    chart.on("plotly_click", this.click);
    chart.on("plotly_hover", this.hover);
    chart.on("plotly_unhover", this.unhover);
    chart.addEventListener("pointerdown", this.scrub, true);
    this.resized.observe(chart);
    this.place();
  }

  detach() {
    this.layer.remove();
    this.label.remove();
    this.resized.disconnect();
    this.unhover();
    if (!this.chart) return;
    this.chart.removeListener?.("plotly_afterplot", this.place);
    this.chart.removeListener?.("plotly_relayout", this.place);
    this.chart.removeListener?.("plotly_click", this.click);
    this.chart.removeListener?.("plotly_hover", this.hover);
    this.chart.removeListener?.("plotly_unhover", this.unhover);
    this.chart.removeEventListener("pointerdown", this.scrub, true);
    this.chart = null;
  }

  close() {
    clearInterval(this.search);
    this.detach();
  }

  place() {
    const frame = this.chart?.querySelector(".svg-container");
    const layout = this.chart?._fullLayout;
    if (!frame || !layout?.xaxis?.l2p) return;
    if (this.layer.parentNode !== frame) frame.append(this.layer, this.label);
    const { _offset: left, _length: width } = layout.xaxis;
    const top = layout._size.t - LABELS - EDGE;
    const height = layout._size.h + LABELS + 2 * EDGE;
    this.layer.style.cssText =
      `left:${left - EDGE}px;width:${width + 2 * EDGE}px;top:${top}px;height:${height}px`;
    this.box(Object.values(layout._plots).map(({ yaxis }) => [yaxis._offset - top, yaxis._length]));
    thin(this.chart);
    this.draw();
  }

  // The row of the picked unit in the picked signal's heatmap, from the top and its height.
  picked() {
    const { signal, unit } = this.clock;
    const panel = this.chart?.data?.find(
      (data) => data.type === "heatmap" && means(data).signal === signal && isUnit(data),
    );
    const row = this.units(panel).indexOf(String(unit));
    return row < 0 ? null : this.row(panel, row);
  }

  row(panel, row) {
    const { yaxis } = this.chart._fullLayout._plots[panel.xaxis + panel.yaxis];
    const [above, below] = [yaxis.l2p(row - 0.5), yaxis.l2p(row + 0.5)];
    return [yaxis._offset + Math.min(above, below), Math.abs(below - above)];
  }

  // A line says its unit itself; the rows of a heatmap are named with the numbers.
  units(panel) {
    const { signal, units } = means(panel);
    return units ?? this.clock.signalOf(this.group, signal)?.units ?? [];
  }

  // A heatmap is drawn in shades; the number under the pointer is one of those that are held.
  hover(event) {
    const point = event.points?.[0];
    if (point?.data.hoverinfo !== "none") return;
    const [row, time] = point.pointNumber;
    const held = this.clock.signalOf(this.group, means(point.data).signal);
    const value = held && this.clock.at(this.group, held.name, time)[row];
    if (value === undefined) return this.unhover();
    const { words } = this.clock.held.get(this.group);
    const lines = [
      `${held.label} ${value.toFixed(4).replace("-", "−")}`,
      `${held.axis} ${held.units[row]}`,
      `${words.step} ${time + 1}`,
    ];
    this.label.replaceChildren(...lines.map((line) => said(line)));
    this.label.hidden = false;
    this.beside(this.row(point.data, row), time);
  }

  // Right of the cell, or left of it where the right has no room.
  beside([top, height], time) {
    const axis = this.chart._fullLayout.xaxis;
    const { offsetWidth: wide, offsetHeight: high } = this.label;
    const start = axis._offset + axis.l2p(time - 0.5) - 8 - wide;
    const end = axis._offset + axis.l2p(time + 0.5) + 8;
    const left = start > 0 && end + wide > axis._offset + axis._length ? start : end;
    this.label.style.transform = `translate(${left}px, ${top + (height - high) / 2}px)`;
  }

  // A box round the token and one round every panel's column, moved together; the veil lies over
  // the panels alone, so that their titles stay readable.
  box(spans) {
    const boxes = [[EDGE, LABELS - 2], ...spans].map((span) => this.strip("rnnviz-box", span, 2));
    this.cursor.replaceChildren(...boxes, this.pick);
    this.veil.replaceChildren(...spans.map((span) => this.strip("rnnviz-shade", span, 0)));
  }

  strip(name, [top, height], edge) {
    const strip = element("div", name);
    strip.style.cssText = `top:${top - edge}px;height:${height + 2 * edge}px`;
    return strip;
  }

  draw() {
    const axis = this.chart?._fullLayout?.xaxis;
    if (!axis) return;
    const at = (time) => axis.l2p(time) + EDGE;
    const step = this.clock.time;
    const left = at(step - 0.5);
    const width = at(step + 0.5) - left;
    this.cursor.style.width = `${Math.max(width, 3)}px`;
    this.cursor.style.transform = `translateX(${left}px)`;
    this.veil.style.transform = `translateX(${left + width}px)`;
    this.layer.classList.toggle("bare", this.clock.bare);
    this.mark();
  }

  mark() {
    const { signal, unit } = this.clock;
    const trace = this.clock.held.get(this.group)?.trace;
    const wanted = `${trace}.${signal}.${unit}.${this.layer.style.cssText}`;
    if (wanted === this.marked) return;
    this.marked = wanted;
    const row = this.picked();
    this.pick.hidden = row === null;
    if (!row) return;
    const top = row[0] - parseFloat(this.layer.style.top);
    this.pick.style.cssText = `top:${top - 2}px;height:${row[1] + 4}px`;
  }

  // A click goes to that step and picks the signal and the unit to be looked at.
  click(event) {
    const point = event.points?.[0];
    // Plotly calls the end of a drag a click, at the place where the drag began.
    if (!point || this.scrubbed) return;
    const where = point.pointNumber ?? point.pointIndex;
    const [row, time] = Array.isArray(where) ? where : [0, where];
    if (isUnit(point.data)) {
      this.clock.setSignal(means(point.data).signal);
      this.clock.setUnit(Number(this.units(point.data)[row]));
    }
    this.clock.set(time);
  }

  halt() {
    if (!this.clock.playing) return;
    this.clock.playing = false;
    this.clock.tell();
  }

  scrub(event) {
    const layout = this.chart._fullLayout;
    if (layout.dragmode || event.button || !event.target.closest?.(".draglayer")) return;
    const left = this.chart.getBoundingClientRect().left + layout.xaxis._offset;
    this.scrubbed = false;
    const follow = (move) => {
      if (Math.abs(move.clientX - event.clientX) < 4 && !this.scrubbed) return;
      this.scrubbed = true;
      this.halt();
      this.clock.set(layout.xaxis.p2l(move.clientX - left));
    };
    const stop = () => {
      removeEventListener("pointermove", follow);
      removeEventListener("pointerup", stop);
      removeEventListener("pointercancel", stop);
    };
    addEventListener("pointermove", follow);
    addEventListener("pointerup", stop);
    addEventListener("pointercancel", stop);
  }
}

// What a trace stands for, in a list: Plotly takes an object that it meets again for another one.
function means(data) {
  return data?.meta?.[0] ?? {};
}

// Rows of inputs and outputs are no units of the layer.
function isUnit(data) {
  return !["inputs", "probabilities"].includes(means(data).signal);
}

function said(text) {
  const line = element("div", "rnnviz-said");
  line.textContent = text;
  return line;
}

function element(tag, name, parent) {
  const made = document.createElement(tag);
  made.className = name;
  parent?.append(made);
  return made;
}
