// Body of a record of the class `metrics`: one minute of numbers by family and resource.
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { fault } from '../errors.ts';

const text = Type.String({ minLength: 1, maxLength: 1_024 });

const metricsBody = Type.Object({
  /** Since the epoch. */
  minute: Type.Integer({ minimum: 0, maximum: 1e9 }),
  families: Type.Array(text, { maxItems: 256 }),
  /** Per resource: its id, then alternating family index and number. */
  resources: Type.Array(Type.Tuple([text, Type.Array(Type.Number(), { maxItems: 512 })]), { maxItems: 20_000 }),
});

export type MetricsBody = Static<typeof metricsBody>;

const checked = Compile(metricsBody);

/** @throws Fault `bad_request` if invalid. */
export function readMetricsBody(body: unknown): MetricsBody {
  if (checked.Check(body)) return body;
  const [first] = checked.Errors(body);
  throw fault('bad_request', { reason: `metrics${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}` });
}
