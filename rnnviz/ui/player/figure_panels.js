// A figure taken apart into its panels, from the top down, and one put together of panels of two.
// As rnnviz/figures/axes.py stacks them: pixels between two panels, and from a panel to its title.
const [BETWEEN, OVER_PANEL] = [26, 2];

function panelsOf({ data, layout }) {
  const inner = layout.height - layout.margin.t - layout.margin.b;
  return [...new Set(data.map(({ yaxis }) => yaxis))].map((axis) => {
    const own = layout[axisName(axis)];
    const traces = data.filter(({ yaxis }) => yaxis === axis);
    const titles = layout.annotations.filter(({ yref }) => yref === `${axis} domain`);
    return { signal: metaOf(traces[0]).signal, traces, titles, axis: own, height: (own.domain[1] - own.domain[0]) * inner };
  });
}

// The panels of `above` over those of `own` whose signals are `kept`.
function joinedFigure(above, own, kept) {
  const panels = [...panelsOf(above), ...panelsOf(own).filter(({ signal }) => signal in kept)];
  const inner = panels.reduce((sum, { height }) => sum + height, BETWEEN * (panels.length - 1));
  const { margin } = own.layout;
  const wide = { ...margin, l: Math.max(margin.l, above.layout.margin.l), r: Math.max(margin.r, above.layout.margin.r) };
  const axes = axesUnder(panels, inner);
  const others = Object.entries(own.layout).filter(([name]) => !name.startsWith("yaxis"));
  const ends = above.layout.annotations.filter(({ name }) => name === "reach");
  const layout = {
    ...Object.fromEntries(others),
    ...axes,
    margin: wide,
    xaxis: { ...own.layout.xaxis, anchor: "y" },
    annotations: [...panels.flatMap(titlesOf), ...ends],
    height: Math.round(inner) + margin.t + margin.b,
  };
  return { ...own, data: panels.flatMap((panel, at) => tracesOn(panel, axisAt(at), layout)), layout };
}

function axisAt(at) {
  return at ? `y${at + 1}` : "y";
}

function axesUnder(panels, inner) {
  let top = inner;
  const axes = panels.map(({ axis, height }, at) => {
    const domain = [(top - height) / inner, top / inner].map((end) => Math.max(0, Math.min(1, end)));
    top -= height + BETWEEN;
    return [axisName(axisAt(at)), { ...axis, domain }];
  });
  return Object.fromEntries(axes);
}

// The first one's title stands over the tokens.
function titlesOf({ titles }, at) {
  return titles.map((one) => ({ ...one, yref: `${axisAt(at)} domain`, yshift: at ? OVER_PANEL : OVER_TOKENS }));
}

function tracesOn({ traces }, yaxis, layout) {
  return traces.map((trace) => (trace.type === "heatmap" ? onDomain({ ...trace, yaxis }, layout) : { ...trace, yaxis }));
}
