// Default name and sentence of a declaration.
import type { Declaration } from './declaration.ts';

/** `scaled-object-keda-sh-scale-target-ref`: kind, group and path. */
export function nameOfRule(declaration: Declaration): string {
  const [from = ''] = [declaration.from].flat();
  const path = [pathOf(declaration) ?? 'without'].flat()[0] ?? '';
  const words = `${kebab(from.replaceAll('*', 'any'))}-${kebab(path.replace(/^(spec|metadata)\./, ''))}`;
  return words.replace(/-+/g, '-').replace(/^[-0-9]+|-+$/g, '');
}

function kebab(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase();
}

function pathOf({ ref, name, selector, label, annotation, host }: Declaration) {
  return ref ?? name ?? selector ?? label ?? annotation ?? host;
}

/** Subject, verb and object, as `/rules` and docs/relations.md show it beside the types and fields. */
export function sentenceOf(declaration: Declaration, relation: string): string {
  if (declaration.sentence) return declaration.sentence;
  const paths = [pathOf(declaration) ?? []].flat();
  if (paths.length === 0)
    return `Structural rules for ${listOf(declaration.without ?? [], 'and')} skip ${subjects(declaration)}.`;
  const verb = verbOf(relation);
  const from = withArticle(listOf(kindsOf(declaration), 'or'));
  const to = plainKind(declaration.to ?? (declaration.selector ? 'Pod' : '*'));
  if (declaration.label ?? declaration.annotation) {
    const mark = declaration.label === undefined ? 'annotation' : 'label';
    return `${capital(withArticle(to))} ${verb} the ${subjects(declaration)} whose ${mark} ${paths.join(', ')} names it.`;
  }
  if (declaration.reverse) return `${capital(`the ${to} that ${from} names in ${placeOf(paths)}`)} ${verb} it.`;
  return `${capital(from)} ${verb} ${objectOf(declaration, to, paths)}${conditionOf(declaration)}.`;
}

function objectOf(declaration: Declaration, to: string, paths: readonly string[]): string {
  const areMany = paths.length > 1 || /\[\]|\{\}/.test(paths[0] ?? '');
  const noun = areMany ? plural(to) : to;
  if (declaration.host) return `the ${hostNoun(declaration, areMany)} named in ${placeOf(paths)}`;
  if (declaration.selector) {
    const [selector, matches] = paths.length > 1 ? ['selectors', 'match'] : ['selector', 'matches'];
    return `the ${plural(to)} that the ${selector} in ${placeOf(paths)} ${matches}`;
  }
  if (declaration.ref && declaration.relation !== undefined && declaration.relation !== 'refersTo')
    return `the ${noun} that ${placeOf(paths)} ${paths.length > 1 ? 'refer' : 'refers'} to`;
  return `the ${noun} named in ${placeOf(paths)}`;
}

function hostNoun({ served }: Declaration, areMany: boolean): string {
  const noun = areMany ? 'hosts' : 'host';
  return served ? noun : `${areMany ? 'Services or' : 'Service or'} ${noun}`;
}

/** What tells rules apart that read the same field. */
function conditionOf({ when }: Declaration): string {
  const conditions = [when ?? []].flat().map(({ field, exists, equals, in: oneOf }) => {
    const name = field.replace(/^\.+/, '');
    if (exists !== undefined) return `${name} is ${exists ? 'set' : 'not set'}`;
    return `${name} is ${oneOf ? valuesOf(oneOf.map(String)) : String(equals)}`;
  });
  return conditions.length > 0 ? `, if ${listOf(conditions, 'and')}` : '';
}

function valuesOf(values: readonly string[]): string {
  return values.length > 3 ? `${values[0]} or one of ${values.length - 1} others` : listOf(values, 'or');
}

/** The column of fields lists all of them. */
function placeOf([first = '', second, ...others]: readonly string[]): string {
  if (second === undefined) return first;
  return others.length === 0 ? `${first} and ${second}` : `${first} and ${others.length + 1} other fields`;
}

const verbs: ReadonlyMap<string, string> = new Map([
  ['allowsFrom', 'allows access from'],
  ['allowsTo', 'allows access to'],
  ['grantsTo', 'grants rights to'],
]);

/** `routesTo` is `routes to`, `attachedTo` is `is attached to`. */
function verbOf(relation: string): string {
  const words = relation.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return verbs.get(relation) ?? (/^(?:[a-z]+ed|bound|built|held|made) [a-z]+$/.test(words) ? `is ${words}` : words);
}

function subjects(declaration: Declaration): string {
  return listOf(kindsOf(declaration).map(plural), 'and');
}

/** Kinds of the same name in two groups are one word. */
function kindsOf({ from }: Declaration): readonly string[] {
  return [...new Set([from].flat().map(plainKind))];
}

function listOf(words: readonly string[], and: 'and' | 'or'): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((each) => each !== '').join(` ${and} `);
}

function plainKind(type: string): string {
  if (type === '*') return 'object';
  if (type.startsWith('*')) return 'custom object';
  const dot = type.indexOf('.');
  return dot < 0 ? type : type.slice(0, dot);
}

function plural(noun: string): string {
  if (/(?:s|x|ch)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** Letters of an abbreviation are said one by one: an HTTPProxy. */
function withArticle(noun: string): string {
  const isAn = /^(?:[AEIOaeio]|[FHLMNRSX](?=[A-Z]{2}))/.test(noun);
  return `${isAn ? 'an' : 'a'} ${noun}`;
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}
