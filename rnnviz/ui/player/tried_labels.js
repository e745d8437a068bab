// Words over heatmaps that are tried out: the steps' labels, and names in the cells.

// Parts of the labels' height at which a step's number and its token stand; pixels between two labels.
const NUMBER_AT = 0.32;
const TOKEN_AT = 0.81;
const LABELS_APART = 2;

// A canvas in the pixels of the screen, to write on: `place` is its style's left, top, width, height.
function textContext(canvas, place) {
  Object.assign(canvas.style, place);
  const [width, height] = [parseFloat(place.width), parseFloat(place.height)];
  const scale = devicePixelRatio;
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  const font = (size) => (context.font = `${size * typeScale()}px ${getComputedStyle(canvas).fontFamily}`);
  return { context, font, width, height };
}

// Numbers and tokens of the steps, as tick_labels.js thins Plotly's: letters all or not at all.
function writeSteps({ context, font, width, height }, labels, ink) {
  context.fillStyle = ink;
  font(10);
  writeApart(context, labels.map((_, step) => (isNumbered(step, labels.length) ? String(step + 1) : "")), width, height * NUMBER_AT);
  font(12);
  if (labels.some((label) => !isLetter(label))) writeApart(context, labels, width, height * TOKEN_AT);
  else if (sum(labels.map((label) => context.measureText(label).width)) <= width)
    labels.forEach((label, step) => context.fillText(label, ((step + 0.5) * width) / labels.length, height * TOKEN_AT));
}

// Whether a step of so many has a number, as rnnviz/figures/time_axis.py counts them.
function isNumbered(step, count) {
  return step === 0 || (step + 1) % (count <= 36 ? 1 : count <= 120 ? 5 : 10) === 0;
}

function writeApart(context, texts, width, at) {
  let end = -Infinity;
  for (const [step, text] of texts.entries()) {
    if (!text) continue;
    const middle = ((step + 0.5) * width) / texts.length;
    const half = context.measureText(text).width / 2;
    if (middle - half < end) continue;
    context.fillText(text, middle, at);
    end = middle + half + LABELS_APART;
  }
}

// A name in each cell (step, row), in what is seen on the cell's colour.
function writeNames({ context, font, width, height }, names, cells, isUp) {
  font(11);
  const { data } = cells.getContext("2d").getImageData(0, 0, cells.width, cells.height);
  const [wide, tall] = [width / cells.width, height / cells.height];
  for (const [step, own] of names.entries()) {
    for (const [row, name] of own.entries()) {
      const at = 4 * (row * cells.width + step);
      context.fillStyle = 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2] > 128 ? "#444" : "#fff";
      context.fillText(name, (step + 0.5) * wide, ((isUp ? cells.height - 1 - row : row) + 0.5) * tall, wide);
    }
  }
}
