// A model as live_network.py sends it, with its arrays in place: in the header each is [start, size].
function modelOf({ layers, readout, inputs, text, gain, values }) {
  const numbers = Float64Array.from(values);
  const array = ([start, size]) => numbers.subarray(start, start + size);
  const mapped = (named, of) => Object.fromEntries(Object.entries(named).map(([name, at]) => [name, of(at)]));
  const withArrays = (layer) => ({
    ...layer,
    input: layer.input.map(array),
    hidden: layer.hidden.map(array),
    products: mapped(layer.products, (pair) => pair.map(array)),
    weights: mapped(layer.weights, array),
    initial: mapped(layer.initial, array),
  });
  const read = readout && { ...readout, weights: array(readout.weights), bias: array(readout.bias) };
  return {
    engine: new Engine({ layers: layers.map(withArrays), readout: read }),
    inputs: array(inputs),
    setWeights: (factor, changes, drawn = values) => setWeights(numbers, drawn, gain, factor, changes),
    reader: text ? new TextReader({ ...text, embedding: text.embedding && array(text.embedding) }) : null,
  };
}

// Some columns of numbers (time, unit).
function chosenRows(values, width, rows) {
  const nSteps = values.length / width;
  const chosen = new Float64Array(nSteps * rows.length);
  for (let step = 0, at = 0; step < nSteps; step++) {
    for (const row of rows) chosen[at++] = values[step * width + row];
  }
  return chosen;
}

// Weights as they were sent or drawn, the matrices of a random network times a factor, in float32 as Python
// rounds them; then single ones changed.
function setWeights(numbers, drawn, gain, factor, changes) {
  numbers.set(drawn);
  for (const [start, size] of gain?.of ?? []) for (let at = start; at < start + size; at++) numbers[at] *= factor;
  if (gain) for (let at = 0; at < numbers.length; at++) numbers[at] = Math.fround(numbers[at]);
  for (const { at, value } of changes) for (const place of at) numbers[place] = Math.fround(value);
}
