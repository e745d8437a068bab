// A frame with the player's page: its keys and its styles reach nothing of the notebook around it.
// `heard` is called with what the page says: { ready }, { step, unit, signal }.
function framed(place, html, heard = () => {}) {
  const frame = document.createElement("iframe");
  frame.title = html.match(/<title>(.*?)<\/title>/)?.[1] ?? "";
  frame.style.cssText = "display: block; width: 100%; height: 640px; border: 0";
  const listen = ({ source, data }) => {
    if (source !== frame.contentWindow || !data?.rnnviz) return;
    if (data.rnnviz.height) frame.style.height = `${data.rnnviz.height}px`;
    else heard(data.rnnviz);
  };
  addEventListener("message", listen);
  frame.srcdoc = html;
  place.replaceChildren(frame);
  return { say: (said) => frame.contentWindow?.postMessage({ rnnviz: said }, "*"), close: () => removeEventListener("message", listen) };
}

async function unpacked(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
