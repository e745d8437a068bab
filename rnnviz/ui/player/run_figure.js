// The figure of a run that the page itself made: what Python laid out, with the run's columns.
// As rnnviz/figures/{panels,heatmap,curves,time_axis}.py draw it.
const MOST_LABELS = 240;
const RANKS = 3;
const ROOM = 72;
// The part of a strip that its line takes.
const PART = 0.76;

// `panels` by signal: values (step, row), units, low and high; `labels` a label for every step.
function figureOfRun({ data, layout, paper }, panels, labels) {
  const ids = labels.map((_, step) => String(step + 1));
  const seen = new Map();
  const drawn = data.map((trace) => {
    const { signal } = metaOf(trace);
    const row = seen.get(signal) ?? 0;
    seen.set(signal, row + 1);
    return { ...trace, ...columnsOf(trace, panels.get(signal), row), x: ids };
  });
  const shapes = drawn.flatMap((trace) => dashes(trace, panels.get(metaOf(trace).signal), paper));
  return { data: drawn, layout: { ...layout, ...axesOfRun(data, layout, panels, labels, ids), shapes } };
}

function columnsOf(trace, panel, row) {
  if (trace.type !== "heatmap") return curveOf(metaOf(trace).signal, columnOf(panel, row), row);
  return trace.texttemplate ? likeliest(panel) : cellsOf(trace, panel);
}

function columnOf({ values, units }, row) {
  return Array.from({ length: values.length / units.length }, (_, step) => values[step * units.length + row]);
}

// The label under the pointer is the player's.
function cellsOf({ colorbar }, panel) {
  const { low, high, units } = panel;
  return {
    z: units.map((_, row) => columnOf(panel, row)),
    zmin: low,
    zmax: high,
    hoverinfo: "none",
    hovertemplate: undefined,
    colorbar: { ...colorbar, tickvals: ticksOf(panel), ticktext: tickTexts(panel) },
  };
}

function ticksOf({ low, high }) {
  return low === 0 ? [low, high] : [low, 0, high];
}

function tickTexts(panel) {
  const texts = ticksOf(panel).map((tick) => String(Number(tick.toPrecision(3))).replace("-", "−"));
  if (isCutBelow(panel)) texts[0] = `≤${texts[0]}`;
  if (isCutAbove(panel)) texts[texts.length - 1] = `≥${texts.at(-1)}`;
  return texts;
}

// Whether numbers lie beyond the colour scale.
function isCut(panel) {
  return isCutBelow(panel) || isCutAbove(panel);
}

function isCutBelow({ values, low, high }) {
  return values.some((value) => value < low - 1e-6 * (high - low));
}

function isCutAbove({ values, low, high }) {
  return values.some((value) => value > high + 1e-6 * (high - low));
}

// The largest numbers of every step, the largest on top, each named in its cell.
function likeliest(panel) {
  const { values, units } = panel;
  const nSteps = values.length / units.length;
  const room = Math.max(1, Math.floor(ROOM / nSteps));
  const ranks = Array.from({ length: RANKS }, () => ({ z: [], text: [], hovertext: [] }));
  for (let step = 0; step < nSteps; step++) {
    const at = (unit) => values[step * units.length + unit];
    const order = units.map((_, unit) => unit).sort((one, other) => at(other) - at(one));
    for (const [rank, { z, text, hovertext }] of ranks.entries()) {
      const isThere = !Number.isNaN(at(0));
      const name = isThere ? escaped(units[order[rank]]) : "";
      z.push(at(order[rank]));
      text.push(name.length <= room ? name : name.slice(0, room));
      hovertext.push(`${name} ${at(order[rank]).toFixed(4)}`);
    }
  }
  const rows = (part) => ranks.map((rank) => rank[part]);
  return { z: rows("z"), text: rows("text"), hovertext: rows("hovertext") };
}

// A curve, or a strip between the neighbouring rows.
function curveOf(signal, line, row) {
  const mode = line.length === 1 ? "lines+markers" : "lines";
  if (signal !== "inputs") return { y: line, mode };
  const [low, high] = endsOf(line);
  const share = (value) => (high > low ? (value - low) / (high - low) : 0.5);
  return { y: line.map((value) => row + PART * (0.5 - share(value))), customdata: line, mode };
}

// Dashes over the numbers beyond the colour scale.
function dashes({ type, texttemplate, xaxis, yaxis }, panel, paper) {
  if (type !== "heatmap" || texttemplate) return [];
  const { values, units, low, high } = panel;
  const slack = 1e-6 * (high - low);
  const lines = units.flatMap((_, row) =>
    columnOf(panel, row).map((value, step) =>
      value > high + slack || value < low - slack ? `M${step - 0.25},${row}L${step + 0.25},${row}` : "",
    ),
  );
  const path = lines.join("");
  return path ? [{ type: "path", path, line: { color: paper, width: 1.5 }, xref: xaxis, yref: yaxis }] : [];
}

function axesOfRun(data, layout, panels, labels, ids) {
  const hasStrips = data.some((trace) => trace.type === "scatter" && metaOf(trace).signal === "inputs");
  const areNumbers = labels.every((label) => label.trim() && Number.isFinite(Number(label)));
  const axes = { xaxis: timeAxisOf(layout.xaxis, hasStrips && areNumbers ? ids : labels, ids) };
  for (const trace of data) {
    const { signal } = metaOf(trace);
    if (trace.type !== "scatter" || signal === "inputs") continue;
    const name = trace.yaxis.replace("y", "yaxis");
    axes[name] = { ...layout[name], range: valueRange(panels.get(signal).values) };
  }
  return { ...axes, annotations: annotationsOf(layout, panels.get("inputs")) };
}

function timeAxisOf(axis, labels, ids) {
  const n = labels.length;
  const shown = ids.map((_, step) => step).filter((step) => n <= MOST_LABELS || isNumbered(step, n));
  const limits = { range: [-0.5, n - 0.5], minallowed: -0.5, maxallowed: n - 0.5 };
  const texts = shown.map((step) => stepLabel(ids[step], labels[step], isNumbered(step, n)));
  return { ...axis, ...limits, categoryarray: ids, tickvals: shown.map((step) => ids[step]), ticktext: texts };
}

function stepLabel(number, token, isNumbered) {
  if (number === token) return token;
  return `<span style="font-size:10px">${isNumbered ? number : "\u00a0"}</span><br>${escaped(token)}`;
}

function valueRange(values) {
  const [low, high] = endsOf(values);
  const pad = 0.06 * (high - low) || 1;
  return [low - pad, high + pad];
}

// Titles stay; right of a strip stands how far its numbers reach.
function annotationsOf({ annotations }, inputs) {
  const reaches = annotations.filter(({ name }) => name === "reach");
  return annotations.map((one) => {
    const row = reaches.indexOf(one);
    return row < 0 ? one : { ...one, text: reachOf(columnOf(inputs, row)) };
  });
}

function reachOf(line) {
  const [low, high] = endsOf(line).map((end) => String(Number(end.toPrecision(2))).replace("-", "−"));
  return low === high ? low : `${low}…${high}`;
}

// Least and largest number, NaN of missing steps left out.
function endsOf(values) {
  // A function takes fewer arguments than a long run has numbers.
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
