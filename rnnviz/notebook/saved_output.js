// The player in place of its picture, in an output without a kernel.
for (const place of document.querySelectorAll('[data-rnnviz="ID"]:not([data-filled])')) {
  place.dataset.filled = "";
  unpacked(Uint8Array.from(atob("PAGE"), (letter) => letter.charCodeAt(0))).then((html) => framed(place, html));
}
