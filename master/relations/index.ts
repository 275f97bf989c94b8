// The checked registry of relation rules, by name. An invalid rule stops the process at load; fields of declared ones are compiled when
// they are asked, and by a test.
import * as all from './all.ts';
import { checkedRules } from './check.ts';
import { declaredRules } from './declared/index.ts';
import type { Rule } from './relation.ts';

export const rules: readonly Rule[] = checkedRules(Object.values(all), declaredRules);
