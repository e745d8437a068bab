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
    this.chart = null;
    this.place = this.place.bind(this);
    this.click = this.click.bind(this);
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
    chart.addEventListener("pointerdown", this.scrub, true);
    this.resized.observe(chart);
    this.place();
  }

  detach() {
    this.layer.remove();
    this.resized.disconnect();
    if (!this.chart) return;
    this.chart.removeListener?.("plotly_afterplot", this.place);
    this.chart.removeListener?.("plotly_relayout", this.place);
    this.chart.removeListener?.("plotly_click", this.click);
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
    if (this.layer.parentNode !== frame) frame.append(this.layer);
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
      (data) => data.type === "heatmap" && data.meta?.signal === signal && isUnit(data),
    );
    const row = panel?.meta.units.indexOf(String(unit)) ?? -1;
    if (row < 0) return null;
    const { yaxis } = this.chart._fullLayout._plots[panel.xaxis + panel.yaxis];
    const [above, below] = [yaxis.l2p(row - 0.5), yaxis.l2p(row + 0.5)];
    return [yaxis._offset + Math.min(above, below), Math.abs(below - above)];
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
    this.mark();
  }

  mark() {
    const { signal, unit } = this.clock;
    const wanted = `${signal}.${unit}.${this.layer.style.cssText}`;
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
    const { signal, units } = point.data.meta;
    if (isUnit(point.data)) {
      this.clock.setSignal(signal);
      this.clock.setUnit(Number(units[row]));
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

// Rows of inputs and outputs are no units of the layer.
function isUnit(data) {
  return !["inputs", "probabilities"].includes(data.meta?.signal);
}

function element(tag, name, parent) {
  const made = document.createElement(tag);
  made.className = name;
  parent?.append(made);
  return made;
}
