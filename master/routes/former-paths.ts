// Successors of the paths of 2015, and of paths that people try.
import { nearest } from '../../src/nearest.ts';

const successors: ReadonlyMap<string, string> = new Map([
  ['/graph', '/debug answers the graph as DOT, /cluster as JSON'],
  ['/elapsed', '/metrics says how long reads and requests take'],
  ['/minions_status', '/cluster/completeness says how every minion stands'],
  ['/image_info', '/version says which image runs'],
  ['/resources', '/cluster/resources answers resources'],
  ['/relations', '/cluster answers relations beside resources'],
  ['/watch', '/cluster/watch streams changes'],
  ['/swagger', '/docs is the page to try the interface'],
  ['/api', '/openapi.json describes the interface'],
]);

/** The end of a sentence that says where to ask instead. `paths` are those that are served. */
export function successorOf(path: string, paths: readonly string[]): string {
  const bare = path.replace(/\/+$/, '');
  const successor = successors.get(bare.toLowerCase());
  if (successor !== undefined) return `; ${successor}`;
  if (bare !== path && isServed(bare, paths)) return `; did you mean ${bare}?`;
  const whole = paths.filter((each) => !/[:*]/.test(each));
  const meant = whole.find((each) => each.toLowerCase() === bare.toLowerCase()) ?? nearest(bare, whole);
  return meant === undefined || meant === '/' ? '; /help lists what there is' : `; did you mean ${meant}?`;
}

/** `/cluster/resources/pods` is `/cluster/resources/:type`. */
function isServed(path: string, paths: readonly string[]): boolean {
  return paths.some((each) => new RegExp(`^${each.replace(/:\w+/g, '[^/]+').replace('*', '.+')}$`).test(path));
}
