// `findings`: findings with causes and remedies.
import { Type } from 'typebox';
import type { Finding } from '../../findings/contract.ts';
import { findingTestOf, wantsAdvice } from '../../routes/finding-query.ts';
import { quoted, shown, shownId } from '../shown.ts';
import { namespace } from './parameters.ts';
import { type Found, type Row, toolOf } from './tool.ts';

const text = Type.Optional(Type.String());
const words = (description: string) => Type.Optional(Type.String({ description, minLength: 1, maxLength: 256 }));

export const findings = toolOf({
  name: 'findings',
  title: 'What is wrong',
  description:
    'What is broken or at risk, the worst first: where, how many suffer, what to do, and which finding explains it.',
  parameters: {
    namespace,
    name: words('Names, such as service-*'),
    severity: words('Such as high or >=medium'),
    class: words('broken, risk, advice or *'),
    caused: Type.Optional(Type.Boolean({ description: 'false: causes alone' })),
  },
  row: {
    severity: Type.String(),
    class: Type.String(),
    finding: Type.String(),
    id: Type.String(),
    what: Type.String(),
    field: text,
    affects: Type.Optional(Type.Integer()),
    because: text,
    accepted: text,
    remedy: Type.String(),
  },
  budget: 4 << 10,
  line: findingLine,
  async answer({ caused, ...asked }, context): Promise<Found> {
    const { graph, findings: desk } = context;
    const found = await desk.current(wantsAdvice(asked));
    const narrowing = { ...asked, ...(caused === undefined ? {} : { caused: String(caused) as 'true' | 'false' }) };
    const list = [...found.current()].filter(findingTestOf(narrowing, context, found));
    const undecided = [...found.undecided()];
    return {
      revision: graph.revision,
      timestamp: graph.timestamp,
      completeness: graph.completeness(),
      summary: {
        severities: countsBy(list, ({ severity }) => severity),
        accepted: list.filter(({ accepted }) => accepted).length,
        undecided: undecided.reduce((sum, { count }) => sum + count, 0),
      },
      total: list.length,
      row: (i) => rowOf(list[i] as Finding, { get: (id) => found.get(id) }),
      release: () => undefined,
    };
  },
});

function countsBy(list: readonly Finding[], keyOf: (finding: Finding) => string): { readonly [key: string]: number } {
  const counts: { [key: string]: number } = {};
  for (const each of list) counts[keyOf(each)] = (counts[keyOf(each)] ?? 0) + 1;
  return counts;
}

function rowOf(finding: Finding, { get }: { get(id: string): Finding | undefined }): Row {
  const { severity, class: of, name, resource, sentence, field, affected, causedBy, accepted, remedy } = finding;
  const cause = causedBy === undefined ? undefined : get(causedBy);
  return {
    severity,
    class: of,
    finding: shown(name),
    id: shownId(resource),
    what: shown(sentence),
    ...(field ? { field: shownId(field) } : {}),
    ...(affected.count > 0 ? { affects: affected.count } : {}),
    ...(cause ? { because: shownId(`${cause.name} ${cause.resource}`) } : {}),
    ...(accepted ? { accepted: shown(accepted.reason || accepted.by) } : {}),
    remedy: shown(remedy),
  };
}

function findingLine({
  severity,
  finding,
  id,
  what,
  field,
  affects,
  because,
  accepted,
  remedy,
  class: of,
}: Row): string {
  const parts = [
    `${String(severity)} ${String(of)} ${quoted(String(finding))} on ${quoted(String(id))}: ${quoted(String(what))}`,
    ...(field === undefined ? [] : [`by ${quoted(String(field))}`]),
    ...(affects === undefined ? [] : [`affects ${String(affects)}`]),
    ...(because === undefined ? [] : [`because of ${quoted(String(because))}`]),
    ...(accepted === undefined ? [] : [`accepted: ${quoted(String(accepted))}`]),
    `to do: ${quoted(String(remedy))}`,
  ];
  return parts.join(', ');
}
