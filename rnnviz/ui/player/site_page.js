// Models of a site: a script each, since a page that was opened from a file may load nothing else.
// Random weights come without numbers: the page draws them.
const added = new Map();

function add(key, part, content) {
  if (!added.has(key)) added.set(key, {});
  added.get(key)[part] = content;
}

function loaded(path) {
  return new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement("script"), { src: path, onload: resolve, onerror: reject }));
  });
}

async function load(key) {
  const missing = Object.entries({ header: `models/${key}.js`, drawn: `../shared/models/${key}.js` }).filter(([part]) => !added.get(key)?.[part]);
  await Promise.all(missing.map(([, path]) => loaded(path)));
  const { header, numbers, drawn, moments } = added.get(key);
  return { header, numbers: numbers && numbersIn(numbers), drawn, moments };
}

// The header alone of what has no numbers.
async function loadedHeader(key) {
  if (!added.get(key)?.header) await loaded(`models/${key}.js`);
  return added.get(key).header;
}

function numbersIn(texts) {
  return summed(texts.map((text) => bytesOf(text).buffer));
}

// Numbers that came as one array of float64, or as two of float32 whose sums they are.
function summed([first, second]) {
  if (!second) return new Float64Array(first);
  const rest = new Float32Array(second);
  return Float64Array.from(new Float32Array(first), (value, at) => value + rest[at]);
}

// The address names a model, a text, held gates, weights and what is compared.
function openSite({ models, words, own }) {
  const reading = (name) => loadedHeader(`reads_${name}`);
  const page = new ReadPage(document.querySelector(".read-page"), { models, words, load, own: { ...own, reading } });
  const start = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    const known = page.list.has(asked.get("model"));
    page.comparing.use(asked);
    page.weights.use(asked);
    page.remark = known || !asked.has("model") ? "" : lostModel(words, asked.get("model"));
    page.open(known ? asked.get("model") : models[0].key, asked.get("text") ?? undefined, asked.get("do") ?? "");
  };
  addEventListener("hashchange", start);
  start();
  return page;
}
