// The data kept per object to build trees.
import { fieldsOf, isName, isRecord, itemsOf, listOf } from '../../../src/fields.ts';
import type { KubernetesObject } from '../../../src/model.ts';

export interface TreeEntry {
  /** Its number in the spool. */
  readonly number: number;
  readonly uid: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** UIDs, the controller's first. */
  readonly owners: readonly string[];
  /** For a StatefulSet: names of its claim templates. */
  readonly templates?: readonly string[];
  /** For a PersistentVolume: UID of its bound claim. */
  readonly claim?: string;
  readonly builtIn: boolean;
}

/** Undefined without a UID. */
export function entryOf(object: KubernetesObject, number: number): TreeEntry | undefined {
  const { uid, name, namespace = '' } = object.metadata;
  const { kind = '', apiVersion = '' } = object;
  if (!isName(uid)) return undefined;
  const spec = fieldsOf(object.spec);
  const builtIn = !apiVersion.includes('.') || /(^|\.)k8s\.io\//.test(apiVersion);
  const claim = fieldsOf(spec?.['claimRef'])?.['uid'];
  return {
    number,
    uid,
    kind,
    name,
    namespace: String(namespace),
    owners: ownersOf(object),
    builtIn,
    ...(builtIn && kind === 'StatefulSet' ? { templates: templatesOf(spec?.['volumeClaimTemplates']) } : {}),
    ...(builtIn && kind === 'PersistentVolume' && isName(claim) ? { claim } : {}),
  };
}

function ownersOf(object: KubernetesObject): string[] {
  const owners = itemsOf(object.metadata.ownerReferences).filter((owner) => isRecord(owner) && isName(owner.uid));
  const ordered = owners.toSorted((a, b) => Number(b?.controller === true) - Number(a?.controller === true));
  return ordered.map((owner) => String(owner?.uid));
}

function templatesOf(templates: unknown): string[] {
  return listOf(templates).flatMap((template) => {
    const name = fieldsOf(fieldsOf(template)?.['metadata'])?.['name'];
    return isName(name) ? [name] : [];
  });
}
