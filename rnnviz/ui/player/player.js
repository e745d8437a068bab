// First, back, play, forward, last, a slider, arrow keys: stepping without asking the server.
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

const REST = 400;
const EARLY = 4;
// What uses arrow keys itself, and what the space bar presses.
const OWN_KEYS =
  "input, textarea, select, [contenteditable], [role=radio], [role=tab], [role=option]," +
  " [role=slider], [role=combobox], [role=region][tabindex]";
const PRESSED = "button, a, summary, [role=button]";
const KEYS = {
  ArrowLeft: (clock) => clock.set(clock.time - 1),
  ArrowRight: (clock) => clock.set(clock.time + 1),
  Home: (clock) => clock.set(0),
  End: (clock) => clock.set(clock.length - 1),
};

class Player {
  constructor(root, header) {
    this.root = root;
    this.clock = clockOf(header.clock);
    this.clock.bare = false;
    this.stage = new Stage(header.group, this.clock);
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.listen();
    this.leave = this.clock.subscribe(() => this.moved());
    this.frame = this.frame.bind(this);
  }

  listen() {
    const on = (name, act) => this.find(name).addEventListener("click", act);
    on("first", () => this.go(0));
    on("back", () => this.go(this.clock.time - 1));
    on("forward", () => this.go(this.clock.time + 1));
    on("last", () => this.go(this.clock.length - 1));
    on("play", () => this.toggle());
    on("loop", (event) => this.press(event.currentTarget));
    on("veil", (event) => this.unveil(!this.press(event.currentTarget)));
    this.find("slider").addEventListener("input", (event) =>
      this.go(Number(event.target.value) - 1 - this.header.first));
    this.keyed = (event) => this.key(event);
    document.addEventListener("keydown", this.keyed);
  }

  press(button) {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(pressed));
    return pressed;
  }

  unveil(bare) {
    this.clock.bare = bare;
    this.clock.tell();
  }

  // A new trace keeps the reader's place; only the first one, or a link, sets it. Steps are counted
  // in the whole sequence, of which the trace may be a window.
  show(header) {
    const fresh = this.header === undefined;
    const moved = fresh ? 0 : header.first - this.header.first;
    const atEnd = this.clock.time >= this.clock.length - 1 && !moved;
    this.header = header;
    this.clock.hold(header);
    for (const [name, label] of Object.entries(header.labels)) this.name(name, label);
    const slider = this.find("slider");
    slider.min = header.first + 1;
    slider.max = header.first + header.tokens.length;
    const wanted = (header.step ?? Infinity) - header.first;
    const kept = atEnd ? Infinity : this.clock.time - moved;
    const time = fresh || header.jump !== this.jump ? wanted : kept;
    this.jump = header.jump;
    this.clock.time = Math.max(0, Math.min(this.clock.length - 1, time));
    this.clock.tell();
  }

  name(part, label) {
    const target = this.find(part);
    if (!target) return;
    target.title = label;
    target.setAttribute("aria-label", label);
  }

  go(time) {
    this.stop();
    this.clock.set(time);
  }

  key(event) {
    const target = event.composedPath()[0];
    // Another player of the page may have taken it.
    if (event.defaultPrevented) return;
    const taken = target !== this.find("slider") && target.closest?.(OWN_KEYS);
    if (taken || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && !target.closest?.(PRESSED)) this.toggle();
    else if (event.key in KEYS) {
      this.stop();
      KEYS[event.key](this.clock);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  toggle() {
    if (this.clock.playing) return this.stop();
    if (this.clock.time >= this.clock.length - 1) this.clock.set(0);
    this.clock.playing = true;
    this.due = performance.now() + this.pause();
    this.paint();
    requestAnimationFrame(this.frame);
  }

  pause() {
    return 1000 / Number(this.find("speed").value);
  }

  frame(now) {
    if (!this.clock.playing || !this.root.isConnected) return this.stop();
    // A frame comes a little early or late; a step that is due within it is taken.
    if (now >= this.due - EARLY) {
      const steps = Math.max(1, Math.floor((now - this.due) / this.pause()) + 1);
      this.due += steps * this.pause();
      this.advance(steps);
    }
    requestAnimationFrame(this.frame);
  }

  advance(steps) {
    const last = this.clock.length - 1;
    const loops = this.find("loop").getAttribute("aria-pressed") === "true";
    if (this.clock.time < last) return this.clock.set(this.clock.time + steps);
    if (loops) return this.clock.set(0);
    this.stop();
  }

  stop() {
    if (!this.clock.playing) return;
    this.clock.playing = false;
    // Others wait for this too: nobody rests while it plays.
    this.clock.tell();
  }

  moved() {
    this.paint();
    this.stage.draw();
    clearTimeout(this.rest);
    if (!this.clock.playing) this.rest = setTimeout(() => this.rested(), REST);
  }

  // Said aloud by a screen reader once the cursor rests, not at every step of a run.
  rested() {
    this.find("status").textContent = this.find("where").textContent + this.find("token").textContent;
  }

  paint() {
    const { time, length, playing } = this.clock;
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
    this.clock.playing = false;
    clearTimeout(this.rest);
    document.removeEventListener("keydown", this.keyed);
    this.clock.drop(this.header.group);
    this.leave();
    this.stage.close();
  }
}
