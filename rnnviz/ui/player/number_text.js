// Numbers as rnnviz/formatting.py writes them: three significant digits, a true minus sign.
function isPlain(size) {
  return size >= 1e-4 && size < 1e5;
}

function decimals(size) {
  return Math.max(0, 2 - Math.floor(Math.log10(size)));
}

function shortNumber(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const text = isPlain(size) ? value.toFixed(decimals(size)) : value.toExponential(1).replace("+", "");
  return text.replaceAll("-", "−");
}

// A share in whole percents, as the template writes them; none is rounded to certainty or to nothing.
function shareText(share, template) {
  const whole = Math.round(100 * share);
  const text = whole === 100 && share < 1 ? ">99" : whole === 0 && share > 0 ? "<1" : `${whole}`;
  return template.replace("{n}", text);
}
