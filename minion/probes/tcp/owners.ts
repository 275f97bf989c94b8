// The container or service of each thread. Maintained from events, because a process may have ended when another event is
// read. /proc fills the gaps: older threads, and cases that events leave open.
import { containersOfCgroup } from '../../proc/cgroup.ts';
import { ownerOfPath } from '../cgroups/owner-of-path.ts';
import { namesIn, readText } from '../read.ts';

/** Maximum threads kept: more than a kernel allows by default. */
const most = 500_000;
/** Not in any reported one. */
const none = '';

export class Owners {
  readonly #proc: string;
  readonly #of = new Map<number, string>();

  /** Reads all existing threads. */
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

  /** Id of the container or service; undefined if none or unknown. */
  of(thread: number): string | undefined {
    let owner = this.#of.get(thread);
    if (owner === undefined) {
      owner = this.#read(String(thread));
      if (owner !== undefined) this.#set(thread, owner);
    }
    return owner === none ? undefined : owner;
  }

  /** A new thread: in the same place as its parent, unless started elsewhere explicitly. */
  begin(thread: number, parent: number, elsewhere: boolean): void {
    const owner = elsewhere ? this.#read(String(thread)) : (this.#of.get(parent) ?? this.#read(String(parent)));
    if (owner === undefined) this.#of.delete(thread);
    else this.#set(thread, owner);
  }

  /** It was moved. With one hierarchy per controller an unrelated one tells nothing: /proc is read again. */
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

/** From the text of /proc/PID/cgroup, whose paths begin with `/..` in another cgroup namespace. */
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
