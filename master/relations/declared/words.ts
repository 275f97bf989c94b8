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

export function sentenceOf(declaration: Declaration, relation: string): string {
  if (declaration.sentence) return declaration.sentence;
  const from = [declaration.from].flat().map(plainKind).join(' or ');
  const path = [pathOf(declaration) ?? ''].flat().join(', ');
  const to = declaration.to === undefined ? 'object' : plainKind(declaration.to);
  const verb = relation.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  if (path === '')
    return `${capital(article(from))} is not asked for ${(declaration.without ?? []).join(', ')} by structure.`;
  if (declaration.label ?? declaration.annotation)
    return `${capital(article(to))} ${verb} what names it in ${declaration.label ? 'the label' : 'the annotation'} ${path}.`;
  const named = declaration.host
    ? 'what the host leads to'
    : declaration.selector
      ? `what the selector matches`
      : `the ${to} it names`;
  return `${capital(article(from))} ${verb} ${named} in ${path}.`;
}

function plainKind(type: string): string {
  if (type === '*') return 'object';
  if (type.startsWith('*')) return 'custom object';
  const dot = type.indexOf('.');
  return dot < 0 ? type : type.slice(0, dot);
}

function article(noun: string): string {
  return `${/^[AEIO]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}
