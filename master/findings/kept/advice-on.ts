// Advice on one resource, found on demand: from the resource itself, its owners and what it owns.
import { timestampOf, type WallTime } from '../../../src/clock.ts';
import { runAtOnce } from '../../../src/steps.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import type { Finding } from '../contract.ts';
import type { FindingRule } from '../finding-rule.ts';
import { Asked } from './asked.ts';
import type { Examiner } from './examiner.ts';
import { FindingTable } from './finding-table.ts';
import type { LookingView } from './looking-view.ts';
import { RulesByType } from './rules-by-type.ts';

/** Maximum owned resources to examine. */
const mostOwned = 100;

/** `now` in milliseconds since the epoch. */
export function adviceOn(
  vertex: Vertex,
  rules: readonly FindingRule[],
  examiner: Examiner,
  now: number,
): Iterable<Finding> {
  const table = new FindingTable();
  const view = examiner.view();
  view.turnTo(vertex.id, now);
  const byType = new RulesByType(rules);
  for (const subject of kinOf(vertex, view)) {
    const asked = new Asked([]);
    examiner.ask(byType.of(subject.type), subject, asked, view);
    table.replace(subject.id, asked.drafts);
  }
  runAtOnce(table.settle(timestampOf(now as WallTime)));
  return table.about(vertex.id);
}

/** The resource, its topmost owner, and what is owned on the way down and one step below. */
function kinOf(vertex: Vertex, view: LookingView): ReadonlySet<Vertex> {
  const kin = new Set([vertex, view.rootOf(vertex)]);
  for (const { target } of view.out(vertex, 'owns', 'monitors').slice(0, mostOwned))
    if (target.present) kin.add(target);
  return kin;
}
