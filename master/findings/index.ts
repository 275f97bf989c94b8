// The checked registry of findings.
import * as all from './all.ts';
import { checkedFindingRules } from './check.ts';
import type { FindingRule } from './finding-rule.ts';

export const findingRules: readonly FindingRule[] = checkedFindingRules(Object.values(all));
