// Cursor and veil over a Plotly chart, moved by a transform: a step redraws nothing.

// Pixels: height of the tokens over the first panel, and room for the borders of the boxes.
const LABELS = 31;
// On a projector text is larger.
const typeScale = () =>
  parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--rnnviz-type")) || 1;
const labels = () => LABELS * typeScale();
const EDGE = 3;
// How the arrows move the pick; with the shift key up and down change the signal.
const ROWS = { ArrowUp: -1, ArrowDown: 1 };

class Overlay {
  constructor(group, playhead) {
    this.group = group;
    this.playhead = playhead;
    this.layer = element("div", "rnnviz-overlay");
    // One tab stop for all heatmaps. The steps are the player's, which hears the arrows as well.
    this.layer.tabIndex = 0;
    this.layer.setAttribute("role", "application");
    this.layer.addEventListener("keydown", (event) => this.key(event));
    // The veil ends where the panels end, and does not cover the labels beside them.
    this.unread = element("div", "rnnviz-unread", this.layer);
    this.futureMask = element("div", "rnnviz-future-mask", this.unread);
    this.cursor = element("div", "rnnviz-cursor", this.layer);
    this.unitBox = element("div", "rnnviz-unit-box", this.cursor);
    this.here = element("div", "rnnviz-here");
    this.tooltip = new HeatmapTooltip(this);
    this.chart = null;
    this.tried = new TriedHeatmaps(group, playhead, () => this.lay());
    this.layout = this.layout.bind(this);
    this.click = this.click.bind(this);
    this.scrub = this.scrub.bind(this);
    this.resizeObserver = new ResizeObserver(this.layout);
    // Plotly loads later than this script, and a rerun may bring a new chart.
    this.search = setInterval(() => this.attach(), 200);
    this.attach();
  }

  attach() {
    const chart = document.querySelector(`.st-key-${this.group} .js-plotly-plot`);
    if (!chart?._fullLayout?.xaxis || !chart.on) return;
    if (chart === this.chart) {
      if (!this.layer.isConnected) this.layout();
      return;
    }
    this.detach();
    this.chart = chart;
    chart.on("plotly_afterplot", this.layout);
    chart.on("plotly_relayout", this.layout);
    chart.on("plotly_click", this.click);
    chart.on("plotly_hover", this.tooltip.show);
    chart.on("plotly_unhover", this.tooltip.hide);
    chart.addEventListener("pointerdown", this.scrub, true);
    this.resizeObserver.observe(chart);
    this.layout();
  }

  detach() {
    this.tried.clear();
    this.layer.remove();
    this.here.remove();
    this.tooltip.element.remove();
    this.resizeObserver.disconnect();
    this.tooltip.hide();
    if (!this.chart) return;
    this.chart.removeListener?.("plotly_afterplot", this.layout);
    this.chart.removeListener?.("plotly_relayout", this.layout);
    this.chart.removeListener?.("plotly_click", this.click);
    this.chart.removeListener?.("plotly_hover", this.tooltip.show);
    this.chart.removeListener?.("plotly_unhover", this.tooltip.hide);
    this.chart.removeEventListener("pointerdown", this.scrub, true);
    this.chart = null;
  }

  close() {
    clearInterval(this.search);
    this.detach();
  }

  // The figure in view: the chart's, or one that the page laid over it until the server's is there.
  get figure() {
    return this.tried.figure ?? this.chart;
  }

  layout() {
    if (!this.chart?._fullLayout?.xaxis?.l2p) return;
    thinTickLabels(this.chart);
    this.tried.plotted();
    this.lay();
    this.draw();
  }

