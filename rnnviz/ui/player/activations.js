// Activation functions of one number; ACTIVATIONS is generated from rnnviz/core/activations.py.
const sigmoid = (z) => 1 / (1 + Math.exp(-Math.max(z, -708)));
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

function activationOf([kind, ...arguments_]) {
  return ACTIVATIONS[kind](...arguments_);
}

// Function of a name with its parameters, such as "elu(0.5)".
function activation(text) {
  const [name, numbers] = text.replace(")", "").split("(");
  return activationOf([name, ...(numbers ? numbers.split(",").map(Number) : [])]);
}
