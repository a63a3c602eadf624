// When the faces that come along are drawn with. A line that brings them at once brings them before anything is drawn: words
// would move if they came later. On a poor line words come first, in the machine's own faces, and stay so: ours are fetched
// when everything else is there, and the next page has them.

const wanted = ["1em 'Source Sans 3'", "600 1em 'Source Sans 3'", "1em 'Roboto Mono'", '1em Amiri', '600 1em Amiri'];
const load = async (): Promise<unknown> => Promise.allSettled(wanted.map((face) => document.fonts.load(face, 'Aع')));

/** Bytes a millisecond below which a line is poor: 2.4 Mbit/s, at which the Latin faces (45 kB) take 150 ms. */
const poor = 300;
/** Those who wait for faces wait no longer than this. */
const patience = 500;
const later = 3000;

/** Whether this page was brought by a poor line, by its largest script; what was kept from before came by none. */
function cameSlowly(): boolean {
  const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'));
  const paces = (scripts as PerformanceResourceTiming[])
    .toSorted((a, b) => b.encodedBodySize - a.encodedBodySize)
    .slice(0, 1)
    .filter(({ transferSize }) => transferSize > 0)
    .map(({ encodedBodySize, responseStart, responseEnd }) => encodedBodySize / (responseEnd - responseStart));
  return paces.some((pace) => pace < poor);
}

/** Settles when drawing may begin. */
export async function faces(): Promise<void> {
  if (cameSlowly()) {
    setTimeout(() => void load(), later);
    return;
  }
  await Promise.race([load(), new Promise((resolve) => setTimeout(resolve, patience))]);
  document.documentElement.dataset['faces'] = '';
}
