// Paths of declared rules: `spec.triggers[].authenticationRef`, `spec.pools{}.secretName` (each value of a map),
// `spec.template?.spec` (optional part), `metadata.annotations["a.example.com/b"]`.

interface Step {
  readonly name: string;
  /** `[]` or `{}` after the name, each as often as written. */
  readonly into: readonly ('list' | 'map')[];
}

/** A value, its container, and its exact path, built on demand. */
export interface Found {
  readonly value: unknown;
  readonly up: Found | undefined;
  path(): string;
  /** Puts another value there, where something stands there still. */
  replace(value: unknown): void;
}

export interface Path {
  /** Without optional parts, for documentation: in the notation of other rules' fields. */
  readonly patterns: readonly string[];
  visit(object: unknown, visit: (found: Found) => void): void;
}

const name = String.raw`[A-Za-z_$][\w$-]*|\["[^"]+"\]`;
const stepForm = new RegExp(String.raw`^\.?(${name})((?:\[\]|\{\})*)(\??)`);
const mostSteps = 32;
const mostOptional = 4;

/** @throws Error for an invalid path. */
export function parsePath(text: string): Path {
  const ways = expanded(stepsIn(text));
  const patterns = ways.map(patternOf);
  return {
    patterns,
    visit(object, visit) {
      for (const steps of ways) if (leadsIn(object, steps)) walk(new At(object), steps, 0, visit);
    },
  };
}

type Optional = Step & { readonly optional: boolean };

function stepsIn(text: string): Optional[] {
  const steps: Optional[] = [];
  for (let rest = text; rest !== ''; ) {
    const [whole = '', written = '', into = '', mark] = stepForm.exec(rest) ?? [];
    const isFirst = steps.length === 0;
    if (whole === '' || (isFirst && whole.startsWith('.')) || (!isFirst && !/^[.[]/.test(rest)))
      throw new Error(
        `${JSON.stringify(text)} is not a path at ${JSON.stringify(rest)}: write such as spec.items[].name`,
      );
    steps.push({ name: plainName(written), into: partsOf(into), optional: mark === '?' });
    rest = rest.slice(whole.length);
  }
  if (steps.length === 0 || steps.length > mostSteps) throw new Error(`a path has 1 to ${mostSteps} parts`);
  if (steps.filter(({ optional }) => optional).length > mostOptional)
    throw new Error(`a path has at most ${mostOptional} optional parts`);
  if (steps.at(-1)?.optional) throw new Error('the last part of a path cannot be optional');
  return steps;
}

function plainName(written: string): string {
  return written.startsWith('[') ? written.slice(2, -2) : written;
}

function partsOf(into: string): ('list' | 'map')[] {
  return (into.match(/../g) ?? []).map((pair) => (pair === '[]' ? 'list' : 'map'));
}

/** All variants of the path, with and without optional parts. */
function expanded(steps: readonly Optional[]): Step[][] {
  let ways: Step[][] = [[]];
  for (const { optional, ...step } of steps) {
    const withIt = ways.map((way) => [...way, step]);
    ways = optional ? [...withIt, ...ways] : withIt;
  }
  return ways;
}

function patternOf(steps: readonly Step[]): string {
  return steps.reduce((path, { name: step, into }) => below(path, step) + into.map(() => '[]').join(''), '');
}

/** Path of a field below another. */
export function below(path: string, step: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(step)) return `${path}[${JSON.stringify(step)}]`;
  return path === '' ? step : `${path}.${step}`;
}

/** A position as a chain up to the object: most paths are never written out. */
class At implements Found {
  readonly value: unknown;
  readonly up: At | undefined;
  readonly #step: string | number;

  constructor(value: unknown, up?: At, step: string | number = '') {
    this.value = value;
    this.up = up;
    this.#step = step;
  }

  replace(value: unknown): void {
    const holder = this.up?.value as { [step: string | number]: unknown } | undefined;
    if (holder && Object.hasOwn(holder, this.#step)) holder[this.#step] = value;
  }

  path(): string {
    if (!this.up) return '';
    const above = this.up.path();
    return typeof this.#step === 'number' ? `${above}[${this.#step}]` : below(above, this.#step);
  }
}

/** Most objects have nothing there: check this before allocating anything. */
function leadsIn(object: unknown, steps: readonly Step[]): boolean {
  let at = object;
  for (const { name: field, into } of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, field)) return false;
    at = (at as { readonly [field: string]: unknown })[field];
    if (into.length > 0) return typeof at === 'object' && at !== null;
  }
  return true;
}

function walk(from: At, steps: readonly Step[], depth: number, visit: (found: Found) => void): void {
  const step = steps[depth];
  if (!step) return visit(from);
  const { value } = from;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step.name)) return;
  const next = (value as { readonly [field: string]: unknown })[step.name];
  enter(new At(next, from, step.name), step.into, 0, (each) => walk(each, steps, depth + 1, visit));
}

function enter(from: At, into: Step['into'], depth: number, then: (each: At) => void): void {
  const way = into[depth];
  if (way === undefined) return then(from);
  const { value } = from;
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== (way === 'list')) return;
  if (Array.isArray(value)) {
    (value as unknown[]).forEach((each, i) => enter(new At(each, from, i), into, depth + 1, then));
    return;
  }
  for (const [key, inner] of Object.entries(value)) enter(new At(inner, from, key), into, depth + 1, then);
}

/** Reads the values of a field: from the object or, with leading dots, from around a reference. */
export type Reader = (object: unknown, found: Found, visit: (value: unknown) => void) => void;

/** `.weight` is a field of the reference or, if that is just a text, of its record; each further dot goes one record up. */
export function readerOf(field: string): Reader {
  const dots = /^\.*/.exec(field)?.[0].length ?? 0;
  const path = parsePath(field.slice(dots));
  return (object, found, visit) =>
    path.visit(dots === 0 ? object : recordAbove(found, dots), ({ value }) => visit(value));
}

function recordAbove(found: Found, dots: number): unknown {
  let left = dots;
  for (let at: Found | undefined = found; at; at = at.up) {
    const isRecord = typeof at.value === 'object' && at.value !== null && !Array.isArray(at.value);
    if (isRecord && --left === 0) return at.value;
  }
  return undefined;
}
