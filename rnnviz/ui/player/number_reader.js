// Typed numbers as rnnviz/inputs/numbers.py reads them: steps between semicolons or lines.
class NumberReader {
  constructor(width) {
    this.width = width;
  }

  // Labels of the steps and the inputs (step, input) of the first `most` steps; null for other than
  // `width` numbers a step, and for commas that may be decimal marks: 1,5 2,5.
  read(text, most) {
    const maybeDecimal = /^[;\s]*(?:[+−-]?\d+(?:,\d+)?(?:[;\s]+|$))+$/.test(text);
    if (maybeDecimal && (text.match(/\d,\d/g) || []).length > 1) return null;
    const steps = text.split(/[;\r\n]/).map((step) => step.split(/[,\s]+/).filter(Boolean)).filter((step) => step.length);
    const isOneRow = steps.length === 1 && !text.includes(";");
    const every = isOneRow ? steps[0].map((number) => [number]) : steps;
    const rows = every.slice(0, most);
    const inputs = Float64Array.from(rows.flat(), Number);
    if (!rows.length || rows.some((row) => row.length !== this.width) || !inputs.every(Number.isFinite)) return null;
    const labels = rows.map((row, step) => (this.width === 1 ? row[0] : String(step + 1)));
    return { tokens: labels, labels, inputs, isCut: every.length > most };
  }
}
