// A model spec of live_model.py with its arrays in place: in the header each is [start, size].
function modelOf(header, numbers) {
  const array = ([start, size]) => numbers.subarray(start, start + size);
  const arrays = (named) => Object.fromEntries(Object.entries(named).map(([name, at]) => [name, array(at)]));
  const layers = header.layers.map((layer) => ({
    ...layer,
    input: layer.input.map(array),
    hidden: layer.hidden.map(array),
    products: Object.fromEntries(Object.entries(layer.products).map(([gate, pair]) => [gate, pair.map(array)])),
    weights: arrays(layer.weights),
    initial: arrays(layer.initial),
  }));
  const readout = header.readout && {
    ...header.readout,
    weights: array(header.readout.weights),
    bias: array(header.readout.bias),
  };
  return { engine: new Engine({ layers, readout }), inputs: array(header.inputs) };
}
