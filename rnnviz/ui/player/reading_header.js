// The header of a network of some cell that reads and answers as another does: what
// rnnviz/site/readings.py says of its inputs and its answer, over the panels of the cell.
function readingHeader(cell, reading) {
  const [{ signals }] = cell.network.layers;
  const own = (panels) => panels.filter(({ name }) => name in signals);
  const { answer, tokens, glue, readsNumbers, examples, isOneHot, text, readout, panels } = reading;
  const rows = panels.map(({ name, units }) => ({ name, rows: [...units.keys()] }));
  return {
    ...cell,
    ...{ answer, tokens, glue, readsNumbers, examples },
    arithmetic: cell.arithmetic && { ...cell.arithmetic, isOneHot },
    network: { ...cell.network, text, readout, panels: [...rows, ...own(cell.network.panels)] },
    player: { ...cell.player, panels: [...panels, ...own(cell.player.panels)] },
    looks: Object.fromEntries(Object.entries(cell.looks).map(([ground, look]) => [ground, readingLook(look, reading.looks[ground], signals)])),
  };
}

function readingLook(look, { figure, inks }, signals) {
  return { ...look, inks: { ...look.inks, ...inks }, figure: joinedFigure(figure, look.figure, signals) };
}
