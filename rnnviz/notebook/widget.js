// The player as a widget of anywidget: a page in a frame, and the traits that it shares with Python.
const TRAITS = ["step", "unit", "signal"];
// Milliseconds that the kernel has to send Plotly, before it is fetched from the network.
const KERNEL = 1500;

async function render({ model, el }) {
  const [html, plotly] = await Promise.all([unpacked(model.get("page")), plotlyOf(model)]).catch(() => []);
  if (!html) {
    el.textContent = model.get("plotly").missing;
    return;
  }
  const told = {};
  const values = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const frame = framed(el, html.replace(model.get("plotly").place, () => plotly), ({ ready, ...said }) => {
    if (ready) return frame.say({ ...values(), arithmetic: model.get("arithmetic") });
    Object.assign(told, said);
    for (const name of TRAITS) model.set(name, said[name]);
    model.save_changes();
  });
  // What came from the page is not sent back: it may play on meanwhile.
  const changed = () => TRAITS.some((name) => model.get(name) !== told[name]) && frame.say(values());
  const made = () => frame.say({ arithmetic: model.get("arithmetic") });
  for (const name of TRAITS) model.on(`change:${name}`, changed);
  model.on("change:arithmetic", made);
  return () => {
    for (const name of TRAITS) model.off(`change:${name}`, changed);
    model.off("change:arithmetic", made);
    frame.close();
  };
}

// Once for all players of a notebook.
function plotlyOf(model) {
  globalThis.rnnvizPlotly ??= Promise.any([fromKernel(model), fromNetwork(model.get("plotly"))]).catch((error) => {
    globalThis.rnnvizPlotly = undefined;
    throw error;
  });
  return globalThis.rnnvizPlotly;
}

function fromKernel(model) {
  return new Promise((resolve, reject) => {
    model.on("msg:custom", (message, buffers) => message?.rnnviz === "plotly" && unpacked(buffers[0]).then(resolve));
    model.send({ rnnviz: "plotly" });
    setTimeout(reject, 20 * KERNEL);
  });
}

async function fromNetwork({ address, integrity }) {
  await new Promise((resolve) => setTimeout(resolve, KERNEL));
  const answer = await fetch(address, { integrity });
  if (!answer.ok) throw new Error(address);
  return answer.text();
}

export default { render };
