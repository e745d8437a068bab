// The player as a widget of anywidget: the traits that its frames share with Python.
const TRAITS = ["step", "unit", "signal"];
// Milliseconds that the kernel has to send Plotly, before it is fetched from the network.
const KERNEL = 1500;

// The frames of a player may stand in outputs of HTML, too, where the widget has no view.
function initialize({ model }) {
  const name = model.get("name");
  const pages = new Set([...document.querySelectorAll(`iframe[name="${name}"]`)].map((frame) => frame.contentWindow));
  let told = {};
  const values = () => Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
  const say = (said) => pages.forEach((page) => page.postMessage({ rnnviz: said }, "*"));
  const all = () => ({ ...values(), arithmetic: model.get("arithmetic") });
  // What came from a page is not sent back: it may play on meanwhile.
  const changed = () => TRAITS.some((trait) => model.get(trait) !== told[trait]) && say(values());
  const made = () => say({ arithmetic: model.get("arithmetic") });
  const listen = ({ source, data }) => {
    const { ready, height, ...said } = data?.rnnviz?.name === name ? data.rnnviz : {};
    if (ready) {
      pages.add(source);
      source.postMessage({ rnnviz: all() }, "*");
    } else if (said.signal !== undefined) {
      told = said;
      for (const trait of TRAITS) model.set(trait, said[trait]);
      model.save_changes();
    }
  };
  addEventListener("message", listen);
  for (const trait of TRAITS) model.on(`change:${trait}`, changed);
  model.on("change:arithmetic", made);
  say(all());
  return () => removeEventListener("message", listen);
}

async function render({ model, el }) {
  const [html, plotly] = await Promise.all([unpacked(model.get("page")), plotlyOf(model)]).catch(() => []);
  const { place, missing } = model.get("plotly");
  if (html) return framed(el, html.replace(place, () => plotly), model.get("name"));
  el.textContent = missing;
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
    setTimeout(reject, 10 * KERNEL);
  });
}

async function fromNetwork({ address, integrity }) {
  await new Promise((resolve) => setTimeout(resolve, KERNEL));
  const answer = await fetch(address, { integrity });
  if (!answer.ok) throw new Error(address);
  return answer.text();
}

export default { initialize, render };
