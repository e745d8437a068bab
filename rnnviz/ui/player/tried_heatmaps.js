// Heatmaps of numbers that are tried out, painted over Plotly's own: a frame has no time for a plot.
// A text that is being typed has columns and labels of its own.
const LOOKUP = 256;
// Milliseconds after which a new plot is taken to be there.
const PATIENCE = 1500;

class TriedHeatmaps {
  // `onFigure` is called when another figure is in view: one that lies over the chart, or the chart.
  constructor(group, playhead, onFigure) {
    Object.assign(this, { group, playhead, onFigure, canvases: new Map(), figure: null });
  }

  // Called with every change of the playhead; paints only numbers that are new, under `above`.
  draw(chart, above) {
    const tried = this.playhead.triedOf(this.group);
    // A chart that Streamlit is taking away has no layout.
    if (tried === this.painted || !chart._fullLayout) return;
    this.painted = tried;
    if (!tried?.isDrawn) return this.end();
    clearTimeout(this.ending);
    this.ending = null;
    // Columns of another text than the chart's; null for as many as the chart has.
    this.columns = tried.labels?.length ?? null;
    this.chart = chart;
    this.layFigure(chart, above, tried.figure);
    const drawn = this.figure ?? chart;
    const canvas = (name) => this.canvas(name, above.parentNode, above);
    for (const [at, data] of drawn.data.entries()) {
      const { signal } = metaOf(data);
      if (data.type !== "heatmap" || !tried.signals.has(signal)) continue;
      const { count } = this.playhead.signalOf(this.group, signal);
      const values = tried.signals.get(signal);
      if (data.text) this.paintRanks(canvas, at, drawn, data, values);
      else this.paint(canvas(at), drawn, data, values, count);
    }
    chart.classList.toggle("rnnviz-typed", Boolean(tried.labels));
    this.label(canvas, drawn, tried.labels ?? (this.figure && this.playhead.labelsOf(this.group)));
  }

  // The figure of a network that has other panels than the chart.
  layFigure(chart, above, made) {
    if (made === this.figure?.made) return;
    this.lift();
    if (!made) return;
    const { signals, labels } = this.playhead.traces.get(this.group);
    this.figure = new LaidFigure(chart, made, signals, labels);
    above.before(this.figure.sheet, this.figure.marks);
    this.onFigure();
  }

  lift() {
    for (const canvas of this.canvases.values()) canvas.remove();
    const { figure } = this;
    figure?.remove();
    this.figure = null;
    if (figure) this.onFigure();
  }

  // Of a new trace the canvases stay until its own plot is there: the old one is not seen again.
  end() {
    if (this.trace === this.playhead.traces.get(this.group)?.trace) return this.clear();
    clearTimeout(this.ending);
    this.ending = setTimeout(() => this.clear(), PATIENCE);
  }

  // A plot was drawn, perhaps of another size.
  plotted() {
    this.trace = this.playhead.traces.get(this.group)?.trace;
    if (this.ending) this.clear();
    else this.painted = null;
  }

  canvas(name, frame, below) {
    if (!this.canvases.has(name)) {
      const canvas = document.createElement("canvas");
      canvas.className = typeof name === "number" ? "rnnviz-tried" : "rnnviz-tried-text";
      this.canvases.set(name, canvas);
    }
    const canvas = this.canvases.get(name);
    if (canvas.parentNode !== frame) frame.insertBefore(canvas, below);
    return canvas;
  }

  paint(canvas, chart, data, values, count) {
    const { low, high } = this.playhead.signalOf(this.group, metaOf(data).signal);
    const nSteps = values.length / count;
    this.place(canvas, chart, data, nSteps, count);
    const context = canvas.getContext("2d");
    const image = context.createImageData(nSteps, count);
    const pixels = new Uint32Array(image.data.buffer);
    const colours = this.colours(data);
    const scale = (LOOKUP - 1) / (high - low);
    for (let step = 0, at = 0; step < nSteps; step++) {
      for (let row = 0; row < count; row++, at++) {
        const level = Math.round((values[at] - low) * scale);
        pixels[row * nSteps + step] = colours[level < 0 ? 0 : level < LOOKUP ? level : LOOKUP - 1];
      }
    }
    context.putImageData(image, 0, 0);
  }

