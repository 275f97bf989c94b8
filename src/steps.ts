// Interruptible work. It is pure: a caller with an event loop runs it in turns (master/turns.ts); a test runs it at once or
// changes the world between steps.

/** Returns its result. At each yield it may be paused, or abandoned: then its `finally` blocks run. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** What is known already. */
// oxlint-disable-next-line eslint/require-yield
export function* already<T>(value: T): Steps<T> {
  return value;
}

/** Runs all steps without a pause. */
export function runAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** True every `times` calls: interrupts a loop now and then. */
export function every(times: number): () => boolean {
  let left = times;
  return () => {
    if (--left > 0) return false;
    left = times;
    return true;
  };
}

/** Items examined between two pauses. */
const often = 256;

/** Groups items by key, keeping their order. */
export function* groupedInSteps<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Steps<Map<K, T[]>> {
  const groups = new Map<K, T[]>();
  const pause = every(often);
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
    if (pause()) yield;
  }
  return groups;
}

/** Shorter lists are sorted at once. */
const short = 1024;

/** A sorted copy; stable. */
export function* sortedInSteps<T>(items: Iterable<T>, compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = [];
  let run: T[] = [];
  for (const item of items) {
    if (run.push(item) < short) continue;
    runs.push(run.sort(compare));
    run = [];
    yield;
  }
  runs.push(run.sort(compare));
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2)
      merged.push(yield* mergedInSteps(runs[i] ?? [], runs[i + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergedInSteps<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  const merged: T[] = [];
  const pause = every(short);
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const takesA = j === b.length || (i < a.length && compare(a[i] as T, b[j] as T) <= 0);
    merged.push((takesA ? a[i++] : b[j++]) as T);
    if (pause()) yield;
  }
  return merged;
}
