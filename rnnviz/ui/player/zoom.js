// What a drag, a wheel or a click on a chart of many steps asks for.
class Zoom {
  constructor(group, act) {
    this.group = group;
    this.act = act;
    this.heard = [
      ["plotly_relayout", (event) => this.ranged(event)],
      ["plotly_doubleclick", () => this.doubled()],
      ["plotly_click", (event) => this.clicked(event)],
      ["plotly_afterplot", () => this.isWide && thin(this.chart)],
    ];
    // The chart's library arrives when it likes and a rerun may bring a new chart.
    this.search = setInterval(() => this.attach(), 200);
    this.attach();
  }

  attach() {
    const chart = document.querySelector(`.st-key-${this.group} .js-plotly-plot`);
    if (!chart?._fullLayout?.xaxis || !chart.on || chart === this.chart) return;
    this.detach();
    this.chart = chart;
    for (const [name, act] of this.heard) chart.on(name, act);
    if (this.isWide) thin(chart);
  }

  detach() {
    for (const [name, act] of this.heard) this.chart?.removeListener?.(name, act);
    this.chart = null;
  }

  // Only the chart of many steps counts them in numbers; the other one has an axis of names.
  get isWide() {
    return this.chart?._fullLayout?.xaxis?.type === "linear";
  }

  ranged(event) {
    const asked = Object.keys(event).some((key) => /^xaxis\d*\.range/.test(key));
    if (!asked || !this.isWide || performance.now() < this.quiet) return;
    const [first, last] = this.chart._fullLayout.xaxis.range.map(Number);
    this.act.range(Math.round(first - 0.5), Math.round(last - 0.5));
  }

  // Plotly would go back to where the last answer of the server began.
  doubled() {
    if (!this.isWide) return;
    this.quiet = performance.now() + 400;
    this.act.whole();
  }

  clicked(event) {
    const at = event.points?.[0]?.x;
    if (this.isWide && Number.isFinite(at)) this.act.click(Math.round(at) - 1);
  }

  close() {
    clearInterval(this.search);
    this.detach();
  }
}
