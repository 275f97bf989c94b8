// Compiles declarations to rules; numbers those with equal generated names.
import type { Rule } from '../relation.ts';
import { ruleOf } from './compile.ts';
import type { Declaration } from './declaration.ts';
import { nameOfRule } from './words.ts';

/** @throws Error at the first invalid one. */
export function rulesOf(declarations: readonly Declaration[], taken: Iterable<string> = []): Rule[] {
  const names = new Set(taken);
  return declarations.map((declaration) => {
    const name = declaration.rule ?? freeName(nameOfRule(declaration), names);
    names.add(name);
    return ruleOf({ ...declaration, rule: name });
  });
}

export function freeName(name: string, names: ReadonlySet<string>): string {
  if (!names.has(name)) return name;
  for (let n = 2; ; n++) if (!names.has(`${name}-${n}`)) return `${name}-${n}`;
}
