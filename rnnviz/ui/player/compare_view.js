// View of two runs, beside each other or subtracted, with one player, and what differs most.
const COMPARED = "compare";

class CompareView {
  // `find` finds a place of the page, `words` by name.
  constructor(find, words) {
    Object.assign(this, { find, words, parts: new PageParts(find), jump: 0 });
    find("sides").setAttribute("aria-label", words.sides);
    playheadOf(COMPARED).subscribe(() => this.tell());
  }

  // `about` says what is compared; the units of networks that are `apart` have only their numbers
  // in common, and nothing is subtracted.
  show(comparison, { about, isApart, isDifference, isNew }) {
    Object.assign(this, { comparison, isApart });
    this.find("compared").hidden = false;
    this.find("compare_about").textContent = about;
    this.jump += isNew ? 1 : 0;
    const playhead = playheadOf(COMPARED);
    if (!comparison.aligned[0].has(playhead.signal)) Object.assign(playhead, comparison.runs[0].model.picked);
    const charts = isDifference && !isApart ? [this.difference()] : comparison.runs.map((one, number) => this.beside(one, number));
    this.find("run_1").hidden = charts.length < 2;
    this.find("charts").classList.toggle("is-one", charts.length < 2);
    if (charts.length < 2) this.parts.close("compare_linked");
    charts.forEach((chart, number) => this.draw(chart, number));
    this.list();
    this.tell();
  }

  hide() {
    this.find("compared").hidden = true;
    this.comparison = null;
    this.parts.closeAll();
  }

  beside({ model, name }, number) {
    const { comparison } = this;
    const panels = comparison.panels(number);
    const labels = comparison.labels.map((_, column) => comparison.labelAt(number, column) ?? "");
    return { title: name, panels, labels, model, figure: figureOfRun(model.figure, panels, labels) };
  }

  difference() {
    const { comparison } = this;
    const [{ model, name }, { name: other }] = comparison.runs;
    const [panels, title] = [comparison.differences(), `${other} − ${name}`];
    const figure = differenceFigure(model.figure, model.difference, title);
    return { title, panels, labels: comparison.changes, model, figure: figureOfRun(figure, panels, comparison.changes) };
  }

  draw({ title, panels, labels, model, figure }, number) {
    this.find(`name_${number}`).textContent = title;
    const hasGaps = labels.includes("") || this.comparison.steps.flat().includes(null);
    const ground = hasGaps ? { plot_bgcolor: model.gapColour } : {};
    Plotly.react(this.find(`chart_${number}`), figure.data, { ...figure.layout, ...ground }, PLOT);
    let start = 0;
    const shown = [...panels.values()];
    const headers = shown.map(({ values, group, ...panel }) => ({ ...panel, start: (start += values.length) - values.length }));
    const tokens = number ? labels : this.comparison.labels;
    const header = { ...model.player, group: `run_${number}`, playhead: COMPARED, trace: `${title} ${PageModel.count}`, tokens };
    const place = { whole: labels.length, panels: headers, jump: this.jump, step: null, lifted: false, plays: false };
    const packet = pack({ ...header, ...place }, shown.map(({ values }) => values));
    if (number) this.parts.show("compare_linked", "linked_chart", packet);
    else this.parts.show("compare_player", "player", packet);
  }

  // The number that is picked, in both runs; of networks that are apart the mean size of the state.
  tell() {
    if (!this.comparison) return;
    const { comparison, words, isApart } = this;
    const { signal, unit, time } = playheadOf(COMPARED);
    const column = Math.min(time, comparison.nColumns - 1);
    const facts = { step: column + 1, token: comparison.labels[column] };
    const label = comparison.aligned[0].get(signal)?.label ?? comparison.aligned[1].get(signal)?.label ?? signal;
    const where = isApart ? filled(words.sizes, facts) : filled(words.here, { ...facts, signal: label, unit });
    const numbers = comparison.aligned.map((panels) => (isApart ? meanSize(panels.get("hidden"), column) : numberAt(panels.get(signal), unit, column)));
    const named = comparison.runs.map(({ name }, number) => `${name} ${Number.isNaN(numbers[number]) ? "—" : shortNumber(numbers[number])}`);
    this.find("compare_here").textContent = `${where} ${named.join(" · ")}`;
  }

  list() {
    const { comparison, words, isApart } = this;
    this.find("compare_most").hidden = isApart;
    this.find("compare_flips").textContent = isApart ? "" : this.flips();
    if (isApart) return;
    const [one, other] = comparison.runs.map(({ name }) => name);
    const { changes } = comparison;
    const { inks } = comparison.runs[0].model;
    const rows = comparison.sizes().map((size) => ({
      cells: [size.label, ...[size.max, size.mean].map(shortNumber), this.placeOf(size, changes), ...[size.one, size.other].map(shortNumber)],
      colour: inks[size.name],
      step: size.column,
      signal: size.name,
      unit: size.isApart ? null : Number(size.unit),
    }));
    const columns = [words.most_signal, words.most_largest, words.most_mean, words.most_where, one, other];
    const caption = filled(words.most, { names: `${other} − ${one}` });
    this.parts.show("compare_most", "jump_table", pack({ playhead: COMPARED, caption, columns, rows }));
  }

  placeOf({ column, axis, unit }, changes) {
    return `${filled(this.words.most_place, { step: column + 1, token: changes[column], axis })} ${unit}`;
  }

  flips() {
    const { comparison, words } = this;
    const flips = comparison.flips();
    if (!flips) return "";
    if (!flips.length) return words.agree;
    const [{ column, one, other }] = flips;
    return filled(words.flips.replaceAll("**", ""), { one, other, count: flips.length, steps: comparison.nColumns, step: column + 1 });
  }
}

function numberAt(panel, unit, column) {
  const row = panel ? panel.units.indexOf(String(unit)) : -1;
  return row < 0 ? NaN : panel.values[column * panel.units.length + row];
}

function meanSize({ values, units }, column) {
  const step = values.subarray(column * units.length, (column + 1) * units.length);
  return step.reduce((sum, value) => sum + Math.abs(value), 0) / units.length;
}
