// Exact number under the pointer of a heatmap, which is drawn in quantised colours.
class HeatmapTooltip {
  constructor(overlay) {
    this.overlay = overlay;
    this.element = element("div", "rnnviz-tooltip");
    this.element.hidden = true;
    this.show = this.show.bind(this);
    this.hide = this.hide.bind(this);
  }

  show(event) {
    const point = event.points?.[0];
    if (point?.data.hoverinfo !== "none") return;
    const { group, playhead } = this.overlay;
    const [row, column] = point.pointNumber;
    const time = Math.round(this.overlay.stepOf(column));
    const info = playhead.signalOf(group, metaOf(point.data).signal);
    const value = info && playhead.valuesAt(group, info.name, time)[row];
    // A gap of one of two runs has no number.
    if (value === undefined || Number.isNaN(value)) return this.hide();
    const { words } = playhead.traces.get(group);
    const lines = [
      `${info.label} ${value.toFixed(4).replace("-", "−")}`,
      `${info.axis} ${info.units[row]}`,
      `${words.step} ${time + 1}`,
    ];
    this.element.replaceChildren(...lines.map((line) => tooltipLine(line)));
    this.element.hidden = false;
    this.place(this.overlay.extentOf(point.data, row), time);
  }

  hide() {
    this.element.hidden = true;
  }

  // Right of the heatmap cell, or left of it when the chart ends before.
  place([top, height], time) {
    const axis = this.overlay.chart._fullLayout.xaxis;
    const { offsetWidth, offsetHeight } = this.element;
    const start = axis._offset + this.overlay.place(time - 0.5) - 8 - offsetWidth;
    const end = axis._offset + this.overlay.place(time + 0.5) + 8;
    const left = start > 0 && end + offsetWidth > axis._offset + axis._length ? start : end;
    this.element.style.transform = `translate(${left}px, ${top + (height - offsetHeight) / 2}px)`;
  }
}

function tooltipLine(text) {
  const line = element("div", "rnnviz-tooltip-line");
  line.textContent = text;
  return line;
}
