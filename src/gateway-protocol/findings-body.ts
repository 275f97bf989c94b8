// Body of a record of the class `findings`, sent by the cluster's master. All findings come first, in one or several records: the
// first has `begins`, the last `whole`. Later records have changes. Findings have the form of GET /cluster/findings; unknown
// fields are passed on.
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
  /** Whether earlier records are obsolete. */
  begins: Type.Optional(Type.Literal(true)),
  /** Whether all findings are sent with this record. */
  whole: Type.Optional(Type.Literal(true)),
  /** Findings that began or changed. */
  found: Type.Array(finding, { maxItems: 10_000 }),
  /** For findings that affect more resources than they list: their ids, and the ids of all affected resources. */
  affected: Type.Optional(Type.Array(Type.Tuple([id, Type.Array(id, { maxItems: 1_000_000 })]), { maxItems: 10_000 })),
  /** Ids of findings that ended. */
  ended: Type.Array(id, { maxItems: 100_000 }),
  /** Everything that could not be decided. */
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

/** @throws Fault `bad_request` if invalid. */
export function readFindingsBody(body: unknown): FindingsBody {
  if (checked.Check(body)) return body;
  const [first] = checked.Errors(body);
  throw fault('bad_request', { reason: `findings${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}` });
}
