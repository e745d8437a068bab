// The text that is read: every token on the colour of the picked unit, at the picked signal.
const texts = new WeakMap();

export default function mount({ data, parentElement }) {
  texts.get(parentElement)?.close();
  texts.set(parentElement, new TextAxis(parentElement, unpack(data)));
  return () => {
    texts.get(parentElement)?.close();
    texts.delete(parentElement);
  };
}

class TextAxis {
  constructor(root, header) {
    this.header = header;
    this.title = root.querySelector('[data-part="title"]');
    this.text = root.querySelector('[data-part="text"]');
    this.text.setAttribute("role", "group");
    this.text.setAttribute("aria-label", header.words.region);
    this.playhead = playheadOf(header.playhead);
    this.write(header.tokens);
    this.text.onclick = (event) => {
      const step = this.spans.indexOf(event.target);
      if (step >= 0) this.playhead.seek(step);
    };
    this.unsubscribe = this.playhead.subscribe(() => this.paint());
    this.paint();
  }

  write(tokens) {
    this.written = tokens;
    const parts = tokens.flatMap((token) => [this.token(token), this.header.between]);
    this.spans = parts.filter((part) => part instanceof Element);
    this.text.replaceChildren(...parts);
  }

  // A line ends where the text has one; a tag is shown as it was typed.
  token(token) {
    const span = document.createElement("span");
    span.textContent = /^(\r\n|\r|\n)$/.test(token) ? "⏎\n" : token;
    return span;
  }

  // The picked signal, or the memory where something else is picked.
  signal() {
    const { signals, first } = this.header;
    return this.playhead.signal in signals ? this.playhead.signal : first;
  }

  paint() {
    const { group } = this.header;
    const signal = this.signal();
    const units = this.playhead.signalOf(group, signal)?.units;
    if (!units) return;
    const unit = this.playhead.unit;
    const row = Math.max(0, units.indexOf(String(unit)));
    const tried = this.playhead.triedOf(group);
    const tokens = tried?.tokens ?? this.header.tokens;
    if (tokens !== this.written) this.write(tokens);
    const wanted = [this.playhead.traces.get(group).trace, signal, row].join();
    if (wanted !== this.painted || tried !== this.tried) this.colour(signal, row, units[row]);
    Object.assign(this, { painted: wanted, tried });
    const { time, backward, showsFuture } = this.playhead;
    this.spans.forEach((span, step) => {
      const isUnread = backward ? step < time : step > time;
      span.classList.toggle("unread", isUnread && !showsFuture);
      span.classList.toggle("here", step === time);
    });
    // A page that is being built is laid out once, in its next frame.
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.keepInSight(this.spans[time]));
  }

  colour(signal, row, unit) {
    const { words, signals } = this.header;
    const { label, stops, ...scale } = signals[signal];
    this.title.textContent = filled(words.title, { signal: label, unit });
    const { group } = this.header;
    const values = this.spans.map((_, step) => this.playhead.valuesAt(group, signal, step)[row]);
    // Around zero the scale is the unit's own, so that also a quiet unit is seen.
    const reach = Math.max(...values.map(Math.abs)) || 1;
    const [low, high] = scale.low < 0 ? [-reach, reach] : [scale.low, scale.high];
    this.spans.forEach((span, step) => {
      const rgb = mixed(stops, (values[step] - low) / (high - low));
      span.style.background = `rgb(${rgb.join()})`;
      const light = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
      span.style.color = light > 128 ? "#000" : "#fff";
    });
  }

  keepInSight(span) {
    if (!span) return;
    const box = this.text.getBoundingClientRect();
    const { top, bottom } = span.getBoundingClientRect();
    if (top < box.top) this.text.scrollTop -= box.top - top + 4;
    else if (bottom > box.bottom) this.text.scrollTop += bottom - box.bottom + 4;
  }

  close() {
    cancelAnimationFrame(this.frame);
    this.unsubscribe();
  }
}

// Colour [red, green, blue] at a share 0…1 of a scale of [place, "rgb(…)" or "#…"].
function mixed(stops, share) {
  const at = Math.max(0, Math.min(1, share || 0));
  const next = Math.max(1, stops.findIndex(([place]) => place >= at));
  const [[low, one], [high, other]] = [stops[next - 1], stops[next]];
  const part = (at - low) / (high - low);
  const [from, to] = [parts(one), parts(other)];
  return from.map((value, i) => Math.round(value + part * (to[i] - value)));
}

function parts(colour) {
  if (!colour.startsWith("#")) return colour.match(/[\d.]+/g).slice(0, 3).map(Number);
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
}
