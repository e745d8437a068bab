// First, back, play, forward, last, a slider and keys: stepping in the browser, without the server.
const players = new WeakMap();

export default function mount(given) {
  const { data, parentElement } = given;
  const header = unpack(data);
  keepServed("player", header.playhead, given, mount);
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
// Milliseconds for which the first step is seen before it plays by itself.
const LOOK = 600;
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
const FIRST_ACTIONS = ["pointerdown", "keydown", "wheel"];
const SPEEDS = [1, 2, 4, 10, 30, 60];
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

class Player {
  constructor(root, header) {
    this.root = root;
    this.playhead = playheadOf(header.playhead);
    this.overlay = new Overlay(header.group, this.playhead);
    this.find = (name) => root.querySelector(`[data-part="${name}"]`);
    this.listen();
    this.unsubscribe = this.playhead.subscribe(() => this.moved());
    this.frame = this.frame.bind(this);
    this.interrupt = this.interrupt.bind(this);
  }

  listen() {
    const on = (name, action) => this.find(name).addEventListener("click", action);
    on("first", () => this.go(0));
    on("back", () => this.go(this.playhead.time - 1));
    on("forward", () => this.go(this.playhead.time + 1));
    on("last", () => this.go(this.playhead.length - 1));
    on("play", () => this.toggle());
    on("loop", (event) => this.press(event.currentTarget));
    on("mask", () => this.showFuture(!this.playhead.showsFuture));
    const speeds = SPEEDS.map((speed) => new Option("", speed));
    this.find("speed").replaceChildren(...speeds);
    this.find("speed").addEventListener("change", ({ target }) => {
      this.playhead.speed = Number(target.value);
      this.playhead.notify();
    });
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
    Object.assign(this.playhead, { showsFuture: isShown, veiled: !isShown });
    this.playhead.notify();
  }

  // A jump brings the veil and the speed that the server has, too.
  jumpTo({ jump, veil, speed }) {
    Object.assign(this.playhead, { jump, speed, showsFuture: !veil, lifted: false });
    this.jump = jump;
  }

  // The veil lifts while a change is looked at, most of which lies under it, and comes back after.
  lift(isLifted) {
    const { playhead } = this;
    if (isLifted === playhead.lifted) return;
    if (isLifted) playhead.veiled = !playhead.showsFuture;
    playhead.lifted = isLifted;
    playhead.showsFuture = isLifted || !playhead.veiled;
  }

  // A new trace keeps the reader's step; only the first trace, or a jump, sets it. Steps are counted
  // in the whole sequence, of which the trace may be a window.
  show(header) {
    const isFirst = this.header === undefined;
    const jumps = isFirst || header.jump !== this.jump;
    const moved = isFirst ? 0 : header.first - this.header.first;
    const atEnd = this.playhead.time === this.playhead.end && !moved;
    const turned = !isFirst && header.backward !== this.playhead.backward;
    this.header = header;
    this.playhead.backward = header.backward;
    this.playhead.addTrace(header, this);
    if (jumps) this.jumpTo(header);
    this.lift(header.lifted);
    this.label(header);
    const slider = this.find("slider");
    slider.min = header.first + 1;
    const { end } = this.playhead;
    const wanted = header.step === null ? end : header.step - header.first;
    const kept = atEnd && !turned ? end : this.playhead.time - moved;
    const time = jumps ? wanted : kept;
    this.playhead.time = Math.max(0, Math.min(this.playhead.length - 1, time));
    this.playhead.notify();
    if (isFirst && header.plays) this.playOnce();
  }

  // Words and signs; a layer that reads backward is played to the left.
  label({ labels, words, backward }) {
    for (const [name, label] of Object.entries(labels)) this.name(name, label);
    this.find("group").classList.toggle("backward", backward);
    this.find("reads").hidden = !backward;
    this.find("reads").textContent = words.reads;
    this.find("maskword").textContent = labels.mask;
    for (const option of this.find("speed").options)
      option.textContent = words.rate.replace("{speed}", option.value);
  }

  // For those who have just come and have done nothing yet: what they do first ends it. It begins
  // once the heatmaps are drawn, and the first step has been seen.
  playOnce() {
    if (STILL.matches) return;
    this.playhead.seek(this.playhead.start);
    const drawn = `.st-key-${this.header.group} .js-plotly-plot .main-svg`;
    const begin = () => {
      if (document.querySelector(drawn)) this.starting = setTimeout(() => this.toggle(), LOOK);
      else this.starting = setTimeout(begin, LOOK);
    };
    begin();
    for (const kind of FIRST_ACTIONS)
      addEventListener(kind, this.interrupt, { capture: true, passive: true });
  }

  interrupt(event) {
    clearTimeout(this.starting);
    for (const kind of FIRST_ACTIONS) removeEventListener(kind, this.interrupt, true);
    // Play's own click comes next, and pauses what still plays.
    if (event && !event.composedPath().includes(this.find("play"))) setTimeout(() => this.stop());
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
    if (this.playhead.time === this.playhead.end) this.playhead.seek(this.playhead.start);
    this.playhead.playing = true;
    this.due = performance.now() + this.interval();
    this.paint();
    requestAnimationFrame(this.frame);
  }

  interval() {
    return 1000 / this.playhead.speed;
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
    const loops = this.find("loop").getAttribute("aria-pressed") === "true";
    if (this.playhead.time !== this.playhead.end) return this.playhead.seek(this.playhead.after(steps));
    if (loops) return this.playhead.seek(this.playhead.start);
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
    const { first, whole, words, group } = this.header;
    const step = first + time + 1;
    slider.max = first + length;
    slider.value = step;
    const labels = this.playhead.labelsOf(group);
    const token = labels[time];
    // Of a text that is being typed nothing lies beyond its last step.
    const count = labels === this.header.tokens ? Math.max(whole, first + length) : first + length;
    const where = words.where
      .replace("{step}", step.toLocaleString("en"))
      .replace("{count}", count.toLocaleString("en"));
    slider.setAttribute("aria-valuetext", `${where}, ${token}`);
    slider.style.setProperty("--done", `${length > 1 ? (100 * time) / (length - 1) : 100}%`);
    this.find("where").textContent = `${where} · `;
    this.find("short").textContent = `${step}/${count} `;
    this.find("speed").value = this.playhead.speed;
    this.find("mask").setAttribute("aria-pressed", String(!this.playhead.showsFuture));
    this.find("token").textContent = token;
    const play = this.find("play");
    play.classList.toggle("playing", playing);
    this.name("play", playing ? this.header.words.pause : this.header.labels.play);
  }

  close() {
    this.interrupt();
    this.playhead.playing = false;
    clearTimeout(this.timer);
    document.removeEventListener("keydown", this.onKey);
    this.playhead.removeTrace(this.header.group, this);
    this.unsubscribe();
    this.overlay.close();
  }
}