  place(canvas, chart, data, nSteps, count) {
    const { xaxis, _plots: plots } = chart._fullLayout;
    const { yaxis } = plots[(data.xaxis ?? "x") + (data.yaxis ?? "y")];
    const [left, right] = [xaxis.l2p(-0.5), xaxis.l2p(this.columns ? xaxis.range[1] : nSteps - 0.5)];
    const ends = [yaxis.l2p(-0.5), yaxis.l2p(count - 0.5)];
    if (canvas.width !== nSteps || canvas.height !== count) Object.assign(canvas, { width: nSteps, height: count });
    canvas.style.cssText =
      `left:${xaxis._offset + left}px;top:${yaxis._offset + Math.min(...ends)}px;` +
      `width:${right - left}px;height:${Math.abs(ends[1] - ends[0])}px;` +
      (ends[0] < ends[1] ? "" : "transform:scaleY(-1)");
  }

  // The colour scale of a heatmap as pixels; a browser mixes colours itself.
  colours(data) {
    this.known ??= new Map();
    const { colorscale } = data;
    const key = JSON.stringify(colorscale);
    if (this.known.has(key)) return this.known.get(key);
    const context = Object.assign(document.createElement("canvas"), { width: LOOKUP, height: 1 }).getContext("2d");
    const gradient = context.createLinearGradient(0.5, 0, LOOKUP - 0.5, 0);
    for (const [place, colour] of colorscale) gradient.addColorStop(place, colour);
    context.fillStyle = gradient;
    context.fillRect(0, 0, LOOKUP, 1);
    const pixels = new Uint32Array(context.getImageData(0, 0, LOOKUP, 1).data.buffer);
    this.known.set(key, pixels);
    return pixels;
  }

  // The likeliest outputs of every step, each named in its cell.
  paintRanks(canvas, at, chart, data, values) {
    const { units } = this.playhead.signalOf(this.group, metaOf(data).signal);
    const [nSteps, nRanks] = [values.length / units.length, data.text.length];
    const ranks = new Float64Array(nSteps * nRanks);
    const names = Array.from({ length: nSteps }, (_, step) => {
      const own = values.subarray(step * units.length, (step + 1) * units.length);
      const order = Array.from(own.keys()).sort((one, other) => own[other] - own[one]).slice(0, nRanks);
      order.forEach((output, rank) => (ranks[step * nRanks + rank] = own[output]));
      return order.map((output) => units[output]);
    });
    const cells = canvas(at);
    this.paint(cells, chart, data, ranks, nRanks);
    const { left, top, width, height, transform } = cells.style;
    const text = textContext(canvas(`names ${at}`), { left, top, width, height });
    writeNames(text, names, cells, transform !== "");
  }

  // The steps' numbers and tokens over the first heatmap, in place of Plotly's.
  label(canvas, chart, shown) {
    if (!shown) return this.remove("labels");
    const { xaxis, _size: size } = chart._fullLayout;
    const pixels = { left: xaxis._offset, top: size.t - labels(), width: xaxis._length, height: labels() };
    const place = Object.fromEntries(Object.entries(pixels).map(([side, value]) => [side, `${value}px`]));
    writeSteps(textContext(canvas("labels"), place), shown, getComputedStyle(this.chart).getPropertyValue("--rnnviz-ink"));
  }

  remove(name) {
    this.canvases.get(name)?.remove();
    this.canvases.delete(name);
  }

  clear() {
    clearTimeout(this.ending);
    this.chart?.classList.remove("rnnviz-typed");
    Object.assign(this, { painted: null, ending: null, columns: null });
    this.lift();
  }
}
