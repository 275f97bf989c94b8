// The body of a record of the class `metrics`: what is known of resources for one minute, as numbers by family.
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { fault } from '../errors.ts';

const text = Type.String({ minLength: 1, maxLength: 1_024 });

const metricsBody = Type.Object({
  /** Since the epoch. */
  minute: Type.Integer({ minimum: 0, maximum: 1e9 }),
  families: Type.Array(text, { maxItems: 256 }),
  /** Of each resource its id, then pairs of the place of a family and a number, one behind the other. */
  resources: Type.Array(Type.Tuple([text, Type.Array(Type.Number(), { maxItems: 512 })]), { maxItems: 20_000 }),
});

export type MetricsBody = Static<typeof metricsBody>;

const checked = Compile(metricsBody);

/** @throws Fault `bad_request` for what is none. */
export function readMetricsBody(body: unknown): MetricsBody {
  if (checked.Check(body)) return body;
  const [first] = checked.Errors(body);
  throw fault('bad_request', { reason: `metrics${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}` });
}
