// `metrics`: usage of a resource, beside its requests: of the last hour, or of longer where a Prometheus has it.
import { Type } from 'typebox';
import { numbersAsked } from '../../routes/numbers-asked.ts';
import type { Numbered } from '../../routes/numbers-told.ts';
import { cut, shownId } from '../shown.ts';
import { id, resourceMeant } from './parameters.ts';
import { type Found, type Row, toolOf } from './tool.ts';

const usual = '15m';
/** Characters of a reason. */
const longest = 300;
const number = Type.Optional(Type.Number());

interface Told {
  readonly unit: string;
  readonly last: number | null;
  readonly values: readonly (number | null)[];
}

export const metrics = toolOf({
  name: 'metrics',
  title: 'What a resource uses',
  description:
    'Processor, memory, network and disks of a resource (the sum over its containers): last, mean and highest of a time, beside requests and limits. The last hour is known; more where a Prometheus is configured.',
  parameters: {
    id,
    range: Type.Optional(
      Type.String({
        description: `At most 1h, or 31d with a Prometheus; ${usual} if not given`,
        pattern: '^[1-9]\\d{0,3}[mhd]$',
      }),
    ),
    at: Type.Optional(Type.String({ description: 'Its end, RFC 3339; now if not given', minLength: 1, maxLength: 40 })),
  },
  row: { name: Type.String(), unit: Type.String(), last: number, mean: number, highest: number },
  budget: 2 << 10,
  line: metricsLine,
  async answer({ id: asked, range = usual, at }, context, running): Promise<Found> {
    const { graph, now = Date.now } = context;
    const vertex = resourceMeant(asked, 'id', context);
    const span = { at, range, now: now() };
    const about = { of: [vertex.id], asked: [vertex], span, source: undefined };
    const { resources, source, step, unknown } = await numbersAsked(running, context, about);
    const { families, ...others } = resources[vertex.id] as Numbered;
    const rows = Object.entries(families as { readonly [name: string]: Told }).map(rowOf);
    return {
      revision: graph.revision,
      timestamp: graph.timestamp,
      completeness: graph.completeness(),
      summary: {
        of: shownId(vertex.id),
        range,
        ...(at === undefined ? {} : { at }),
        ...{ source, secondsBetween: step / 1000 },
        ...(others as Found['summary']),
        ...(rows.length === 0 ? { numbers: 'no source provides any: see insight://completeness' } : {}),
        ...(unknown === undefined ? {} : { unknown: cut(unknown, longest) }),
      },
      total: rows.length,
      row: (i) => rows[i] as Row,
      release: () => undefined,
    };
  },
});

function rowOf([name, { unit, last, values }]: readonly [string, Told]): Row {
  const known = values.filter((value) => value !== null);
  const sum = known.reduce((all, value) => all + value, 0);
  return {
    name,
    unit,
    ...(last === null ? {} : { last: short(last) }),
    ...(known.length === 0 ? {} : { mean: short(sum / known.length), highest: short(Math.max(...known)) }),
  };
}

/** More digits are meaningless. */
function short(value: number): number {
  return Number(value.toPrecision(4));
}

function metricsLine({ name, unit, last, mean, highest }: Row): string {
  const told = Object.entries({ last, mean, highest }).flatMap(([word, value]) =>
    value === undefined ? [] : [`${word} ${String(value)}`],
  );
  return `${JSON.stringify(name)} in ${JSON.stringify(unit)}: ${told.join(', ') || 'nothing lately'}`;
}
