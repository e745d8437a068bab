// Weights by name in the places of a network's numbers, where live_network.py puts them.

// `layers` are weights by name, `readout` has `weights` (output, unit) and `bias`; what is not a
// weight, as states and embeddings, stays as it is in `numbers`.
function withWeights({ network }, numbers, layers, readout) {
  const made = Float64Array.from(numbers);
  const put = ([start], values) => made.set(values, start);
  for (const [at, weights] of layers.entries()) placeLayer(network.layers[at], weights, put);
  if (network.readout) {
    const count = network.readout.bias[1];
    put(network.readout.weights, transposed(readout.weights, count));
    put(network.readout.bias, readout.bias);
  }
  return made;
}

function placeLayer(layer, weights, put) {
  const n = layer.sizes.unit;
  const place = ([matrix, bias], gates, role, biasRole) => {
    const columns = matrix[1] / (n * gates.length);
    put(matrix, besideEachOther(gates.map((gate) => squared(weights[`${gate}.${role}`], n, columns)), n, columns));
    const biasOf = (gate) => (`${gate}.${biasRole}` in layer.weights ? null : weights[`${gate}.${biasRole}`]);
    put(bias, gates.flatMap((gate) => Array.from(biasOf(gate) ?? new Float64Array(n))));
  };
  place(layer.input, layer.reading, "x", "b");
  if (layer.outside.length) place(layer.hidden, layer.outside, "h", "bh");
  for (const [gate, pair] of Object.entries(layer.products)) place(pair, [gate], "h", "bh");
  for (const [name, at] of Object.entries(layer.weights)) if (weights[name]) put(at, weights[name]);
}

// Matrices (unit, column) as one (column, gate · unit).
function besideEachOther(matrices, n, columns) {
  const joined = new Float64Array(matrices.length * n * columns);
  for (const [gate, matrix] of matrices.entries()) {
    for (let unit = 0; unit < n; unit++) {
      for (let column = 0; column < columns; column++)
        joined[(column * matrices.length + gate) * n + unit] = matrix[unit * columns + column];
    }
  }
  return joined;
}

// Of a one-to-one recurrence the diagonal alone is there.
function squared(weights, n, columns) {
  if (weights.length === n * columns) return weights;
  const square = new Float64Array(n * columns);
  for (let unit = 0; unit < n; unit++) square[unit * columns + unit] = weights[unit];
  return square;
}

// (row, column) as (column, row).
function transposed(values, rows) {
  const columns = values.length / rows;
  return Float64Array.from(values, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]);
}
