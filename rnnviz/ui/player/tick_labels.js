// Of tick labels that would overlap, only every n-th is shown: a phone shows fewer.
function thinTickLabels(chart) {
  const labels = [...chart.querySelectorAll(".xaxislayer-above .xtick text")];
  labels.forEach((label) => (label.style.visibility = ""));
  const widest = Math.max(...labels.map((label) => label.getBoundingClientRect().width), 1);
  const boxes = labels.map((label) => label.getBoundingClientRect().left);
  const spacing = labels.length > 1 ? Math.abs(boxes[1] - boxes[0]) : Infinity;
  const every = Math.max(1, Math.ceil((Math.min(widest, 60) + 2) / Math.max(spacing, 1)));
  labels.forEach((label, i) => i % every && (label.style.visibility = "hidden"));
}