  // Boxes and veil on the panels of the figure in view.
  lay() {
    const frame = this.chart?.querySelector(".svg-container");
    const layout = this.figure?._fullLayout;
    // A chart that Streamlit is taking away has none.
    if (!frame || !layout) return;
    if (this.layer.parentNode !== frame) frame.append(this.layer, this.here, this.tooltip.element);
    const { _offset: left, _length: width } = layout.xaxis;
    const top = layout._size.t - labels() - EDGE;
    const height = layout._size.h + labels() + 2 * EDGE;
    this.layer.style.cssText =
      `left:${left - EDGE}px;width:${width + 2 * EDGE}px;top:${top}px;height:${height}px`;
    this.addBoxes(Object.values(layout._plots).map(({ yaxis }) => [yaxis._offset - top, yaxis._length]));
    this.here.style.top = `${top + 1}px`;
    this.here.style.height = `${labels()}px`;
    this.layer.setAttribute("aria-label", this.playhead.traces.get(this.group)?.words?.keys ?? "");
  }

  // Top and height of the selected unit's row in the selected signal's heatmap.
  selectedRow() {
    const { signal, unit } = this.playhead;
    const panel = this.figure?.data?.find(
      (data) => data.type === "heatmap" && metaOf(data).signal === signal && isUnit(data),
    );
    const row = this.unitsOf(panel).indexOf(String(unit));
    return row < 0 ? null : this.extentOf(panel, row);
  }

  extentOf(panel, row) {
    const { yaxis } = this.figure._fullLayout._plots[panel.xaxis + panel.yaxis];
    const [above, below] = [yaxis.l2p(row - 0.5), yaxis.l2p(row + 0.5)];
    return [yaxis._offset + Math.min(above, below), Math.abs(below - above)];
  }

  // A line names its units itself; a heatmap's are those of its signal.
  unitsOf(panel) {
    const { signal, units } = metaOf(panel);
    return units ?? this.playhead.signalOf(this.group, signal)?.units ?? [];
  }

  // A box round the token and one round every panel's column, moved together. The future mask
  // covers the panels alone, so that their titles stay readable.
  addBoxes(spans) {
    const boxes = spans.map((span) => this.column("rnnviz-box", span, 2));
    this.cursor.replaceChildren(...boxes, this.unitBox);
    this.futureMask.replaceChildren(...spans.map((span) => this.column("rnnviz-future", span, 0)));
  }

  column(name, [top, height], edge) {
    const column = element("div", name);
    column.style.cssText = `top:${top - edge}px;height:${height + 2 * edge}px`;
    return column;
  }

  // Where a step is on the axis, in pixels: a text that is being typed has columns of another width.
  place(time) {
    const axis = this.figure._fullLayout.xaxis;
    const { columns } = this.tried;
    return axis.l2p(columns ? ((time + 0.5) * (axis.range[1] + 0.5)) / columns - 0.5 : time);
  }

  // The step under a column of the chart, which may be of another text.
  stepOf(column) {
    const { columns } = this.tried;
    if (!columns) return column;
    return ((column + 0.5) * columns) / (this.figure._fullLayout.xaxis.range[1] + 0.5) - 0.5;
  }

  draw() {
    const axis = this.figure?._fullLayout?.xaxis;
    if (!axis) return;
    if (this.layer.parentNode) this.tried.draw(this.chart, this.layer);
    const at = (time) => this.place(time) + EDGE;
    const step = this.playhead.time;
    const left = at(step - 0.5);
    const width = at(step + 0.5) - left;
    this.cursor.style.width = `${Math.max(width, 3)}px`;
    this.cursor.style.transform = `translateX(${left}px)`;
    // As wide as the layer: what lies right of the cursor, or left of it where it reads backward.
    const unread = this.playhead.backward ? `calc(${left - EDGE}px - 100%)` : `${left + width - EDGE}px`;
    this.futureMask.style.transform = `translateX(${unread})`;
    this.layer.classList.toggle("shows-future", this.playhead.showsFuture);
    this.drawHere(step);
    this.drawUnitBox();
  }

