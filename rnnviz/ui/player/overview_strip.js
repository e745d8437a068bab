// Strip of a whole long sequence: activity of every column, the window, and the current step.
class OverviewStrip {
  constructor(find) {
    this.find = find;
    this.strip = find("strip");
    this.resizeObserver = new ResizeObserver(() => this.draw());
    this.resizeObserver.observe(this.strip);
  }

  show(values, count) {
    this.values = values;
    this.count = count;
  }

  // Step under the pointer, not rounded.
  stepAt(clientX) {
    const { left, width } = this.strip.getBoundingClientRect();
    return Math.max(0, Math.min(1, (clientX - left) / width)) * this.count;
  }

  // Moves a marker over the steps from `start` up to `stop`.
  mark(name, start, stop) {
    const mark = this.find(name);
    const width = this.strip.clientWidth;
    const size = Math.max(6, ((stop - start) / this.count) * width);
    const left = Math.min((start / this.count) * width, width - size);
    mark.style.width = `${size}px`;
    mark.style.transform = `translateX(${left}px)`;
    mark.hidden = false;
  }

  markStep(step) {
    this.find("step").hidden = step === null;
    if (step === null) return;
    const left = ((step + 0.5) / this.count) * this.strip.clientWidth;
    this.find("step").style.transform = `translateX(${left - 1}px)`;
  }

  setWindow(start, stop) {
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

  // Every pixel shows the largest of its columns, so that no spike is lost.
  paint(context, width, height) {
    const style = getComputedStyle(this.strip);
    const [inside, outside] = ["--st-primary-color", "--st-text-color"].map((name) =>
      style.getPropertyValue(name).trim(),
    );
    const { values, count, window } = this;
    const columns = values.length / width;
    for (let x = 0; x < width; x++) {
      const last = Math.max(Math.floor(x * columns) + 1, Math.ceil((x + 1) * columns));
      const peak = Math.max(...values.subarray(Math.floor(x * columns), last));
      const bar = Math.max(1, peak * (height - 6));
      const step = ((x + 0.5) / width) * count;
      const isShown = step >= window[0] && step < window[1];
      context.fillStyle = isShown ? inside : outside;
      context.globalAlpha = isShown ? 1 : 0.3;
      context.fillRect(x, height - bar, 1, bar);
    }
  }

  close() {
    this.resizeObserver.disconnect();
  }
}
