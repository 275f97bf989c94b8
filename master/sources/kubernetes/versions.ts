// Order of resourceVersions. Within the history of one API server versions only increase; a lower one means another
// history: a restored backup of etcd, or a new etcd at the old address.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions

/** At most 128 bits, without leading zeros; other forms are opaque. `0` means any version. */
const decimal = /^[1-9]\d{0,38}$/;

export function isOrdered(version: string): boolean {
  return decimal.test(version);
}

/** Whether `version` is lower than `other`. False if either is opaque. */
export function isBefore(version: string, other: string): boolean {
  if (!isOrdered(version) || !isOrdered(other)) return false;
  return version.length === other.length ? version < other : version.length < other.length;
}

/** The higher version; the second if they are not comparable. */
export function laterOf(version: string, other: string): string {
  return isBefore(other, version) ? version : other;
}

/** An object is not of the history followed so far. */
export class OtherHistory extends Error {
  constructor(version: string, after: string, where: string) {
    super(`${where} at version ${version} after ${after}: the API server is in another history than before`);
    this.name = 'OtherHistory';
  }
}
