// A chart beside the player's: its numbers, and cursor and future mask over it.
const linkedCharts = new WeakMap();

export default function mount({ data, parentElement }) {
  const header = unpack(data);
  const linked = linkedCharts.get(parentElement) ?? new LinkedChart(header);
  linkedCharts.set(parentElement, linked);
  linked.show(header);
  return () => {
    linkedCharts.get(parentElement)?.close();
    linkedCharts.delete(parentElement);
  };
}

class LinkedChart {
  constructor({ group, playhead }) {
    this.group = group;
    this.playhead = playheadOf(playhead);
    this.overlay = new Overlay(group, this.playhead);
    this.unsubscribe = this.playhead.subscribe(() => this.overlay.draw());
  }

  show(header) {
    this.playhead.addTrace(header, this);
    this.playhead.notify();
  }

  close() {
    this.playhead.removeTrace(this.group, this);
    this.unsubscribe();
    this.overlay.close();
  }
}
