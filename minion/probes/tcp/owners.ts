// Which container or service each thread of the node is in. Kept by events: at the time when another event is read, its
// process may be long gone. /proc fills the gaps: what was there before, and what an event leaves open.
import { containersOfCgroup } from '../../proc/cgroup.ts';
import { ownerOfPath } from '../cgroups/owner-of-path.ts';
import { namesIn, readText } from '../read.ts';

/** Threads that are kept: more than a kernel has room for by default. */
const most = 500_000;
/** In none that is told of. */
const none = '';

export class Owners {
  readonly #proc: string;
  readonly #of = new Map<number, string>();

  /** Reads all threads that there are. */
  constructor(proc: string) {
    this.#proc = proc;
    for (const name of namesIn(proc)) {
      if (!/^\d+$/.test(name)) continue;
      const owner = this.#read(name);
      if (owner !== undefined)
        for (const thread of namesIn(`${proc}/${name}/task`)) this.#of.set(Number(thread), owner);
    }
  }

  get size(): number {
    return this.#of.size;
  }

  /** The id of the container or service; undefined where it is in none, or that is not known. */
  of(thread: number): string | undefined {
    let owner = this.#of.get(thread);
    if (owner === undefined) {
      owner = this.#read(String(thread));
      if (owner !== undefined) this.#set(thread, owner);
    }
    return owner === none ? undefined : owner;
  }

  /** A thread began: it is where its parent is, unless it was begun somewhere else on purpose. */
  begin(thread: number, parent: number, elsewhere: boolean): void {
    const owner = elsewhere ? this.#read(String(thread)) : (this.#of.get(parent) ?? this.#read(String(parent)));
    if (owner === undefined) this.#of.delete(thread);
    else this.#set(thread, owner);
  }

  /** It was moved. Where each controller has a hierarchy, one that is not the container's says nothing: /proc is asked again. */
  move(thread: number, path: string): void {
    const owner = ownerOfPath(path)?.id;
    if (owner === undefined) this.#of.delete(thread);
    else this.#set(thread, owner);
  }

  end(thread: number): void {
    this.#of.delete(thread);
  }

  #set(thread: number, owner: string): void {
    if (this.#of.size < most || this.#of.has(thread)) this.#of.set(thread, owner);
  }

  #read(name: string): string | undefined {
    const text = readText(`${this.#proc}/${name}/cgroup`);
    return text === undefined ? undefined : (ownerInText(text) ?? none);
  }
}

/** Of a text of /proc/PID/cgroup. Read from within another cgroup namespace, its paths begin with `/..`. */
export function ownerInText(text: string): string | undefined {
  const [container] = containersOfCgroup(text);
  if (container !== undefined) return container;
  for (const line of text.split('\n')) {
    const path = line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1).replace(/^(?:\/\.\.)+/, '');
    const owner = ownerOfPath(path);
    if (owner) return owner.id;
  }
  return undefined;
}
