// A figure of other panels than a chart's, laid over it as Plotly will lay it out. What lies on a chart
// takes it for one. Its heatmaps are painted by tried_heatmaps.js.
const N_RANKS = 3;
const SVG_NAMES = "http://www.w3.org/2000/svg";
// Pixels between a heatmap and its colour bar, of the bar, and between both and their labels.
const [BAR_APART, BAR, LABEL_APART] = [6, 7, 4];

class LaidFigure {
  // `panels` by signal: units, low and high; `labels` of the steps.
  constructor(chart, made, panels, labels) {
    const { data, layout } = made;
    this.data = data.filter(({ type }) => type === "heatmap").map((one) => (one.texttemplate ? { ...one, text: Array(N_RANKS) } : one));
    Object.assign(this, { chart, made, layout, panels });
    const { l, w } = chart._fullLayout._size;
    const { t, b } = layout.margin;
    const h = layout.height - t - b;
    const xaxis = axisOver(l, w, labels.length);
    const plots = this.data.map((one) => [one.xaxis + one.yaxis, { yaxis: this.rowsOf(one, t, h) }]);
    this._fullLayout = { xaxis, _size: { l, w, t, h }, _plots: Object.fromEntries(plots) };
    this.sheet = this.written();
    this.marks = this.marked();
    // What stands below moves; the chart itself keeps its size, or it would be drawn anew.
    this.box = chart.closest("[data-testid=stElementContainer]") ?? chart;
    for (const one of [chart, this.box]) one.classList.add("rnnviz-laid");
    this.box.style.marginBottom = `${layout.height - chart._fullLayout.height}px`;
  }

  rowsOf({ yaxis, meta, text }, top, height) {
    const [low, high] = this.layout[yaxis.replace("y", "yaxis")].domain;
    const count = text?.length ?? this.panels.get(metaOf({ meta }).signal).units.length;
    return axisOver(top + (1 - high) * height, (high - low) * height, count);
  }

  // All but the numbers: titles, names of rows, colour bars.
  written() {
    const sheet = element("div", "rnnviz-sheet");
    const { font, height, annotations } = this.layout;
    sheet.style.cssText = `height:${height}px;font-family:${font.family};color:${font.color}`;
    for (const one of annotations) this.note(sheet, one);
    for (const one of this.data) {
      const { yaxis } = this._fullLayout._plots[one.xaxis + one.yaxis];
      if (!one.text) this.nameRows(sheet, one, yaxis);
      this.scale(sheet, one, yaxis);
    }
    return sheet;
  }

  note(sheet, { text, font, x, y, xanchor, yanchor, yref, xshift = 0, yshift = 0 }) {
    const { l, w, t, h } = this._fullLayout._size;
    const [low, high] = yref === "paper" ? [0, 1] : this.layout[yref.split(" ")[0].replace("y", "yaxis")].domain;
    const place = [l + x * w + xshift, t + (1 - low - y * (high - low)) * h - yshift];
    // Titles are the page's own words, with the marks that Plotly reads in them.
    this.write(sheet, place, [xanchor, yanchor], font).innerHTML = text;
  }

  nameRows(sheet, { meta, yaxis: name }, axis) {
    const { units } = this.panels.get(metaOf({ meta }).signal);
    const { nticks = units.length, tickfont } = this.layout[name.replace("y", "yaxis")];
    const every = Math.ceil(units.length / nticks);
    for (let row = 0; row < units.length; row += every) {
      const place = [this._fullLayout._size.l - LABEL_APART, axis._offset + axis.l2p(row)];
      this.write(sheet, place, ["right", "middle"], tickfont).textContent = units[row];
    }
  }

  scale(sheet, { meta, colorscale, colorbar }, { _offset: top, _length: height }) {
    const { low, high } = this.panels.get(metaOf({ meta }).signal);
    const left = this._fullLayout.xaxis._offset + this._fullLayout.xaxis._length + BAR_APART;
    const colours = colorscale.map(([place, colour]) => `${colour} ${100 * place}%`);
    const bar = element("div", "rnnviz-bar", sheet);
    bar.style.cssText = `left:${left}px;top:${top}px;width:${BAR}px;height:${height}px;background:linear-gradient(to top,${colours})`;
    for (const [at, tick] of colorbar.tickvals.entries()) {
      const place = [left + BAR + LABEL_APART, top + height * (1 - (tick - low) / (high - low))];
      this.write(sheet, place, ["left", "middle"], colorbar.tickfont).textContent = colorbar.ticktext[at];
    }
  }

  // Marks over the numbers, in steps and rows.
  marked() {
    const marks = element("div", "rnnviz-sheet-marks");
    for (const { path, line, xref, yref } of this.layout.shapes ?? []) {
      const { xaxis, _plots: plots } = this._fullLayout;
      const { yaxis } = plots[xref + yref];
      const svg = marks.appendChild(document.createElementNS(SVG_NAMES, "svg"));
      const [columns, rows] = [xaxis, yaxis].map(({ range }) => range[1] + 0.5);
      Object.assign(svg.style, { left: `${xaxis._offset}px`, top: `${yaxis._offset}px`, width: `${xaxis._length}px`, height: `${yaxis._length}px` });
      const look = { viewBox: `-0.5 -0.5 ${columns} ${rows}`, preserveAspectRatio: "none", stroke: line.color, "stroke-width": line.width };
      for (const [name, value] of Object.entries(look)) svg.setAttribute(name, value);
      const drawn = svg.appendChild(document.createElementNS(SVG_NAMES, "path"));
      drawn.setAttribute("d", path);
      drawn.setAttribute("vector-effect", "non-scaling-stroke");
    }
    return marks;
  }

  write(sheet, [left, top], anchors, { size, color }) {
    const words = element("span", "", sheet);
    const shift = anchors.map((anchor) => ({ left: "0", top: "0", right: "-100%", bottom: "-100%" })[anchor] ?? "-50%");
    words.style.cssText = `left:${left}px;top:${top}px;transform:translate(${shift});`;
    Object.assign(words.style, { fontSize: size && `${size}px`, color });
    return words;
  }

  remove() {
    this.sheet.remove();
    this.marks.remove();
    for (const one of [this.chart, this.box]) one.classList.remove("rnnviz-laid");
    this.box.style.marginBottom = "";
  }
}

// An axis of columns or rows from a pixel on.
function axisOver(_offset, _length, count) {
  const l2p = (place) => ((place + 0.5) / count) * _length;
  const p2l = (pixel) => (pixel / _length) * count - 0.5;
  return { _offset, _length, range: [-0.5, count - 0.5], l2p, p2l };
}
