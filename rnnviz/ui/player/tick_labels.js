// Tick labels that do not touch. Letters of a text are shown all or not at all, since some of them
// would spell another text; what is then left is the numbers of the steps. Of words and numbers
// those are shown that do not touch the one shown before: a phone shows fewer. Where numbers are all
// there is, every n-th is shown.
// Titles that would end beyond the chart begin further left, all of them; what is too long still
// loses the end of its explanation.
// Names in the cells of a heatmap are shown where a column has room for them, letters as above.
function thinTickLabels(chart) {
  const axis = chart._fullLayout?.xaxis;
  const column = axis ? axis.l2p(1) - axis.l2p(0) : 0;
  const labels = [...chart.querySelectorAll(".xaxislayer-above .xtick text")];
  for (const label of labels) for (const part of [label, ...linesOf(label)]) part.style.visibility = "";
  if (areNumbers(labels)) showEvenly(labels);
  else if (!areLetters(labels)) showApart(labels, (label) => label);
  else if (!fitLetters(labels, axis, column)) {
    for (const label of labels) linesOf(label).at(-1).style.visibility = "hidden";
    showApart(labels.filter((label) => numberOf(label).textContent.trim()), numberOf);
  }
  keepTitlesInside(chart);
  showInside([...chart.querySelectorAll(".heatmap-label text")], column);
}

function keepTitlesInside(chart) {
  const titles = [...chart.querySelectorAll('.annotation-text[data-unformatted^="<b"]')];
  for (const title of titles) restore(title);
  const { left, right } = chart.getBoundingClientRect();
  const places = titles.map((title) => title.getBoundingClientRect());
  const beyond = Math.max(...places.map((place) => place.right)) + 1 - right;
  const shift = Math.min(beyond, ...places.map((place) => place.left - left));
  if (shift <= 0) return;
  for (const [i, title] of titles.entries()) moveTo(places[i].left - shift, title, right);
}

function restore(title) {
  title.removeAttribute("transform");
  const words = lastWords(title);
  if (words?.dataset.whole) words.textContent = words.dataset.whole;
}

function lastWords(title) {
  return [...title.querySelectorAll("tspan")].at(-1);
}

// The text stands round its middle, so that a shorter one begins further right.
function moveTo(start, title, right) {
  const words = lastWords(title);
  if (words) words.dataset.whole ??= words.textContent;
  const width = () => title.getBoundingClientRect().width;
  while (words?.textContent && start + width() > right)
    words.textContent = words.textContent.replace(/.…?$/u, "").trimEnd().replace(/(.)$/u, "$1…");
  title.setAttribute("transform", `translate(${start - title.getBoundingClientRect().left})`);
}

function showInside(names, column) {
  const widths = names.map((name) => name.getBoundingClientRect().width);
  const letters = names.filter((name) => isLetter(name.textContent));
  const areMost = 2 * letters.length > names.length;
  const fitAll = sum(widths) <= column * names.length;
  for (const [i, name] of names.entries()) {
    const fits = areMost ? fitAll : widths[i] <= column + 1;
    name.style.visibility = fits ? "" : "hidden";
  }
}

function isLetter(text) {
  return [...text].length === 1;
}

function sum(numbers) {
  return numbers.reduce((total, one) => total + one, 0);
}

function linesOf(label) {
  return [...label.querySelectorAll("tspan.line")];
}

function numberOf(label) {
  return linesOf(label)[0];
}

function areNumbers(labels) {
  return labels.length > 0 && labels.every((label) => /^\d+$/.test(label.textContent));
}

// The least n of 1, 2, 5, 10, … for which the widest numbers stay apart.
function showEvenly(labels) {
  const boxes = labels.map((label) => label.getBoundingClientRect());
  const widest = Math.max(...boxes.map((box) => box.width)) + 4;
  const middle = (box) => (box.left + box.right) / 2;
  const [first, last] = [Number(labels[0].textContent), Number(labels.at(-1).textContent)];
  const column = (middle(boxes.at(-1)) - middle(boxes[0])) / Math.max(1, last - first);
  let every = 1;
  for (let power = 1; every * column < widest && every <= last - first; power *= 10)
    every = [1, 2, 5].map((n) => n * power).find((n) => n * column >= widest) ?? 10 * power;
  for (const label of labels)
    label.style.visibility = Number(label.textContent) % every === 0 ? "" : "hidden";
  const shown = boxes.find((_, i) => labels[i].style.visibility !== "hidden");
  if (!shown || shown.left > boxes[0].right) labels[0].style.visibility = "";
}

// Most steps have a number's line and under it one letter.
function areLetters(labels) {
  const has = (lines) => lines.length === 2 && isLetter(lines[1].textContent);
  return 2 * labels.filter((label) => has(linesOf(label))).length > labels.length;
}

// Every step in view has its label, and letters of usual width have room.
function fitLetters(labels, axis, column) {
  const [low, high] = axis.range;
  if (labels.length < Math.floor(high - low)) return false;
  const widths = labels.map((label) => linesOf(label).at(-1)?.getComputedTextLength() ?? 0);
  return sum(widths) <= column * labels.length;
}

function showApart(labels, partOf) {
  let end = -Infinity;
  for (const label of labels) {
    const { left, right } = partOf(label).getBoundingClientRect();
    if (left >= end) end = right + 1;
    else partOf(label).style.visibility = "hidden";
  }
}
