// A sink that stores what it receives: content by name, all states, and a way to wait for a condition without a clock.
import type { ListOptions, ListSession, Sink } from '../../master/sources/kubernetes/sink.ts';
import type { KubernetesObject } from '../../src/model.ts';

export interface MemorySink extends Sink {
  /** `namespace/name` to object. */
  readonly content: ReadonlyMap<string, KubernetesObject>;
  /** All states in order: `state` or `state: reason`. */
  readonly states: readonly string[];
  readonly commits: readonly string[];
  /** For each list in order: whether it must trust no version. */
  readonly distrusted: readonly boolean[];
  readonly aborts: number;
  readonly eventCount: number;
  /** Resolves when `isTrue` returns true; checked after each call of the sink. */
  until(isTrue: () => boolean): Promise<void>;
}

export function nameOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

export function createMemorySink(): MemorySink {
  let content = new Map<string, KubernetesObject>();
  const states: string[] = [];
  const commits: string[] = [];
  const distrusted: boolean[] = [];
  const waiting = new Set<() => void>();
  const count = { aborts: 0, events: 0 };
  const look = (): void => {
    for (const one of waiting) one();
  };

  function list({ distrust = false }: ListOptions = {}): ListSession {
    distrusted.push(distrust);
    const buffer = new Map<string, KubernetesObject>();
    let open = true;
    const end = (): void => {
      if (!open) throw new Error('this session has ended');
      open = false;
    };
    return {
      page(items) {
        for (const item of items) buffer.set(nameOf(item), item);
        look();
      },
      commit(version) {
        end();
        content = buffer;
        commits.push(version);
        look();
      },
      abort() {
        end();
        count.aborts += 1;
        look();
      },
    };
  }

  return {
    get content() {
      return content;
    },
    get aborts() {
      return count.aborts;
    },
    get eventCount() {
      return count.events;
    },
    states,
    commits,
    distrusted,
    list,
    held: () =>
      [...content.values()].map(({ metadata: { namespace = '', name, uid = '', resourceVersion = '' } }) => ({
        ...{ namespace, name, uid, resourceVersion },
      })),
    event(type, object) {
      count.events += 1;
      if (type === 'DELETED') content.delete(nameOf(object));
      else content.set(nameOf(object), object);
      look();
    },
    state(state, reason) {
      states.push(reason === undefined ? state : `${state}: ${reason}`);
      look();
    },
    until(isTrue) {
      return new Promise((resolve) => {
        const one = (): void => {
          if (!isTrue()) return;
          waiting.delete(one);
          resolve();
        };
        waiting.add(one);
        one();
      });
    },
  };
}
