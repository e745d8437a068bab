// Templates such as "unit {unit}, step {step}": a gap without a fact stays as it is.
function filled(template, facts) {
  return template.replace(/\{(\w+)\}/g, (gap, name) => facts[name] ?? gap);
}
