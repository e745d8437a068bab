// A frame with the player's page: its keys and its styles reach nothing of the notebook around it.
// Its name is the player's, by which it and the widget's model in the same window know each other.
function framed(place, html, name) {
  const frame = document.createElement("iframe");
  frame.title = html.match(/<title>(.*?)<\/title>/)?.[1] ?? "";
  frame.name = name;
  frame.style.cssText = "display: block; width: 100%; height: 640px; border: 0";
  const listen = ({ source, data }) => {
    if (source === frame.contentWindow && data?.rnnviz?.height) frame.style.height = `${data.rnnviz.height}px`;
  };
  addEventListener("message", listen);
  frame.srcdoc = html;
  place.replaceChildren(frame);
  return () => removeEventListener("message", listen);
}

async function unpacked(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
