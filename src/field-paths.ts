// Visits the values at a path such as `spec.rules[].http.paths[].backend`. The exact path of each is built on demand.

export type Visit = (value: unknown, path: () => string) => void;

interface Step {
  readonly name: string;
  readonly list: boolean;
}

/** A walker for one path: `[]` after a name stands for all elements of that list. */
export function walkerOf(pattern: string): (object: unknown, visit: Visit) => void {
  const steps = pattern.split('.').map((step): Step => {
    const list = step.endsWith('[]');
    return { name: list ? step.slice(0, -2) : step, list };
  });
  return (object, visit) => walk(object, steps, 0, [], visit);
}

function walk(at: unknown, steps: readonly Step[], depth: number, indexes: readonly number[], visit: Visit): void {
  const step = steps[depth];
  if (!step) return visit(at, () => pathOf(steps, indexes));
  if (typeof at !== 'object' || at === null) return;
  const value = (at as { readonly [name: string]: unknown })[step.name];
  if (!step.list) return walk(value, steps, depth + 1, indexes, visit);
  if (!Array.isArray(value)) return;
  for (let i = 0; i < value.length; i++) walk(value[i], steps, depth + 1, [...indexes, i], visit);
}

function pathOf(steps: readonly Step[], indexes: readonly number[]): string {
  let next = 0;
  return steps.map(({ name, list }) => (list ? `${name}[${indexes[next++]}]` : name)).join('.');
}
