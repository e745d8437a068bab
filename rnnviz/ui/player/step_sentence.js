// What happens at the player's step, in one sentence; the server wrote one for every step.
const sentences = new WeakMap();
const DELAY = 400;

export default function mount({ data, parentElement, setStateValue }) {
  const before = sentences.get(parentElement);
  before?.close();
  const ask = (unit) => setStateValue("unit", unit);
  sentences.set(parentElement, new StepSentence(parentElement, unpack(data), ask, before?.asked));
  return () => {
    sentences.get(parentElement)?.close();
    sentences.delete(parentElement);
  };
}

class StepSentence {
  // `asked` is the unit whose sentences the server was asked for last.
  constructor(root, header, ask, asked) {
    Object.assign(this, { header, ask, asked });
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.root = root.querySelector(".step-sentence");
    this.root.setAttribute("aria-label", header.words.region);
    this.playhead = playheadOf(header.playhead);
    this.find("pick").textContent = header.words.pick;
    this.find("pick").onclick = () => this.playhead.setUnit(header.telling_units[this.step()]);
    this.unsubscribe = this.playhead.subscribe(() => this.paint());
    this.resizes = new ResizeObserver(() => this.reserve());
    // It tells the first width as well, when the page is laid out anyhow.
    this.resizes.observe(this.root);
    this.paint();
  }

  // The room of the longest sentence is kept, so that no step pushes what is under it.
  reserve() {
    if (this.root.clientWidth === this.width) return;
    this.width = this.root.clientWidth;
    for (const part of ["picked", "telling"]) {
      const line = this.find(part);
      const { textContent: now } = line;
      const row = line.closest("p");
      row.style.minHeight = "";
      line.textContent = unbroken(longest(this.header[part]));
      row.style.minHeight = `${row.offsetHeight}px`;
      line.textContent = now;
    }
  }

  step() {
    return Math.max(0, Math.min(this.header.telling.length - 1, this.playhead.time));
  }

  paint() {
    const { picked, telling, telling_units: units, unit } = this.header;
    const step = this.step();
    // A sentence about another unit than the picked one would contradict the drawing beside it.
    const isPicked = this.playhead.unit === unit;
    // The server's sentence is not of a change that is tried out.
    const isTried = this.playhead.triedOf(this.header.playhead) !== null;
    this.root.classList.toggle("is-tried", isTried);
    this.find("picked").textContent = isPicked ? unbroken(picked[step]) : "";
    this.find("telling").textContent = unbroken(telling[step]);
    this.find("most").classList.toggle("is-picked", units[step] === this.playhead.unit);
    clearTimeout(this.timer);
    if (this.playhead.playing || isTried) return;
    this.timer = setTimeout(() => (isPicked ? this.announce() : this.askFor(this.playhead.unit)), DELAY);
  }

  askFor(unit) {
    if (unit === this.asked) return;
    this.asked = unit;
    this.ask(unit);
  }

  announce() {
    this.find("status").textContent = this.find("picked").textContent;
  }

  close() {
    clearTimeout(this.timer);
    this.resizes.disconnect();
    this.unsubscribe();
  }
}

function longest(sentences) {
  return sentences.reduce((one, other) => (other.length > one.length ? other : one), "");
}

// No line begins with the sign of a percentage.
function unbroken(sentence) {
  return sentence.replaceAll(" %", "\u00a0%");
}
