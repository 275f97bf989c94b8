// Failures to read or write that say something of the moment and nothing of the file: another thread or process has it, or the
// machine is short of something. Nothing is damaged then, and the same may succeed later.

/** SQLite's BUSY, LOCKED, NOMEM, INTERRUPT, FULL, CANTOPEN and PROTOCOL: https://www.sqlite.org/rescode.html */
const ofSqlite: ReadonlySet<number> = new Set([5, 6, 7, 9, 13, 14, 15]);
/** Its READONLY_RECOVERY, READONLY_CANTLOCK and READONLY_ROLLBACK: a log or journal that only a writer may apply. */
const extended: ReadonlySet<number> = new Set([264, 520, 776]);
const ofSystem: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY', 'EINTR']);

export function isPassing(error: unknown): boolean {
  const { errcode, code } = error as { readonly errcode?: number; readonly code?: string };
  // The upper bytes say more of the same.
  if (code === 'ERR_SQLITE_ERROR') return ofSqlite.has((errcode ?? 0) % 256) || extended.has(errcode ?? 0);
  return code === 'unavailable' || ofSystem.has(code ?? '');
}
