// Functions of live_network.js, which the script of another component calls once a network is there.
const modelOf = (...given) => rnnvizMakers.modelOf(...given);
const chosenRows = (...given) => rnnvizMakers.chosenRows(...given);
const withWeights = (...given) => rnnvizMakers.withWeights(...given);
const drawnWeights = (...given) => rnnvizMakers.drawnWeights(...given);
const drawnReadout = (...given) => rnnvizMakers.drawnReadout(...given);
