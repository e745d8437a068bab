// Sliders that change the network or its run: what they would do is shown while they are moved.
const listening = new WeakMap();

export default function mount({ data, parentElement }) {
  listening.get(parentElement)?.close();
  const live = new LiveSliders(unpack(data));
  listening.set(parentElement, live);
  // Names of the sliders that are listened to, as a sign that this script is there.
  parentElement.querySelector("span").dataset.sliders = Object.keys(live.sliders).join(" ");
  return () => {
    listening.get(parentElement)?.close();
    listening.delete(parentElement);
  };
}

class LiveSliders {
  // `sliders` holds by class of a slider's container the intervention it makes, without its value;
  // `values` are those of a slider over a list.
  constructor(header) {
    Object.assign(this, header);
    this.observer = new MutationObserver(() => this.moved());
    this.press = this.press.bind(this);
    this.release = this.release.bind(this);
    for (const [event, listener] of this.listeners()) document.addEventListener(event, listener, true);
  }

  listeners() {
    return [["pointerdown", this.press], ["keydown", this.press], ["pointerup", this.release], ["keyup", this.release]];
  }

  // Only what a hand moves is tried out: the server moves sliders, too.
  press({ target }) {
    const found = Object.entries(this.sliders).find(([name]) => target.closest?.(`.st-key-${name}`));
    if (!found) return;
    const [name, { values, ...intervention }] = found;
    const thumb = document.querySelector(`.st-key-${name} input[type=range]`);
    if (!thumb) return;
    Object.assign(this, { thumb, intervention, values });
    this.observer.observe(thumb, { attributes: true, attributeFilter: ["aria-valuetext"] });
  }

  release() {
    this.observer.disconnect();
  }

  moved() {
    const at = Number(this.thumb.value);
    liveNetworks.get(this.playhead)?.tryOut({ ...this.intervention, value: this.values?.[at] ?? at });
  }

  close() {
    this.release();
    for (const [event, listener] of this.listeners()) document.removeEventListener(event, listener, true);
  }
}
