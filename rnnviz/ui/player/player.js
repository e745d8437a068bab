// First, back, play, forward, last, a slider and keys: stepping in the browser, without the server.
const players = new WeakMap();

export default function mount({ data, parentElement }) {
  const header = unpack(data);
  const player = players.get(parentElement) ?? new Player(parentElement, header);
  players.set(parentElement, player);
  player.show(header);
  return () => {
    players.get(parentElement)?.close();
    players.delete(parentElement);
  };
}

// Milliseconds until the cursor has settled, and by which a frame may come early.
const DELAY = 400;
const EARLY = 4;
// Controls that use the arrow keys themselves, and those that the space bar presses.
const OWN_KEYS =
  "input, textarea, select, [contenteditable], [role=radio], [role=tab], [role=option]," +
  " [role=slider], [role=combobox], [role=region][tabindex]";
const PRESSED = "button, a, summary, [role=button]";
const KEYS = {
  ArrowLeft: (playhead) => playhead.seek(playhead.time - 1),
  ArrowRight: (playhead) => playhead.seek(playhead.time + 1),
  Home: (playhead) => playhead.seek(0),
  End: (playhead) => playhead.seek(playhead.length - 1),
};

class Player {
  constructor(root, header) {
    this.root = root;
    this.playhead = playheadOf(header.playhead);
    this.playhead.showsFuture = false;
    this.overlay = new Overlay(header.group, this.playhead);
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.listen();
    this.unsubscribe = this.playhead.subscribe(() => this.moved());
    this.frame = this.frame.bind(this);
  }

  listen() {
    const on = (name, action) => this.find(name).addEventListener("click", action);
    on("first", () => this.go(0));
    on("back", () => this.go(this.playhead.time - 1));
    on("forward", () => this.go(this.playhead.time + 1));
    on("last", () => this.go(this.playhead.length - 1));
    on("play", () => this.toggle());
    on("loop", (event) => this.press(event.currentTarget));
    on("mask", (event) => this.showFuture(!this.press(event.currentTarget)));
    this.find("slider").addEventListener("input", (event) =>
      this.go(Number(event.target.value) - 1 - this.header.first));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  press(button) {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(pressed));
    return pressed;
  }

  showFuture(isShown) {
    this.playhead.showsFuture = isShown;
    this.playhead.notify();
  }

  // A new trace keeps the reader's step; only the first trace, or a jump, sets it. Steps are counted
  // in the whole sequence, of which the trace may be a window.
  show(header) {
    const isFirst = this.header === undefined;
    const moved = isFirst ? 0 : header.first - this.header.first;
    const atEnd = this.playhead.time >= this.playhead.length - 1 && !moved;
    this.header = header;
    this.playhead.addTrace(header);
    for (const [name, label] of Object.entries(header.labels)) this.name(name, label);
    const slider = this.find("slider");
    slider.min = header.first + 1;
    slider.max = header.first + header.tokens.length;
    const wanted = (header.step ?? Infinity) - header.first;
    const kept = atEnd ? Infinity : this.playhead.time - moved;
    const time = isFirst || header.jump !== this.jump ? wanted : kept;
    this.jump = header.jump;
    this.playhead.time = Math.max(0, Math.min(this.playhead.length - 1, time));
    this.playhead.notify();
  }

  name(part, label) {
    const target = this.find(part);
    if (!target) return;
    target.title = label;
    target.setAttribute("aria-label", label);
  }

  go(time) {
    this.stop();
    this.playhead.seek(time);
  }

  key(event) {
    const target = event.composedPath()[0];
    // Another player on the page may have handled the key.
    if (event.defaultPrevented) return;
    const isTaken = target !== this.find("slider") && target.closest?.(OWN_KEYS);
    if (isTaken || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && !target.closest?.(PRESSED)) this.toggle();
    else if (event.key in KEYS) {
      this.stop();
      KEYS[event.key](this.playhead);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  toggle() {
    if (this.playhead.playing) return this.stop();
    if (this.playhead.time >= this.playhead.length - 1) this.playhead.seek(0);
    this.playhead.playing = true;
    this.due = performance.now() + this.interval();
    this.paint();
    requestAnimationFrame(this.frame);
  }

  interval() {
    return 1000 / Number(this.find("speed").value);
  }

  frame(now) {
    if (!this.playhead.playing || !this.root.isConnected) return this.stop();
    // Frames come a little early or late; a step that is due within EARLY is taken.
    if (now >= this.due - EARLY) {
      const steps = Math.max(1, Math.floor((now - this.due) / this.interval()) + 1);
      this.due += steps * this.interval();
      this.advance(steps);
    }
    requestAnimationFrame(this.frame);
  }

  advance(steps) {
    const last = this.playhead.length - 1;
    const loops = this.find("loop").getAttribute("aria-pressed") === "true";
    if (this.playhead.time < last) return this.playhead.seek(this.playhead.time + steps);
    if (loops) return this.playhead.seek(0);
    this.stop();
  }

  stop() {
    if (!this.playhead.playing) return;
    this.playhead.playing = false;
    // The other components wait for the end of playing before they settle.
    this.playhead.notify();
  }

  moved() {
    this.paint();
    this.overlay.draw();
    clearTimeout(this.timer);
    if (!this.playhead.playing) this.timer = setTimeout(() => this.announce(), DELAY);
  }

  // For screen readers, once the cursor has settled and not at every step of playing.
  announce() {
    this.find("status").textContent = this.find("where").textContent + this.find("token").textContent;
  }

  paint() {
    const { time, length, playing } = this.playhead;
    const slider = this.find("slider");
    const { first, whole, words, tokens } = this.header;
    const step = first + time + 1;
    slider.value = step;
    const token = tokens[time];
    const where = words.where
      .replace("{step}", step.toLocaleString("en"))
      .replace("{count}", Math.max(whole, first + length).toLocaleString("en"));
    slider.setAttribute("aria-valuetext", `${where}, ${token}`);
    slider.style.setProperty("--done", `${length > 1 ? (100 * time) / (length - 1) : 100}%`);
    this.find("where").textContent = `${where} · `;
    this.find("token").textContent = token;
    const play = this.find("play");
    play.classList.toggle("playing", playing);
    this.name("play", playing ? this.header.words.pause : this.header.labels.play);
  }

  close() {
    this.playhead.playing = false;
    clearTimeout(this.timer);
    document.removeEventListener("keydown", this.onKey);
    this.playhead.removeTrace(this.header.group);
    this.unsubscribe();
    this.overlay.close();
  }
}
