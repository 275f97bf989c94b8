// What is asked of a Prometheus, in PromQL. Pure.
import type { EndForm, Mapping, Selected, Word } from './mapping.ts';

/** Seconds in which a counter must have grown: scrapes may be a minute apart. */
const growth = 300;
/** Seconds: a Prometheus that stopped scraping answers for five minutes with what it had. */
const stale = 150;

/** How many series there are, whether they say something now or not. */
export function countQuery({ match }: Selected): string {
  return `count(${match})`;
}

/**
 * One series for each set of the labels that count. A counter that was first scraped at its final value has no increase: it
 * is seen by not having been there before.
 */
export function seenQuery({ match, seen }: Selected, labels: readonly string[]): string {
  const fresh = `timestamp(${match}) > (time() - ${stale})`;
  const forms = {
    increase: `(increase(${match}[${growth}s]) > 0) or (((${match} > 0) and (${fresh})) unless (${match} offset ${growth}s))`,
    positive: `(${match} > 0) and (${fresh})`,
    present: `${match} and (${fresh})`,
  };
  return `group by (${labels.join(', ')}) (${forms[seen]})`;
}

/** Every label that a mapping looks at, sorted. */
export function labelsOf({ source, target, via, port, ignore }: Mapping): string[] {
  const forms = [...source, ...target, ...via].flatMap(labelsOfForm);
  return [...new Set([...forms, ...port, ...Object.keys(ignore)])].toSorted();
}

function labelsOfForm(form: EndForm): readonly string[] {
  if ('pattern' in form) return [form.pattern.label];
  if ('address' in form) return labelsOfWord(form.address);
  return Object.values(form as { readonly [form: string]: { readonly [part: string]: Word | undefined } }).flatMap(
    (parts) => Object.values(parts).flatMap((word) => (word === undefined ? [] : labelsOfWord(word))),
  );
}

function labelsOfWord(word: Word): readonly string[] {
  if (typeof word === 'string') return [word];
  return 'is' in word ? [] : word;
}
