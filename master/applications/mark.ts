// An object's marks of its application: the recommended labels, and those of Helm, Argo CD and Flux.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels
import { isName, isRecord } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { ApplicationMark } from './application.ts';

interface Place {
  readonly in: 'labels' | 'annotations';
  readonly key: string;
  readonly field: string;
  /** Extracts the application's name. */
  readonly nameOf?: (text: string) => string;
}

const place = (list: Place['in'], key: string, nameOf?: Place['nameOf']): Place => ({
  in: list,
  key,
  field: `metadata.${list}["${key}"]`,
  ...(nameOf ? { nameOf } : {}),
});

/** `app:group/Kind:namespace/name`, optionally with the Application's namespace before an underscore. */
function trackedApplication(id: string): string {
  const name = id.slice(0, Math.max(0, id.indexOf(':')));
  return name.slice(name.indexOf('_') + 1);
}

const places: readonly Place[] = [
  place('labels', 'app.kubernetes.io/part-of'),
  place('labels', 'app.kubernetes.io/instance'),
  place('labels', 'app.kubernetes.io/name'),
  place('annotations', 'meta.helm.sh/release-name'),
  place('annotations', 'argocd.argoproj.io/tracking-id', trackedApplication),
  place('labels', 'argocd.argoproj.io/instance'),
  place('labels', 'helm.toolkit.fluxcd.io/name'),
  place('labels', 'kustomize.toolkit.fluxcd.io/name'),
];

const mostLetters = 253;
const mostKnown = 20_000;
const known = new Map<string, ApplicationMark>();

/** The first existing mark in list order. Equal marks mostly share one object. */
export function markOf({ metadata }: KubernetesObject): ApplicationMark | undefined {
  const { labels, annotations } = metadata;
  if (!isRecord(labels) && !isRecord(annotations)) return undefined;
  for (const { in: list, key, field, nameOf } of places) {
    const text = (list === 'labels' ? labels : annotations)?.[key];
    if (!isName(text) || text.length > mostLetters * 4) continue;
    const name = (nameOf ? nameOf(text) : text).slice(0, mostLetters);
    if (name) return interned(name, field);
  }
  return undefined;
}

export function interned(name: string, field: string): ApplicationMark {
  const key = `${name}\n${field}`;
  const one = known.get(key);
  if (one) return one;
  const made = { name, field };
  if (known.size >= mostKnown) known.clear();
  known.set(key, made);
  return made;
}
