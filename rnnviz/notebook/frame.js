// Ties the page's player to the notebook around its frame: the step, the picked unit, the height.
const isDark = given.dark ?? isAmongDark();
document.documentElement.classList.toggle("is-dark", isDark);
const page = new rnnviz.ReadPage(document.querySelector(".read-page"), {
  models: [{ key: "", title: "" }],
  load: async () => ({ header: given.header, numbers: new Float64Array(rnnviz.bytesOf(given.numbers).buffer) }),
  words: given.words,
  isDark,
});
const say = (said) => parent.postMessage({ rnnviz: { ...said, name } }, "*");
const PAUSE = 100;
let told = {};

page.open("").then(() => {
  const playhead = rnnvizPlayheads.get("panels");
  let waiting = null;
  const tell = () => {
    waiting = null;
    const now = { step: given.first + playhead.time, unit: playhead.unit, signal: playhead.signal };
    if (Object.keys(now).some((name) => now[name] !== told[name])) say((told = now));
  };
  // While it plays, not every step crosses over to Python.
  playhead.subscribe(() => (waiting ??= setTimeout(tell, PAUSE)));
  addEventListener("message", ({ source, data }) => {
    if (source === parent && data?.rnnviz) take(playhead, data.rnnviz);
  });
  told = { step: given.first + playhead.time, unit: playhead.unit, signal: playhead.signal };
  new ResizeObserver(() => say({ height: document.documentElement.offsetHeight })).observe(document.body);
  say({ ready: true });
});

function take(playhead, { step, unit, signal, arithmetic }) {
  told = { ...told, ...(step === undefined ? {} : { step, unit, signal }) };
  if (step !== undefined) playhead.seek(step - given.first);
  if (unit !== undefined) playhead.setUnit(unit);
  if (signal) playhead.setSignal(signal);
  if (arithmetic?.byteLength) page.mount("arithmetic", arithmetic);
}

// The text around it is bright where the ground is dark.
function isAmongDark() {
  try {
    const [red, green, blue] = getComputedStyle(frameElement.parentElement).color.match(/[\d.]+/g).map(Number);
    return 0.3 * red + 0.6 * green + 0.1 * blue > 140;
  } catch {
    return false;
  }
}
