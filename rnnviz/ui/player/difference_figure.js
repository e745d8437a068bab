// The figure of one run minus another, as rnnviz/figures/difference.py draws it: inputs are left out,
// colours turn around 0, and in place of what a signal does stands what was subtracted.

// Pixels of the tokens between the first panel and its title, as in rnnviz/figures/notes.py.
const OVER_TOKENS = 34;

// `figure` is that of a run without its numbers, `stops` the colours.
function differenceFigure({ data, layout, paper }, stops, gloss) {
  const kept = data.filter((trace) => metaOf(trace).signal !== "inputs");
  const axes = [...new Set(kept.map(({ yaxis }) => yaxis))];
  const moved = restacked(layout, axes);
  const explained = (text) => text.replace(/(<span[^>]*>).*(<\/span>)/, (_, start, end) => `${start}${escaped(gloss)}${end}`);
  const annotations = keptTitles(layout, axes).map((one) => ({ ...one, text: explained(one.text) }));
  const coloured = kept.map((trace) => (trace.type === "heatmap" ? onDomain({ ...trace, colorscale: stops }, moved) : trace));
  return { data: coloured, layout: { ...moved, annotations }, paper };
}

// What stands over the panels of these axes, the first one's title over the tokens.
function keptTitles({ annotations }, axes) {
  const axisOf = ({ yref }) => yref.replace(" domain", "");
  return annotations
    .filter((one) => one.name !== "reach" && (one.yref === "paper" || axes.includes(axisOf(one))))
    .map((one) => (axisOf(one) === axes[0] ? { ...one, yshift: OVER_TOKENS } : one));
}

function axisName(axis) {
  return axis.replace("y", "yaxis");
}

// A heatmap's colour bar stands beside it.
function onDomain(trace, layout) {
  const [bottom, top] = layout[axisName(trace.yaxis)].domain;
  return { ...trace, colorbar: { ...trace.colorbar, len: top - bottom, y: (top + bottom) / 2 } };
}

// Panels moved up over those that are left out.
function restacked(layout, axes) {
  const { t, b } = layout.margin;
  const inner = layout.height - t - b;
  const share = Math.max(...axes.map((axis) => layout[axisName(axis)].domain[1]));
  const isElse = ([name]) => !name.startsWith("yaxis");
  const moved = axes.map((axis) => {
    const own = layout[axisName(axis)];
    return [axisName(axis), { ...own, domain: own.domain.map((end) => Math.min(1, end / share)) }];
  });
  const xaxis = { ...layout.xaxis, anchor: axes[0] };
  const others = Object.fromEntries(Object.entries(layout).filter(isElse));
  return { ...others, ...Object.fromEntries(moved), xaxis, height: Math.round(inner * share) + t + b };
}
