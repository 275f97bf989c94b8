// Reports what an answer lacks: kinds that are forbidden, unreadable or left out, silent minions. The reader of an empty
// table must know whether anything was read.
import type { SourceState } from '../../src/model.ts';
import { failed } from '../failure.ts';
import type { Source } from './source.ts';
import { jsonOf } from './source.ts';

/** Maximum kinds or minions named in a line. */
const mostNamed = 3;

/** States without gaps, or with intended ones. */
const settled: ReadonlySet<string> = new Set(['synced', 'polled', 'absent', 'excluded']);

const words: { readonly [state: string]: string } = {
  forbidden: 'may not be read',
  stale: 'could not be read, and may have changed since',
  syncing: 'are not read yet',
};

/** Wraps a source; reports gaps when it was used and is closed. */
export function tellingGaps(source: Source, warn: (line: string) => void): Source {
  let answered = false;
  return {
    ...source,
    async ask(path) {
      const answer = await source.ask(path);
      answered ||= answer.status === 200;
      return answer;
    },
    async close() {
      if (answered) for (const line of await gapsOf(source)) warn(line);
      await source.close();
    },
  };
}

/** Empty if they cannot be requested: then the answer itself has reported the error. */
async function gapsOf(source: Source): Promise<string[]> {
  try {
    const path = '/cluster/resources/cluster?properties=false';
    const { completeness } = await jsonOf<{ completeness?: CompletenessAnswer }>(source, path);
    return completeness ? linesOf(completeness, source.remedy) : [];
  } catch {
    return [];
  }
}

export function linesOf(completeness: CompletenessAnswer, remedy?: string): string[] {
  const { complete, reason, kinds = {}, minions = {}, groups = {} } = completeness;
  const lines = [...Map.groupBy(gaps(kinds), ([, { state }]) => state)].map(([state, list]) => {
    const said = `not complete: ${counted(list, 'kind')} ${words[state] ?? `are ${state}`}`;
    return state === 'forbidden' && remedy ? `${said}; ${remedy}` : said;
  });
  const silent = gaps(minions);
  if (silent.length > 0)
    lines.push(`not complete: ${counted(silent, 'minion')} ${silent.length === 1 ? 'does' : 'do'} not answer`);
  const unknown = gaps(groups).filter(([, { state }]) => state === 'unknown');
  if (unknown.length > 0) lines.push(`not complete: ${counted(unknown, 'API group')} did not answer`);
  if (complete === false && lines.length === 0) lines.push(`not complete: ${reason ?? 'the cluster is not read yet'}`);
  return lines;
}

/** The parts of completeness that are reported. */
export interface CompletenessAnswer {
  readonly complete?: boolean;
  readonly reason?: string;
  readonly kinds?: { readonly [type: string]: SourceState };
  readonly minions?: { readonly [node: string]: SourceState };
  /** API groups that did not answer. */
  readonly groups?: { readonly [group: string]: SourceState };
}

type Gap = readonly [name: string, state: SourceState];

function gaps(states: { readonly [name: string]: SourceState }): Gap[] {
  return Object.entries(states).filter(([, { state }]) => !settled.has(state));
}

/** Frequently used kinds are named first. */
const usual = ['Pod', 'Service', 'Deployment', 'Node', 'Namespace'];
const rankOf = (name: string): number => (usual.includes(name) ? usual.indexOf(name) : usual.length);

/** `57 kinds (Pod, Service, Node, …: the API server said so)`. Shows the first of several reasons. */
function counted(list: readonly Gap[], unit: string): string {
  const first = list.toSorted(([a], [b]) => rankOf(a) - rankOf(b));
  const names = first.slice(0, mostNamed).map(([name]) => name);
  const rest = list.length > mostNamed ? ', …' : '';
  const reason = first.find(([, each]) => each.reason)?.[1].reason;
  return `${list.length} ${unit}${list.length === 1 ? '' : 's'} (${names.join(', ')}${rest}${reason ? `: ${reason}` : ''})`;
}

/**
 * For an empty result.
 * @throws Failure if the types were not read at all.
 */
export function checkLooked(
  { completeness }: { readonly completeness?: CompletenessAnswer | undefined },
  types: readonly string[],
  place: string,
): void {
  const kinds = completeness?.kinds ?? {};
  for (const type of types) {
    const state = kinds[type];
    if (state === undefined || settled.has(state.state)) continue;
    const reason = state.reason ? `: ${state.reason}` : '';
    if (state.state === 'forbidden') throw failed(`Forbidden: ${type} cannot be listed${place}${reason}`);
    throw failed(`${type} ${words[state.state] ?? `is ${state.state}`}${place}${reason}`);
  }
}
