// A hatch and a frame over what is held, and the word for it in the title, as rnnviz/figures/marks.py
// and notes.py draw and write them.
const MOST_HATCHES = 40;

// `clamps` are those of the layer, `panels` by signal.
function withHeldMarks({ data, layout }, panels, clamps, nSteps, held) {
  const shapes = data.flatMap((trace) => (trace.type === "heatmap" ? hatchesOf(trace, panels, clamps, nSteps) : []));
  const axes = data.filter((trace) => clamps.some(({ gate }) => gate === metaOf(trace).signal)).map(({ yaxis }) => `${yaxis} domain`);
  const named = (text) => text.replace(/<span[^>]*>(?=[^<]*<\/span>$)/, (start) => `${start}▨ ${escaped(held)} · `);
  const annotations = layout.annotations.map((one) => (axes.includes(one.yref) ? { ...one, text: named(one.text) } : one));
  return { data, layout: { ...layout, annotations, shapes: [...layout.shapes, ...shapes] } };
}

function hatchesOf(trace, panels, clamps, nSteps) {
  const { signal } = metaOf(trace);
  const panel = panels.get(signal);
  const place = { xref: "x", yref: trace.yaxis };
  return clamps.filter(({ gate }) => gate === signal).flatMap(({ units = null, start = 0, stop = null, value }) => {
    const [left, right] = [(start ?? 0) - 0.5, Math.min(stop ?? nSteps, nSteps) - 0.5];
    if (right <= left) return [];
    const color = inkOver(trace.colorscale, (value - panel.low) / (panel.high - panel.low));
    return blocksOf(panel.units, units).flatMap(([top, bottom]) => [
      { type: "path", path: hatch(left, right, top, bottom), line: { color, width: 1 }, ...place },
      { type: "path", path: `M${left},${top}L${right},${top}L${right},${bottom}L${left},${bottom}Z`, line: { color, width: 1.5 }, ...place },
    ]);
  });
}

// Upper and lower edge of neighbouring rows.
function blocksOf(rows, units) {
  const blocks = [];
  for (const [row, name] of rows.entries()) {
    if (units !== null && !units.includes(Number(name))) continue;
    if (blocks.at(-1)?.[1] === row - 0.5) blocks.at(-1)[1] = row + 0.5;
    else blocks.push([row - 0.5, row + 0.5]);
  }
  return blocks;
}

// Parallel lines from lower left to upper right, cut at the edges.
function hatch(left, right, top, bottom) {
  const [width, height] = [right - left, bottom - top];
  const count = Math.min(MOST_HATCHES, 2 + 2 * Math.max(Math.round(width), Math.round(height)));
  return Array.from({ length: count }, (_, line) => {
    const share = (2 * (line + 1)) / (count + 1);
    const [from, to] = [Math.max(0, share - 1), Math.min(1, share)];
    const at = (x) => `${(left + x * width).toFixed(3)},${(top + (share - x) * height).toFixed(3)}`;
    return `M${at(from)}L${at(to)}`;
  }).join("");
}

// Black or white, whichever is seen on the nearest colour of a scale.
function inkOver(colorscale, share) {
  const [, shade] = colorscale.reduce((best, stop) => (Math.abs(stop[0] - share) < Math.abs(best[0] - share) ? stop : best));
  const [red, green, blue] = channels(shade);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 128 ? "#000000" : "#ffffff";
}
