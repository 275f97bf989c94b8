// A source whose content a test defines: it shows what one more source takes.
import { bareItem } from '../../master/graph/model/bare-item.ts';
import type { Source, SourceWriter } from '../../master/sources/source.ts';

export interface FakeSource extends Source {
  /** Sets all instances of a cloud; those not named any more are removed. */
  bring(...names: readonly string[]): void;
  fail(reason: string): void;
  leave(): void;
  readonly closed: boolean;
}

export function createFakeSource(name = 'cloud-1'): FakeSource {
  let write: SourceWriter | undefined;
  let known: readonly string[] | undefined;
  let closed = false;
  const idOf = (instance: string) => `Instance:${instance}`;
  return {
    family: 'clouds',
    name,
    start(writer) {
      write = writer;
      write.state('syncing');
    },
    health: () => ({ waitingFor: known ? undefined : 'the cloud' }),
    async close() {
      closed = true;
    },
    bring(...names) {
      write?.transact(() => {
        for (const gone of known ?? []) if (!names.includes(gone)) write?.remove(idOf(gone));
        for (const each of names) write?.put(bareItem({ id: idOf(each), type: 'Instance', name: each }));
      });
      known = names;
      write?.state('synced');
    },
    fail: (reason) => write?.state('stale', reason),
    leave: () => write?.drop(),
    get closed() {
      return closed;
    },
  };
}
