// The player in place of its picture.
for (const place of document.querySelectorAll('[data-rnnviz="NAME"]:not([data-filled])')) {
  place.dataset.filled = "";
  unpacked(Uint8Array.from(atob("PAGE"), (letter) => letter.charCodeAt(0))).then((html) => framed(place, html, "NAME"));
}
