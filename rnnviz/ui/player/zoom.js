// Drags, wheel turns and clicks on the chart of a long sequence, handed on as actions.
class Zoom {
  constructor(group, actions) {
    this.group = group;
    this.actions = actions;
    this.listeners = [
      ["plotly_relayout", (event) => this.onRelayout(event)],
      ["plotly_doubleclick", () => this.onDoubleClick()],
      ["plotly_click", (event) => this.onClick(event)],
      ["plotly_afterplot", () => this.isOverview && thinTickLabels(this.chart)],
    ];
    // Plotly loads later than this script, and a rerun may bring a new chart.
    this.search = setInterval(() => this.attach(), 200);
    this.attach();
  }

  attach() {
    const chart = document.querySelector(`.st-key-${this.group} .js-plotly-plot`);
    if (!chart?._fullLayout?.xaxis || !chart.on || chart === this.chart) return;
    this.detach();
    this.chart = chart;
    for (const [name, listener] of this.listeners) chart.on(name, listener);
    if (this.isOverview) thinTickLabels(chart);
  }

  detach() {
    for (const [name, listener] of this.listeners) this.chart?.removeListener?.(name, listener);
    this.chart = null;
  }

  // The overview of many steps has a numeric axis; the heatmaps of single steps have an axis of names.
  get isOverview() {
    return this.chart?._fullLayout?.xaxis?.type === "linear";
  }

  onRelayout(event) {
    const isZoom = Object.keys(event).some((key) => /^xaxis\d*\.range/.test(key));
    if (!isZoom || !this.isOverview || performance.now() < this.ignoreUntil) return;
    const [first, last] = this.chart._fullLayout.xaxis.range.map(Number);
    this.actions.range(Math.round(first - 0.5), Math.round(last - 0.5));
  }

  // Plotly would go back to the range of the server's last answer.
  onDoubleClick() {
    if (!this.isOverview) return;
    this.ignoreUntil = performance.now() + 400;
    this.actions.whole();
  }

  onClick(event) {
    const at = event.points?.[0]?.x;
    if (this.isOverview && Number.isFinite(at)) this.actions.click(Math.round(at) - 1);
  }

  close() {
    clearInterval(this.search);
    this.detach();
  }
}
