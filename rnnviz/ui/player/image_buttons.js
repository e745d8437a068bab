// PNG and SVG of the chart, made where it is shown: a hosted server has no browser to make them.
export default function ({ data, parentElement }) {
  const { group, name, labels } = unpack(data);
  for (const format of ["png", "svg"]) {
    const button = parentElement.querySelector(`[data-format="${format}"]`);
    button.title = labels[format];
    button.onclick = () => save(group, format, name);
  }
}

// Plotly is not a global here; its own camera button does the work, told the format first.
function save(group, format, filename) {
  const chart = document.querySelector(`.st-key-${group} .js-plotly-plot`);
  const camera = chart?.querySelector(".modebar-btn[data-title]");
  if (!camera) return;
  const { width, height } = chart.getBoundingClientRect();
  chart._context.toImageButtonOptions = { format, filename, width, height, scale: 2 };
  // Neither the camera's click nor that of the link it makes may reach the page: a click outside
  // the popover would close it.
  addEventListener("click", hush, true);
  setTimeout(() => removeEventListener("click", hush, true), 5000);
  camera.dispatchEvent(new MouseEvent("click"));
}

function hush(event) {
  if (event.target.download) event.stopPropagation();
}
