// Compiles declarations to rules; numbers those with equal generated names.
import type { Rule } from '../relation.ts';
import { type Compiled, ruleOf } from './compile.ts';
import type { Declaration } from './declaration.ts';
import { nameOfRule } from './words.ts';

/** @throws Error at the first invalid one. */
export function rulesOf(declarations: readonly Declaration[], compiled: Compiled = 'now'): Rule[] {
  const names = new Set<string>();
  return declarations.map((declaration) => {
    const name = declaration.rule ?? freeName(nameOfRule(declaration), names);
    names.add(name);
    return ruleOf({ ...declaration, rule: name }, compiled);
  });
}

export function freeName(name: string, names: ReadonlySet<string>): string {
  if (!names.has(name)) return name;
  for (let n = 2; ; n++) if (!names.has(`${name}-${n}`)) return `${name}-${n}`;
}
