// Buttons that save the chart as PNG or SVG in the browser; a hosted server cannot draw them.
export default function ({ data, parentElement }) {
  const { group, name, labels } = unpack(data);
  for (const format of ["png", "svg"]) {
    const button = parentElement.querySelector(`[data-format="${format}"]`);
    button.title = labels[format];
    button.onclick = () => save(group, format, name);
  }
}

// Plotly is no global here, so its camera button is clicked with the format set.
function save(group, format, filename) {
  const chart = document.querySelector(`.st-key-${group} .js-plotly-plot`);
  const camera = chart?.querySelector(".modebar-btn[data-title]");
  if (!camera) return;
  const { width, height } = chart.getBoundingClientRect();
  chart._context.toImageButtonOptions = { format, filename, width, height, scale: 2 };
  // A click outside the popover would close it: neither the camera's click nor that of the
  // download link may reach the page.
  addEventListener("click", swallow, true);
  setTimeout(() => removeEventListener("click", swallow, true), 5000);
  camera.dispatchEvent(new MouseEvent("click"));
}

function swallow(event) {
  if (event.target.download) event.stopPropagation();
}
