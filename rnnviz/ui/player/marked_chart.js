// The player's step in a Plotly chart whose axes need not be steps: bands, rings and boxes over it,
// moved by a transform. A click in it goes to the step that stands there.
const markedCharts = new WeakMap();

export default function mount({ data, parentElement }) {
  markedCharts.get(parentElement)?.close();
  markedCharts.set(parentElement, new MarkedChart(unpack(data)));
  return () => {
    markedCharts.get(parentElement)?.close();
    markedCharts.delete(parentElement);
  };
}

// Pixels: the narrowest band, and how far from a ring a click still means it.
const NARROW = 3;
const NEAR = 16;
const UNITS = { ArrowUp: -1, ArrowDown: 1 };

class MarkedChart {
  // `chart` is the key of the chart's container; `marks` say where every step stands, on the axes of
  // a number: x and y in the axis' own numbers, null for a step that stands nowhere.
  constructor({ playhead, chart, marks, words }) {
    Object.assign(this, { group: playhead, container: chart, marks });
    this.playhead = playheadOf(playhead);
    this.layer = markElement("div", "rnnviz-marks");
    this.layer.tabIndex = 0;
    this.layer.setAttribute("role", "application");
    this.layer.setAttribute("aria-label", words.keys);
    this.layer.addEventListener("keydown", (event) => this.key(event));
    this.signs = marks.map(({ radius }) => markElement("div", radius ? "rnnviz-ring" : "rnnviz-mark"));
    this.layer.append(...this.signs);
    this.layout = this.layout.bind(this);
    this.click = this.click.bind(this);
    this.unsubscribe = this.playhead.subscribe(() => this.draw());
    // Plotly loads later than this script, and a rerun may bring a new chart.
    this.search = setInterval(() => this.attach(), 200);
    this.attach();
  }

  attach() {
    const chart = document.querySelector(`.st-key-${this.container} .js-plotly-plot`);
    if (!chart?._fullLayout?.xaxis?.l2p || !chart.on) return;
    if (chart !== this.chart) {
      this.detach();
      this.chart = chart;
      chart.on("plotly_afterplot", this.layout);
      chart.on("plotly_click", this.click);
    } else if (this.layer.isConnected) return;
    this.layout();
  }

  detach() {
    this.layer.remove();
    this.chart?.removeListener?.("plotly_afterplot", this.layout);
    this.chart?.removeListener?.("plotly_click", this.click);
    this.chart = null;
  }

  layout() {
    const frame = this.chart?.querySelector(".svg-container");
    if (!frame) return;
    if (this.layer.parentNode !== frame) frame.append(this.layer);
    this.draw();
  }

  axesOf({ axes }) {
    const end = axes === 1 ? "" : axes;
    const layout = this.chart._fullLayout;
    return [layout[`xaxis${end}`], layout[`yaxis${end}`]];
  }

  draw() {
    if (this.chart?._fullLayout?.xaxis?.l2p) this.marks.forEach((mark, i) => this.drawMark(mark, this.signs[i]));
  }

  drawMark(mark, sign) {
    const [x, y] = this.axesOf(mark);
    const { time } = this.playhead;
    const across = this.extent(x, mark.x, mark.radius, time);
    const up = this.extent(y, mark.y, mark.radius, time);
    sign.hidden = !across || !up;
    if (sign.hidden) return;
    Object.assign(sign.style, { width: `${across[1]}px`, height: `${up[1]}px` });
    sign.style.transform = `translate(${across[0]}px, ${up[0]}px)`;
  }

  // Begin and length on an axis; all of it where the mark has no place there.
  extent(axis, places, radius, time) {
    if (!places) return [axis._offset, axis._length];
    const place = places[time];
    if (place === null || place === undefined) return null;
    const ends = radius ? [-radius, radius].map((far) => axis.l2p(place) + far) : [-0.5, 0.5].map((far) => axis.l2p(place + far));
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const more = Math.max(0, NARROW - (high - low)) / 2;
    return [axis._offset + low - more, high - low + 2 * more];
  }

  // The first mark of the axes that were clicked tells which step stands there.
  click({ points, event }) {
    const number = Number(points?.[0]?.xaxis?._id?.slice(1) || 1);
    const mark = this.marks.find(({ axes }) => axes === number);
    if (!mark) return;
    const [x, y] = this.axesOf(mark);
    const box = this.chart.getBoundingClientRect();
    const from = [event.clientX - box.left - x._offset, event.clientY - box.top - y._offset];
    const step = this.nearest(mark, from, x, y);
    if (step === null) return;
    this.playhead.playing = false;
    this.playhead.seek(step);
    this.playhead.notify();
    // From here the arrows go on.
    this.layer.focus({ preventScroll: true });
  }

  nearest(mark, [left, top], x, y) {
    const places = mark.x ?? mark.y;
    const far = places.map((_, step) => {
      const lone = [mark.x?.[step] ?? null, mark.y?.[step] ?? null];
      if ((mark.x && lone[0] === null) || (mark.y && lone[1] === null)) return Infinity;
      return Math.hypot(mark.x ? x.l2p(lone[0]) - left : 0, mark.y ? y.l2p(lone[1]) - top : 0);
    });
    const least = Math.min(...far);
    const isThere = Number.isFinite(least) && (!mark.radius || least <= mark.radius + NEAR);
    return isThere ? far.indexOf(least) : null;
  }

  // Up and down turn through the units; the steps are the player's.
  key(event) {
    const move = UNITS[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { signal, unit } = this.playhead;
    const units = this.playhead.signalOf(this.group, signal)?.units ?? [];
    const at = units.indexOf(String(unit));
    if (units.length) this.playhead.setUnit(Number(units[(at + move + units.length) % units.length]));
    event.preventDefault();
    event.stopPropagation();
  }

  close() {
    clearInterval(this.search);
    this.unsubscribe();
    this.detach();
  }
}

function markElement(tag, name) {
  const created = document.createElement(tag);
  created.className = name;
  return created;
}
