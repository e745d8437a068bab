// Buttons that save the picture as PNG or SVG in the browser; a hosted server cannot draw it.
const DENSITY = 2;

export default function mount({ data, parentElement }) {
  const { group, name, labels } = unpack(data);
  const makers = { svg: asSvg, png: asPng };
  for (const [format, make] of Object.entries(makers)) {
    const button = parentElement.querySelector(`[data-format="${format}"]`);
    button.title = labels[format];
    button.onclick = async () => {
      const paper = getComputedStyle(button).getPropertyValue("--st-background-color");
      const picture = savedPicture(group, paper);
      if (picture) download(await make(picture), `${name}.${format}`);
    };
  }
}

function asSvg({ text }) {
  return new Blob([text], { type: "image/svg+xml" });
}

async function asPng(picture) {
  const image = new Image();
  image.src = URL.createObjectURL(asSvg(picture));
  await image.decode();
  URL.revokeObjectURL(image.src);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: DENSITY * picture.width, height: DENSITY * picture.height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// The link is never on the page, whose popover a click elsewhere would close.
function download(blob, name) {
  const link = document.createElement("a");
  Object.assign(link, { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
