// The body of a record of the class `findings`: what is wrong with the cluster as its master judges it. All that is found comes in one
// or several records, of which the first begins and the last ends the whole; then what changed. Findings are as GET /cluster/findings
// has them; what is not known here of one is handed on.
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { fault } from '../errors.ts';

const id = Type.String({ minLength: 1, maxLength: 2_048 });
const text = Type.String({ maxLength: 16_384 });

const finding = Type.Object({
  id,
  name: Type.String({ minLength: 1, maxLength: 253 }),
  class: Type.Enum(['broken', 'risk', 'advice']),
  severity: Type.Enum(['critical', 'high', 'medium', 'low', 'info']),
  resource: id,
  type: Type.String({ minLength: 1, maxLength: 512 }),
  namespace: Type.Optional(Type.String({ maxLength: 253 })),
  sentence: text,
  remedy: text,
  link: text,
  field: Type.Optional(text),
  path: Type.Array(
    Type.Object({ from: id, to: id, type: Type.String({ maxLength: 512 }), field: Type.Optional(text) }),
    { maxItems: 256 },
  ),
  affected: Type.Object({ count: Type.Integer({ minimum: 0 }), first: Type.Array(id, { maxItems: 64 }) }),
  since: Type.String({ maxLength: 35 }),
  causedBy: Type.Optional(id),
  accepted: Type.Optional(Type.Object({ reason: text, by: text })),
  possibly: Type.Optional(Type.Literal(true)),
  asOf: Type.Optional(Type.String({ maxLength: 35 })),
});

const findingsBody = Type.Object({
  /** Whether what was told before counts no more. */
  begins: Type.Optional(Type.Literal(true)),
  /** Whether all that is found was told with this. */
  whole: Type.Optional(Type.Literal(true)),
  /** Those that began or changed. */
  found: Type.Array(finding, { maxItems: 10_000 }),
  /** Of findings that harm more than they name: their ids, and the ids of all that they harm. */
  affected: Type.Optional(Type.Array(Type.Tuple([id, Type.Array(id, { maxItems: 1_000_000 })]), { maxItems: 10_000 })),
  /** Ids of those that ended. */
  ended: Type.Array(id, { maxItems: 100_000 }),
  /** What could not be decided, all of it. */
  undecided: Type.Optional(
    Type.Array(
      Type.Object({ name: Type.String({ maxLength: 253 }), reason: text, count: Type.Integer({ minimum: 0 }) }),
      {
        maxItems: 10_000,
      },
    ),
  ),
});

export type FindingsBody = Static<typeof findingsBody>;

const checked = Compile(findingsBody);

/** @throws Fault `bad_request` for what is none. */
export function readFindingsBody(body: unknown): FindingsBody {
  if (checked.Check(body)) return body;
  const [first] = checked.Errors(body);
  throw fault('bad_request', { reason: `findings${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}` });
}
