// Every page of the static edition: the language that was chosen, and a copy for days without a network.
"use strict";

for (const link of document.querySelectorAll("[data-language]")) {
  link.addEventListener("click", () => {
    link.hash = location.hash;
    keep("rnnviz.language", link.dataset.language);
  });
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