  // The cursor's own number and token, also where the axis has no room for every label.
  drawHere(step) {
    const shown = this.playhead.traces.get(this.group);
    this.here.hidden = !shown;
    if (!shown) return;
    const text = [String(shown.first + step + 1), this.playhead.labelsOf(this.group)[step] ?? ""];
    if (this.here.dataset.text !== text.join("\n")) {
      this.here.dataset.text = text.join("\n");
      this.here.replaceChildren(...text.map((line) => tooltipLine(line)));
    }
    this.here.style.minWidth = `${this.place(step + 0.5) - this.place(step - 0.5) + 2 * EDGE}px`;
    const wide = this.here.offsetWidth;
    const most = this.layer.offsetWidth - wide;
    const left = Math.max(0, Math.min(most, this.place(step) + EDGE - wide / 2));
    this.here.style.transform = `translateX(${parseFloat(this.layer.style.left) + left}px)`;
  }

  key(event) {
    const move = ROWS[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.shiftKey) this.moveSignal(move);
    else this.moveUnit(move);
    event.preventDefault();
    event.stopPropagation();
  }

  // The signals that have a heatmap or lines of units, from top to bottom.
  get shownSignals() {
    const names = (this.figure?.data ?? []).filter(isUnit).map((data) => metaOf(data).signal);
    return [...new Set(names)].filter((name) => this.playhead.signalOf(this.group, name));
  }

  moveSignal(move) {
    const names = this.shownSignals;
    const at = names.indexOf(this.playhead.signal) + move;
    if (names.length) this.playhead.setSignal(names[Math.max(0, Math.min(names.length - 1, at))]);
  }

  moveUnit(move) {
    const name = this.shownSignals.includes(this.playhead.signal) ? this.playhead.signal : this.shownSignals[0];
    const units = this.playhead.signalOf(this.group, name)?.units ?? [];
    const at = units.indexOf(String(this.playhead.unit)) + move;
    if (units.length) this.playhead.setUnit(Number(units[Math.max(0, Math.min(units.length - 1, at))]));
  }

  drawUnitBox() {
    const { signal, unit } = this.playhead;
    const trace = this.playhead.traces.get(this.group)?.trace;
    const wanted = `${trace}.${signal}.${unit}.${this.layer.style.cssText}`;
    if (wanted === this.drawnUnit) return;
    this.drawnUnit = wanted;
    const row = this.selectedRow();
    this.unitBox.hidden = row === null;
    if (!row) return;
    const top = row[0] - parseFloat(this.layer.style.top);
    this.unitBox.style.cssText = `top:${top - 2}px;height:${row[1] + 4}px`;
  }

  // A click goes to the step and selects the signal and the unit.
  click(event) {
    const point = event.points?.[0];
    // Plotly reports the end of a drag as a click where the drag began.
    if (!point || this.scrubbed) return;
    const where = point.pointNumber ?? point.pointIndex;
    const [row, column] = Array.isArray(where) ? where : [0, where];
    if (isUnit(point.data)) {
      this.playhead.setSignal(metaOf(point.data).signal);
      this.playhead.setUnit(Number(this.unitsOf(point.data)[row]));
    }
    this.playhead.seek(this.stepOf(column));
    // From here the arrows go on.
    this.layer.focus({ preventScroll: true });
  }

  pause() {
    if (!this.playhead.playing) return;
    this.playhead.playing = false;
    this.playhead.notify();
  }

  scrub(event) {
    const layout = this.figure._fullLayout;
    if (layout.dragmode || event.button || !event.target.closest?.(".draglayer")) return;
    const left = this.chart.getBoundingClientRect().left + layout.xaxis._offset;
    this.scrubbed = false;
    const onMove = (move) => {
      if (Math.abs(move.clientX - event.clientX) < 4 && !this.scrubbed) return;
      this.scrubbed = true;
      this.pause();
      this.playhead.seek(this.stepOf(layout.xaxis.p2l(move.clientX - left)));
    };
    const stop = () => {
      removeEventListener("pointermove", onMove);
      removeEventListener("pointerup", stop);
      removeEventListener("pointercancel", stop);
    };
    addEventListener("pointermove", onMove);
    addEventListener("pointerup", stop);
    addEventListener("pointercancel", stop);
  }
}

function element(tag, name, parent) {
  const created = document.createElement(tag);
  created.className = name;
  parent?.append(created);
  return created;
}
