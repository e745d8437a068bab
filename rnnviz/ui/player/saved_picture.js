// One SVG of a chart as it stands on the page, with the cursor's frames, and beside it the live cell.
const SVG_SPACE = "http://www.w3.org/2000/svg";
const GAP = 28;
const MARGIN = 12;
const CAPTION = 24;
// Wide enough for its words; on a narrower chart the cell stands below.
const LEAST_CELL = 400;
const NARROW = 600;
// What is there for the pointer alone.
const UNSEEN = ".draglayer, .hoverlayer, .zoomlayer, [style*='display: none']";

// Text of the picture, and its size; null without a chart.
function savedPicture(group, paper) {
  const chart = document.querySelector(`.st-key-${group} .js-plotly-plot`);
  if (!chart) return null;
  const drawing = playheadOf(group).drawings.get(group)?.();
  const { width, height } = chart.getBoundingClientRect();
  const cell = drawing && placedCell(drawing, width, height);
  const size = {
    width: Math.ceil(Math.max(width, cell?.right ?? 0) + 2 * MARGIN),
    height: Math.ceil(Math.max(height, cell?.bottom ?? 0) + 2 * MARGIN),
  };
  const picture = part("svg", { ...size, viewBox: `0 0 ${size.width} ${size.height}` });
  part("rect", { ...size, fill: paper }, picture);
  const inside = part("g", { transform: `translate(${MARGIN} ${MARGIN})` }, picture);
  inside.append(...chartLayers(chart), ...cursorFrames(chart));
  if (cell) inside.append(...cell.parts);
  return { ...size, text: new XMLSerializer().serializeToString(picture) };
}

function part(tag, attributes, parent) {
  const created = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  parent?.append(created);
  return created;
}

// Plotly's panels and what it writes over them; the letters that the page hides are left out.
function chartLayers(chart) {
  return [...chart.querySelectorAll(".svg-container > .main-svg")].map((layer) => {
    const copy = layer.cloneNode(true);
    copy.removeAttribute("style");
    for (const unseen of copy.querySelectorAll(`${UNSEEN}, [style*='visibility: hidden']`)) unseen.remove();
    return copy;
  });
}

// The boxes of the cursor's step and of the picked unit.
function cursorFrames(chart) {
  const { left, top } = chart.getBoundingClientRect();
  return [...chart.querySelectorAll(".rnnviz-box, .rnnviz-unit-box:not([hidden])")].map((box) => {
    const around = box.getBoundingClientRect();
    const { borderColor, borderRadius } = getComputedStyle(box);
    return part("rect", {
      x: around.left - left + 1, y: around.top - top + 1,
      width: around.width - 2, height: around.height - 2, rx: parseFloat(borderRadius),
      fill: "none", stroke: borderColor, "stroke-width": 2, class: box.className,
    });
  });
}

// The cell and the words over it, right of the chart or below it.
function placedCell({ svg, caption, ink, font }, chartWidth, chartHeight) {
  const isBelow = chartWidth < NARROW;
  const [x, y] = isBelow ? [0, chartHeight + GAP] : [chartWidth + GAP, 0];
  const [, , wide, high] = svg.getAttribute("viewBox").split(" ").map(Number);
  const width = isBelow ? chartWidth : Math.max(LEAST_CELL, svg.dataset.width);
  const height = (width * high) / wide;
  const words = part("text", { x, y: y + 14, fill: ink, "font-family": font, "font-size": 13 });
  words.textContent = caption;
  for (const [name, value] of Object.entries({ x, y: y + CAPTION, width, height })) svg.setAttribute(name, value);
  delete svg.dataset.width;
  return { parts: [words, svg], right: x + width, bottom: y + CAPTION + height };
}
