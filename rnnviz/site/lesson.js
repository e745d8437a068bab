// A lesson's page: figures, numbers and the live cell at the positions of its controls, and answers
// that the browser keeps.
"use strict";

const lesson = globalThis.rnnvizLesson;
const article = document.querySelector("article");
const dark = matchMedia("(prefers-color-scheme: dark)");
const language = document.documentElement.lang.slice(0, 2);
const chosen = { ...lesson.defaults };
const look = () => `${language}.${dark.matches ? "dark" : "light"}`;

// ---- What the data hold -------------------------------------------------------------------

// A value with the parts that it refers to in place.
function whole(value) {
  if (Array.isArray(value)) return value.map(whole);
  if (value === null || typeof value !== "object") return value;
  if ("$" in value) return whole(lesson.pool[value.$]);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, whole(part)]));
}

// A value after a change: `{key or place: change}`, or `{"=": value}`.
function after(value, change) {
  if ("=" in change) return change["="];
  const copy = Array.isArray(value) ? [...value] : { ...value };
  for (const name of Object.keys(change)) copy[name] = after(value[name], change[name]);
  return copy;
}

// Part of an entry at the chosen positions.
const atPositions = ({ reads, shown }) =>
  shown[reads.reduce((place, name) => place * lesson.counts[name] + chosen[name], 0)];
// One part of a value, without resolving the others.
const partOf = (value, key) => whole(("$" in value ? lesson.pool[value.$] : value)[key]);
const shownOf = (entry, key) => after(partOf(entry.first, key), partOf(atPositions(entry), key));

// ---- Figures ------------------------------------------------------------------------------

let loading;

function plotly() {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: "../shared/plotly.min.js", onload: done, onerror: failed });
    document.head.append(script);
  });
  return loading;
}

async function drawChart(chart, figure) {
  await plotly();
  if (!chart.classList.contains("js-plotly-plot")) chart.replaceChildren();
  const options = { displayModeBar: false, responsive: true };
  await Plotly.react(chart, figure.data, figure.layout, options);
  chart.dataset.drawn = look();
}

const packetOf = ({ header, values }) => {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const numbers = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0));
  const bytes = new Uint8Array(4 + text.length + numbers.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(numbers, 4 + text.length);
  return bytes;
};

function mountComponent(place, packet) {
  const { html, css, mount } = rnnviz.parts[place.dataset.component];
  if (!place.shadowRoot) {
    place.attachShadow({ mode: "open" }).innerHTML = `<style>${css}</style>${html}`;
  }
  mount({ data: packetOf(packet), parentElement: place.shadowRoot, setTriggerValue: () => {} });
}

function drawFigure(figure) {
  return drawChart(figure.querySelector(".chart"), shownOf(lesson.figures[figure.dataset.figure], look()));
}

async function drawLive(figure) {
  const shown = shownOf(lesson.lives[figure.dataset.live], look());
  for (const place of figure.querySelectorAll("[data-component]")) {
    const packet = shown[place.dataset.component];
    if (packet) mountComponent(place, packet);
  }
  await drawChart(figure.querySelector(".chart"), shown.figure);
}

const draw = (figure) => (figure.dataset.live ? drawLive(figure) : drawFigure(figure));
const figures = [...document.querySelectorAll("[data-figure], [data-live]")];
const seen = new Set();

// Figures far below are drawn when they come near.
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || seen.has(target)) continue;
      seen.add(target);
      draw(target);
    }
  },
  { rootMargin: "400px" },
);

const entryOf = ({ dataset }) => lesson.lives[dataset.live] ?? lesson.figures[dataset.figure];

function changed(name) {
  for (const place of document.querySelectorAll("[data-text]")) {
    const entry = lesson.texts[place.dataset.text];
    if (entry.reads.includes(name)) place.innerHTML = shownOf(entry, language);
  }
  for (const figure of seen) if (entryOf(figure).reads.includes(name)) draw(figure);
}

dark.addEventListener("change", () => seen.forEach(draw));

// ---- Controls -----------------------------------------------------------------------------

const sliderOf = (name) => document.querySelector(`input[type=range][data-control="${name}"]`);
const switchOf = (name) => document.querySelector(`[data-hold="${name}"]`);

// Position of a moved slider; the first one is that of a gate that is not held.
function moved(name) {
  const slider = sliderOf(name);
  const hold = switchOf(name);
  const number = slider.dataset.numbers.split(" ")[slider.value];
  slider.disabled = Boolean(hold && !hold.checked);
  slider.setAttribute("aria-valuetext", number);
  slider.labels[0].querySelector("b").textContent = slider.disabled ? "–" : number;
  put(name, hold ? (hold.checked ? Number(slider.value) + 1 : 0) : Number(slider.value));
}

let frame;
const waiting = new Set();

// Several moves between two frames are drawn once.
function put(name, place) {
  chosen[name] = place;
  waiting.add(name);
  frame ??= requestAnimationFrame(() => {
    frame = null;
    waiting.forEach(changed);
    waiting.clear();
  });
}

article.addEventListener("input", ({ target }) => {
  const { control, hold } = target.dataset;
  if (hold) {
    if (target.checked) sliderOf(hold).value = sliderOf(hold).max;
    moved(hold);
  } else if (control && target.type === "radio") put(control, Number(target.value));
  else if (control) moved(control);
});

// ---- Questions and exercises --------------------------------------------------------------

const KEPT = `rnnviz.lesson.${article.dataset.lesson}`;
const again = document.getElementById("again");

function keepAnswers() {
  const isDone = counted.every((form) => form.dataset.name in given);
  again.hidden = counted.every((form) => !(form.dataset.name in given));
  keep(KEPT, JSON.stringify({ given, isDone }));
}

function take(form, said) {
  answer(form, said);
  form.querySelector(".anyway")?.remove();
  keepAnswers();
}

for (const form of forms) {
  const { name, counts } = form.dataset;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const entry = lesson.reached[name];
    const said = entry ? String(atPositions(entry)) : answerOf(form).slice(0, 40);
    if (said) take(form, said);
  });
  if (counts !== "true") continue;
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "anyway",
    textContent: article.dataset.anyway,
  });
  button.addEventListener("click", () => take(form, "-"));
  form.querySelector("button[type=submit]").after(button);
}

again.addEventListener("click", () => {
  keep(KEPT, "");
  location.reload();
});

try {
  restore(JSON.parse(kept(KEPT) || "{}").given ?? {});
} catch {
  // Answers that another edition kept in another form are left out.
}
for (const form of forms) if (form.dataset.name in given) form.querySelector(".anyway")?.remove();
again.hidden = Object.keys(given).length === 0;

// Figures are loaded after the page itself.
addEventListener("load", () => figures.forEach((figure) => near.observe(figure)));
