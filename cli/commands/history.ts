// `history`: the life of a resource.

import { stringify } from 'yaml';
import { counted } from '../../src/counted.ts';
import { parseId } from '../../src/ids.ts';
import type { Call, Command } from '../command.ts';
import { fieldOf, type Gap } from '../compare/past.ts';
import { valueText } from '../compare/value-text.ts';
import { usageFailure } from '../failure.ts';
import { checkForm } from '../forms.ts';
import { idOf, readWords } from '../names.ts';
import { type Output, type Style, shown } from '../print/output.ts';
import { jsonOf, pathOf, type Source } from '../sources/source.ts';

export const history = {
  name: 'history',
  position: 6,
  summary: 'The life of one resource: its versions, relations that came and went, Events about it',
  usage: 'TYPE/NAME | TYPE NAME | ID',
  description: [
    'Asks a master that keeps history. Of what exists no more give the id, such as Pod:shop/redis-0.',
    'Objects of one name that were made one after the other are numbered.',
  ],
  options: ['from', 'to', 'relation', 'namespace', 'output'],
  words: {
    output: 'json, yaml; lines for people if not given',
    relation: 'Relations to tell of; * and ! as wildcards',
  },
  examples: [
    { line: 'history deploy/frontend -n shop', words: 'What became of a Deployment' },
    { line: "history Pod:shop/redis-0 --from -1h --relation '!runs'", words: 'An hour of a Pod, by its id' },
  ],
  run,
} as const satisfies Command;

interface Page {
  readonly id: string;
  readonly versions: readonly Version[];
  readonly relations: readonly RelationChange[];
  readonly events: readonly Event[];
  readonly gaps: readonly Gap[];
  readonly cursor?: string;
}

interface Version {
  readonly change: 'added' | 'changed' | 'removed';
  readonly timestamp: string;
  readonly incarnation: number;
  readonly observed: string;
  readonly notBefore?: string;
  readonly paths?: readonly {
    readonly path: string;
    readonly from?: unknown;
    readonly to?: unknown;
    readonly cut?: true;
  }[];
}

interface RelationChange {
  readonly change: 'came' | 'went';
  readonly timestamp: string;
  readonly type: string;
  readonly source: string;
  readonly target: string;
}

interface Event {
  readonly at: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

interface Line {
  readonly at: string;
  readonly style: Style | undefined;
  readonly text: string;
}

async function run(call: Call): Promise<number> {
  const { values, words, output } = call;
  checkForm(values.output, ['json', 'yaml']);
  const [name, ...rest] = readWords(words).names;
  if (name === undefined || rest.length > 0) throw usageFailure('history takes one resource: TYPE/NAME, or an id');
  const source = await call.open('around');
  try {
    const life = await lifeOf(source, await idOf(source, name, values.namespace), values);
    if (values.output === 'json') await output.line(JSON.stringify(life, null, 2));
    else if (values.output === 'yaml')
      await output.line(stringify(life, { aliasDuplicateObjects: false, lineWidth: 0 }));
    else await tell(output, life);
    return 0;
  } finally {
    await source.close();
  }
}

async function lifeOf(source: Source, id: string, { from, to, relation }: Call['values']): Promise<Page> {
  const { type, path } = parseId(id);
  const place = `/cluster/history/${encodeURIComponent(type)}/${path.split('/').map(encodeURIComponent).join('/')}`;
  const query = { from, to, relations: relation };
  const { cursor: next, ...first } = await jsonOf<Page>(source, pathOf(place, query));
  let whole: Page = first;
  for (let cursor = next; cursor !== undefined; ) {
    const page = await jsonOf<Page>(source, pathOf(place, { ...query, cursor }));
    whole = {
      ...whole,
      versions: [...whole.versions, ...page.versions],
      relations: [...whole.relations, ...page.relations],
      events: [...whole.events, ...page.events],
    };
    cursor = page.cursor;
  }
  return whole;
}

const styles = { added: 'green', removed: 'red', changed: 'yellow', came: 'green', went: 'red' } as const;

async function tell(output: Output, { versions, relations, events, gaps }: Page): Promise<void> {
  const lines: Line[] = [
    ...versions.flatMap(versionLines),
    ...relations.map(({ change, timestamp, source, type, target }) => ({
      at: timestamp,
      style: styles[change],
      text: `${change === 'came' ? '+' : '-'} ${source} ${type} ${target}`,
    })),
    ...events.map(({ at, type, reason, message }) => ({
      at,
      style: type === 'Warning' ? ('yellow' as const) : undefined,
      text: `  Event ${reason}: ${message}`,
    })),
    ...gaps.map(({ from, to, reason }) => ({
      at: from,
      style: 'yellow' as const,
      text: `  nothing is known until ${to} (${reason})`,
    })),
  ];
  for (const { at, style, text } of lines.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)))
    await output.line(`${at}  ${output.paint(style, shown(text))}`);
}

/** For a version with many changes the first suffice. */
const mostPaths = 6;

function versionLines({ change, timestamp, incarnation, observed, notBefore, paths = [] }: Version): Line[] {
  const seen = observed === 'watch' ? '' : ` (found by a ${observed}, not before ${notBefore})`;
  const number = incarnation > 1 ? ` as number ${incarnation}` : '';
  const line = (text: string): Line => ({ at: timestamp, style: styles[change], text });
  if (change !== 'changed') return [line(`${change === 'added' ? '+ is there' : '- went'}${number}${seen}`)];
  const told = paths.slice(0, mostPaths).map((each) => {
    const value = (one: unknown) => valueText(one, { cut: each.cut, most: 80 });
    return line(`~ ${fieldOf(each.path)}: ${value(each.from)} → ${value(each.to)}${seen}`);
  });
  const more = paths.length - mostPaths;
  return more > 0 ? [...told, line(`~ and ${counted(more, 'field')} more`)] : told;
}
