// Activation functions of a cell state, named as in rnnviz/core/activations.py.
const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const clamped = (z, low, high) => Math.max(low, Math.min(high, z));
const elu = (alpha = 1) => (z) => (z > 0 ? z : alpha * Math.expm1(z));

const ACTIVATIONS = {
  sigmoid: () => sigmoid,
  tanh: () => Math.tanh,
  relu: () => (z) => Math.max(z, 0),
  linear: () => (z) => z,
  hard_sigmoid: (alpha = 0.2, beta = 0.5) => (z) => clamped(alpha * z + beta, 0, 1),
  hard_tanh: () => (z) => clamped(z, -1, 1),
  relu6: () => (z) => clamped(z, 0, 6),
  leaky_relu: (alpha = 0.01) => (z) => (z > 0 ? z : alpha * z),
  thresholded_relu: (alpha = 1) => (z) => (z > alpha ? z : 0),
  affine: (alpha = 1, beta = 0) => (z) => alpha * z + beta,
  scaled_tanh: (alpha = 1, beta = 1) => (z) => alpha * Math.tanh(beta * z),
  elu,
  selu: () => (z) => 1.0507009873554805 * elu(1.6732632423543772)(z),
  softsign: () => (z) => z / (1 + Math.abs(z)),
  softplus: () => softplus,
  silu: () => (z) => z * sigmoid(z),
  mish: () => (z) => z * Math.tanh(softplus(z)),
  exponential: () => Math.exp,
  log_sigmoid: () => (z) => -softplus(-z),
  positive: () => (z) => (z >= 0 ? z + 0.5 : sigmoid(z)),
};

// Function of a name with its parameters, such as "elu(0.5)".
function activation(spec) {
  const [name, numbers] = spec.replace(")", "").split("(");
  return ACTIVATIONS[name](...(numbers ? numbers.split(",").map(Number) : []));
}
