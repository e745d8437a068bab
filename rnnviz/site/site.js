// Every page of the static edition: the language that was chosen, which lessons are done, and a copy
// for days without a network.
"use strict";

for (const link of document.querySelectorAll("[data-language]")) {
  link.addEventListener("click", () => {
    link.hash = location.hash;
    keep("rnnviz.language", link.dataset.language);
  });
}

// A page from a file has no worker, and needs none.
if (location.protocol.startsWith("http")) {
  const link = Object.assign(document.createElement("link"), { rel: "manifest", href: "../manifest.webmanifest" });
  document.head.append(link);
  addEventListener("load", () => navigator.serviceWorker?.register("../sw.js").catch(() => {}));
}

// A browser may forbid to keep anything: then it lasts as long as the page.
function keep(name, text) {
  try {
    localStorage.setItem(name, text);
  } catch {
    // Nothing is kept.
  }
}

function kept(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

for (const place of document.querySelectorAll("[data-lesson][data-done]")) {
  const text = kept(`rnnviz.lesson.${place.dataset.lesson}`);
  if (!text.includes('"isDone":true')) continue;
  place.textContent = place.dataset.done;
  place.className = "done";
}
