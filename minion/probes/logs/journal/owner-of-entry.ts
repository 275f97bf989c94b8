// Whose entry it is: a container, or a service by its path. Pure.
import { ownerOfPath } from '../../cgroups/owner-of-path.ts';
import type { JournalEntry } from './reader.ts';

/** Undefined for the kernel, sessions, and the like. Fields that begin with `_` are journald's own word. */
export function ownerOfEntry(fields: JournalEntry['fields']): string | undefined {
  const { _SYSTEMD_CGROUP: cgroup, _SYSTEMD_UNIT: unit, CONTAINER_ID_FULL: container = '' } = fields;
  // Docker's driver for the journal writes what containers print.
  if (unit === 'docker.service' && /^[0-9a-f]{64}$/.test(container)) return container;
  if (cgroup !== undefined) return (ownerOfPath(cgroup) ?? ownerOfPath(serviceIn(cgroup)))?.id;
  // It ended before journald looked.
  if (unit === undefined || unit.includes('@') || !unit.endsWith('.service')) return undefined;
  return ownerOfPath(`/system.slice/${unit}`)?.id;
}

/** A service may have groups of its own below. */
function serviceIn(cgroup: string): string {
  return cgroup.replace(/\.service\/.*$/s, '.service');
}
