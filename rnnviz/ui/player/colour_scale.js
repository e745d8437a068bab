// Colours between the stops of a scale.
const N_COLOURS = 256;

function colourScale({ low, high, stops }) {
  const scale = stops.map(([place, colour]) => [place, channels(colour)]);
  const colours = Array.from({ length: N_COLOURS }, (_, i) => {
    const place = i / (N_COLOURS - 1);
    const next = Math.max(1, scale.findIndex(([end]) => end >= place));
    const [[start, fromColour], [end, toColour]] = [scale[next - 1], scale[next]];
    const share = (place - start) / (end - start);
    return `rgb(${fromColour.map((value, c) => Math.round(value + share * (toColour[c] - value)))})`;
  });
  return { low, high, colours };
}

function channels(colour) {
  const digits = colour.startsWith("#") ? colour.match(/[0-9a-f]{2}/gi).map((two) => parseInt(two, 16)) : null;
  return digits ?? colour.match(/[\d.]+/g).map(Number);
}
