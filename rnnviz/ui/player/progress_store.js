// Keeps the reader's answers in this browser, so that they outlive a reload.
const NAME = "rnnviz.progress";
// A report that comes while the page is still being made can be lost: it is sent again, so often.
const AGAIN = 2500;
const MAX_REPORTS = 3;
const stores = new WeakMap();

export default function mount({ data, parentElement, setTriggerValue }) {
  const store = stores.get(parentElement) ?? new ProgressStore();
  stores.set(parentElement, store);
  store.show(unpack(data), (text) => setTriggerValue("stored", text));
  return () => {
    store.close();
    if (stores.get(parentElement) === store) stores.delete(parentElement);
  };
}

class ProgressStore {
  constructor() {
    this.count = 0;
    // Another tab has written.
    this.onStorage = ({ key, newValue }) => {
      if (key === NAME && newValue && newValue !== this.header.text) this.report(newValue);
    };
    window.addEventListener("storage", this.onStorage);
  }

  show(header, report) {
    Object.assign(this, { header, report });
    if (!header.is_loaded && stored()) this.tell();
    else if (header.text !== stored()) keep(header.text);
  }

  tell() {
    if (this.header.is_loaded || this.count >= MAX_REPORTS) return;
    this.count += 1;
    this.report(stored());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), AGAIN);
  }

  close() {
    clearTimeout(this.timer);
    window.removeEventListener("storage", this.onStorage);
  }
}

// A browser may forbid to keep anything.
function stored() {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

function keep(text) {
  try {
    if (text) localStorage.setItem(NAME, text);
    else localStorage.removeItem(NAME);
  } catch {
    // Then the answers last as long as the page.
  }
}
