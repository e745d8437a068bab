// Of tick labels only those are shown that do not touch the one shown before: a phone shows fewer.
// Names in the cells of a heatmap are shown where a column has room for them.
function thinTickLabels(chart) {
  let end = -Infinity;
  for (const label of chart.querySelectorAll(".xaxislayer-above .xtick text")) {
    label.style.visibility = "";
    const { left, right } = label.getBoundingClientRect();
    if (left >= end) end = right + 1;
    else label.style.visibility = "hidden";
  }
  const axis = chart._fullLayout?.xaxis;
  const column = axis ? axis.l2p(1) - axis.l2p(0) : 0;
  for (const label of chart.querySelectorAll(".heatmap-label text")) {
    label.style.visibility = label.getBoundingClientRect().width > column + 1 ? "hidden" : "";
  }
}
