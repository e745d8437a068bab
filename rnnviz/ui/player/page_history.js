// Makes the way to another page one entry of the browser's history. Streamlit makes up to three:
// the old page without its choices, the new page without any, and the new page with its own.
// Milliseconds between two entries of one way.
const AT_ONCE = 1000;

export default function mount() {
  if (!history.pushState.joins) joinEntries();
}

function joinEntries() {
  const push = history.pushState.bind(history);
  // The entry made last.
  const last = { href: "", isArrival: false, time: -Infinity };
  history.pushState = (state, title, url) => {
    const next = new URL(url ?? "", location.href);
    const isSamePage = next.pathname === location.pathname;
    // A page that is being left says nothing any more, and stays as it was.
    if (isSamePage && !saysChoices(next)) return;
    const isLast = location.href === last.href;
    // The choices of the new page may come before its name: the old one has them for a moment.
    const isEarly = next.search === location.search && performance.now() - last.time < AT_ONCE;
    const joins = isLast && (isSamePage ? last.isArrival : isEarly);
    if (joins) history.replaceState(state, title, url);
    else push(state, title, url);
    const isArrival = !isSamePage && !saysChoices(next);
    Object.assign(last, { href: next.href, isArrival, time: performance.now() });
  };
  history.pushState.joins = true;
}

// The app's own addresses all name the language.
function saysChoices({ searchParams }) {
  return searchParams.has("lang");
}
