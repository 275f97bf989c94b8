// Order of resourceVersions. The versions of one history of one API server only ever go up; a lower one is of another
// history: etcd was restored from a backup, or is a new one behind the old address.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions

/** At most 128 bits, without leading zeros; what is not of this form is opaque. `0` means any version. */
const decimal = /^[1-9]\d{0,38}$/;

export function isOrdered(version: string): boolean {
  return decimal.test(version);
}

/** Whether `version` is lower than `other`. False where one of the two is opaque. */
export function isBefore(version: string, other: string): boolean {
  if (!isOrdered(version) || !isOrdered(other)) return false;
  return version.length === other.length ? version < other : version.length < other.length;
}

/** The higher of the two; the second where they cannot be compared. */
export function laterOf(version: string, other: string): string {
  return isBefore(other, version) ? version : other;
}

/** What was seen is not of the history that was followed so far. */
export class OtherHistory extends Error {
  constructor(version: string, after: string, where: string) {
    super(`${where} at version ${version} after ${after}: the API server is in another history than before`);
    this.name = 'OtherHistory';
  }
}
