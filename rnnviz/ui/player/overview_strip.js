// The whole of a long sequence as a ribbon: how far it strays, and where the window and step are.
class Ribbon {
  constructor(find) {
    this.find = find;
    this.strip = find("strip");
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.strip);
  }

  show(values, count) {
    this.values = values;
    this.count = count;
  }

  // A step where the pointer is, not rounded.
  at(clientX) {
    const { left, width } = this.strip.getBoundingClientRect();
    return Math.max(0, Math.min(1, (clientX - left) / width)) * this.count;
  }

  // Puts a mark over the steps from `start` up to `stop`.
  mark(name, start, stop) {
    const mark = this.find(name);
    const width = this.strip.clientWidth;
    const wide = Math.max(6, ((stop - start) / this.count) * width);
    const left = Math.min((start / this.count) * width, width - wide);
    mark.style.width = `${wide}px`;
    mark.style.transform = `translateX(${left}px)`;
    mark.hidden = false;
  }

  here(step) {
    this.find("here").hidden = step === null;
    if (step === null) return;
    const left = ((step + 0.5) / this.count) * this.strip.clientWidth;
    this.find("here").style.transform = `translateX(${left - 1}px)`;
  }

  place(start, stop) {
    this.window = [start, stop];
    this.find("frame").classList.toggle("whole", stop - start >= this.count);
    this.draw();
  }

  draw() {
    if (!this.window || !this.strip.clientWidth) return;
    this.mark("frame", ...this.window);
    const canvas = this.find("canvas");
    const ratio = devicePixelRatio || 1;
    canvas.width = this.strip.clientWidth * ratio;
    canvas.height = this.strip.clientHeight * ratio;
    this.paint(canvas.getContext("2d"), canvas.width, canvas.height);
  }

  // Every pixel shows the farthest of the columns in it: none is left out.
  paint(pen, width, height) {
    const look = getComputedStyle(this.strip);
    const [inside, outside] = ["--st-primary-color", "--st-text-color"].map((name) =>
      look.getPropertyValue(name).trim(),
    );
    const { values, count, window } = this;
    const each = values.length / width;
    for (let x = 0; x < width; x++) {
      const last = Math.max(Math.floor(x * each) + 1, Math.ceil((x + 1) * each));
      const far = Math.max(...values.subarray(Math.floor(x * each), last));
      const tall = Math.max(1, far * (height - 6));
      const step = ((x + 0.5) / width) * count;
      const isShown = step >= window[0] && step < window[1];
      pen.fillStyle = isShown ? inside : outside;
      pen.globalAlpha = isShown ? 1 : 0.3;
      pen.fillRect(x, height - tall, 1, tall);
    }
  }

  close() {
    this.resized.disconnect();
  }
}
