// A slide that fits its window: text becomes smaller until it does, then wider; figures follow the
// height.
const LEAST_TYPE = 0.75;
const LEAST_ALONE = 0.65; // of words alone, whose type is larger
const SHARES = [5, 6, 7]; // of twelve, that the words have beside a figure
const TYPE_STEP = 0.05;
const LINES_STEP = 60; // pixels; less than this is not worth a new drawing

class SlideFitting {
  constructor() {
    this.style = document.documentElement.style;
    this.onResize = () => this.resize();
    window.addEventListener("resize", this.onResize);
    this.observer = new MutationObserver((changes) => {
      // Charts change under the pointer; their room stays the same.
      if (changes.some((change) => !inChart(change.target))) this.schedule();
    });
    const whole = { childList: true, characterData: true, subtree: true };
    this.observer.observe(document.querySelector("[data-testid=stMain]"), whole);
  }

  // `lines` is the height that the figures are drawn for; `report` asks for another.
  show(lines, report) {
    this.lines = lines;
    this.report = report;
    this.resize();
  }

  resize() {
    const height = Math.min(innerHeight, 0.75 * innerWidth);
    const wanted = LINES_STEP * Math.max(6, Math.floor(height / LINES_STEP));
    if (wanted !== this.lines && wanted !== this.wanted) {
      this.wanted = wanted;
      this.report(wanted);
    }
    this.schedule();
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.fit();
    });
  }

  fit() {
    const isAlone = !document.querySelector(".st-key-slide_pictures");
    const least = (isAlone ? LEAST_ALONE : LEAST_TYPE) - TYPE_STEP / 2;
    for (const share of SHARES) {
      this.style.setProperty("--slide-words", share);
      for (let type = 1; type > least; type -= TYPE_STEP) {
        this.style.setProperty("--slide-type", type.toFixed(2));
        // A narrow window scrolls.
        if (innerWidth < 800 || fits()) return;
      }
    }
  }

  close() {
    window.removeEventListener("resize", this.onResize);
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    this.style.removeProperty("--slide-type");
    this.style.removeProperty("--slide-words");
  }
}

function inChart(node) {
  return Boolean((node.closest ? node : node.parentElement)?.closest(".js-plotly-plot"));
}

function fits() {
  return [...document.querySelectorAll(".st-key-slide_words")].every(
    (part) =>
      part.scrollHeight <= part.clientHeight + 1 && part.scrollWidth <= part.clientWidth + 1,
  );
}
