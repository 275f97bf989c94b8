// What is kept of an object: without unused fields and secrets, reduced as its kind says.
import type { KubernetesObject } from '../../src/model.ts';
import { redactObject } from '../../src/redact.ts';
import type { Kind } from '../kinds/kind.ts';
import { reduceMeta } from '../kinds/reduce.ts';
import type { Found, Path } from '../relations/declared/path.ts';

/** Consumes the object. `secretNames`: paths to texts that are names of Secrets; undefined if nothing is to be redacted. */
export function reduceObject(
  kind: Pick<Kind, 'reduce'>,
  object: KubernetesObject,
  secretNames: readonly Path[] | undefined,
): KubernetesObject {
  reduceMeta(object);
  if (secretNames) redactButNames(object, secretNames);
  return kind.reduce ? kind.reduce(object) : object;
}

/** An object's name, optionally after its namespace. */
const objectName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$/;

/** Keeps texts that a rule reads as names of Secrets, although redaction would remove them because of their fields' names. */
function redactButNames(object: KubernetesObject, names: readonly Path[]): void {
  const kept: Found[] = [];
  for (const path of names) {
    path.visit(object, (found) => {
      if (typeof found.value === 'string' && objectName.test(found.value)) kept.push(found);
    });
  }
  redactObject(object);
  for (const found of kept) found.replace(found.value);
}
