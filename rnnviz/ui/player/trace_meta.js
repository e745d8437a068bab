// Signal and units of a Plotly trace. They are in a list: Plotly takes an equal
// object for a changed one.
function metaOf(data) {
  return data?.meta?.[0] ?? {};
}

// False for rows of inputs and outputs, which are no units of the layer.
function isUnit(data) {
  return !["inputs", "probabilities", "outputs", undefined].includes(metaOf(data).signal);
}
