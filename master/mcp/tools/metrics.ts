// `metrics`: recent usage of a resource, beside its requests.
import { Type } from 'typebox';
import type { Steps } from '../../../src/steps.ts';
import { spanOf } from '../../routes/numbers-span.ts';
import { tell } from '../../routes/numbers-told.ts';
import { shownId } from '../shown.ts';
import { id, resourceMeant } from './parameters.ts';
import { type Found, type Row, toolOf } from './tool.ts';

const usual = '15m';
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
    'Processor, memory, network and disks of a resource (the sum over its containers) within the last hour: last, mean and highest of the minutes, beside requests and limits.',
  parameters: {
    id,
    range: Type.Optional(Type.String({ description: `At most 60m; ${usual} if not given`, pattern: '^[1-9]\\d?m$' })),
  },
  row: { name: Type.String(), unit: Type.String(), last: number, mean: number, highest: number },
  budget: 2 << 10,
  line: metricsLine,
  *answer({ id: asked, range = usual }, context): Steps<Found> {
    const { graph, series, now = Date.now } = context;
    const vertex = resourceMeant(asked, 'id', context);
    const [from, to] = spanOf(undefined, range, now());
    const { families, ...others } = yield* tell({ graph, series, from, to }, vertex);
    const rows = Object.entries(families as { readonly [name: string]: Told }).map(rowOf);
    return {
      revision: graph.revision,
      timestamp: graph.timestamp,
      completeness: graph.completeness(),
      summary: {
        of: shownId(vertex.id),
        range,
        ...(others as Found['summary']),
        ...(rows.length === 0 ? { numbers: 'no source provides any: see insight://completeness' } : {}),
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
