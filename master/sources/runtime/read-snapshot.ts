// Parses a minion's answer to `/snapshot`. Its node may be compromised, so limits are enforced: containers and images are
// parsed one by one up to a maximum, the rest is skipped unparsed and reported in `partly`. Large answers are parsed in
// turns, one answer at a time.
import { setImmediate as loopRound } from 'node:timers/promises';
import { Semaphore } from '../../../src/concurrency.ts';
import { fault } from '../../../src/errors.ts';
import {
  type ContainerSnapshot,
  type NodeSnapshot,
  type Process,
  type StoredImage,
  snapshotLimits,
} from '../../../src/minion-api.ts';
import { redactInspect, redactProcess, redactText, redactTree } from '../../../src/redact.ts';
import type { Steps } from '../../../src/steps.ts';
import { JsonBytes } from './json-bytes.ts';
import { checkContainer, checkHead, checkImage, checkStored } from './shape.ts';

/** Maximum bytes of the small parts of an answer. */
const largestHead = 65_536;
/** JSON values in one answer: an empty object has 3 bytes as text and 56 on the heap. */
const mostValues = 2_000_000;
/** Maximum nesting in a minion's answer. */
const deepest = 24;
/** Milliseconds per turn. */
const turn = 4;

/** Parsed objects live until the graph has taken them: those of many nodes at once would be many. */
const oneAtATime = new Semaphore(1);

export interface ReadOptions {
  /** Keeps values that may contain secrets. Minions redact; a compromised one does not. */
  readonly keepValues: boolean;
}

/** @throws Fault `minion_nonsense` with the path of the error; the signal's reason if it aborts first. */
export function readSnapshot(bytes: Buffer, options: ReadOptions, signal: AbortSignal): Promise<NodeSnapshot> {
  return oneAtATime.run(async () => inTurns(snapshotIn(bytes, options), signal), signal);
}

async function inTurns<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
  for (let end = performance.now() + turn; ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() < end) continue;
    await loopRound();
    signal.throwIfAborted();
    end = performance.now() + turn;
  }
}

/** The same as steps. @throws Fault `minion_nonsense`. */
export function* snapshotIn(bytes: Buffer, options: ReadOptions): Steps<NodeSnapshot> {
  const reading = new Reading(options);
  const json = new JsonBytes(bytes);
  try {
    if (bytes.length > 0 && !/^\s*\{/.test(bytes.toString('latin1', 0, 64))) JSON.parse(bytes.toString('utf8'));
    else yield* json.members((key) => reading.member(key, json));
    if (reading.isEmpty) throw nonsense('snapshot must be an object');
    json.finish();
  } catch (error) {
    throw error instanceof SyntaxError ? fault('minion_nonsense', { reason: 'not JSON' }, error) : error;
  }
  return reading.snapshot();
}

/** The part read so far. */
class Reading {
  readonly #options: ReadOptions;
  readonly #head: { [key: string]: unknown } = {};
  readonly #containers: ContainerSnapshot[] = [];
  readonly #images: NodeSnapshot['images'][number][] = [];
  #others: StoredImage[] | undefined;
  readonly #over = { containers: 0, images: 0 };
  readonly #lists = new Set<'containers' | 'images'>();
  #values = 0;
  #processes = 0;
  isEmpty = true;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  *member(key: string, json: JsonBytes): Steps<void> {
    this.isEmpty = false;
    if (key === 'containers') return yield* this.#list(json, 'containers', (text, at) => this.#container(text, at));
    if (key === 'images') return yield* this.#list(json, 'images', (text, at) => this.#image(text, at));
    if (key === 'others') return yield* this.#otherImages(json);
    const text = yield* json.textUpTo(largestHead);
    if (text !== undefined) this.#head[key] = JSON.parse(text);
  }

  /** @throws Fault `minion_nonsense`. */
  snapshot(): NodeSnapshot {
    if (this.#lists.size < 2) throw nonsense('snapshot must have required properties containers, images');
    const head = checkHead(this.#head);
    if (!this.#options.keepValues) redactTree(head);
    const words = (['containers', 'images'] as const).filter((what) => this.#over[what] > 0);
    const cut = words.map((what) => `${this.#over[what]} more ${what}`);
    const partly = [...(head.partly === undefined ? [] : [head.partly]), ...cut].join(', ').slice(0, 500);
    const { partly: _said, ...rest } = head;
    const others = this.#others === undefined ? {} : { others: this.#others };
    const whole = { ...rest, containers: this.#containers, images: this.#images, ...others };
    return partly === '' ? whole : { ...whole, partly };
  }

  *#list(json: JsonBytes, what: 'containers' | 'images', take: (text: string, at: number) => boolean): Steps<void> {
    this.#lists.add(what);
    yield* this.#items(json, what, take);
  }

  *#otherImages(json: JsonBytes): Steps<void> {
    this.#others = [];
    yield* this.#items(json, 'images', (text, at) => this.#other(text, at));
  }

  *#items(json: JsonBytes, what: 'containers' | 'images', take: (text: string, at: number) => boolean): Steps<void> {
    let at = 0;
    yield* json.items(snapshotLimits.container, (text) => {
      if (text === undefined || !take(text, at)) this.#over[what]++;
      at++;
    });
  }

  /** False if it exceeds the maximum for a node. */
  #container(text: string, at: number): boolean {
    if (this.#containers.length >= snapshotLimits.containers) return false;
    const value: unknown = JSON.parse(text);
    if (!this.#affords(value)) return false;
    const read = checkContainer(value, `/containers/${at}`);
    if (isTooLarge(read.inspect)) return false;
    const { inspect } = read;
    const error = this.#said(read.error);
    const shown = read.processes && this.#bounded(read.processes);
    const more = (read.processes?.length ?? 0) - (shown?.length ?? 0);
    const why = [error, more > 0 ? `${more} more processes are not listed` : undefined].filter((each) => each);
    if (!this.#options.keepValues) redactInspect(inspect);
    this.#containers.push({
      inspect,
      ...(shown && { processes: shown }),
      ...(why.length > 0 && { error: why.join('; ').slice(0, 2000) }),
    });
    return true;
  }

  get #hasRoomForImages(): boolean {
    return this.#images.length + (this.#others?.length ?? 0) < snapshotLimits.images;
  }

  #other(text: string, at: number): boolean {
    if (!this.#hasRoomForImages || text.length > snapshotLimits.inspect) return false;
    const value: unknown = JSON.parse(text);
    if (!this.#affords(value)) return false;
    const { Id, RepoTags, RepoDigests, Size, Created, unused, pinned } = checkStored(value, `/others/${at}`);
    const image = present({ Id, RepoTags, RepoDigests, Size, Created, unused, pinned }) as StoredImage;
    if (!this.#options.keepValues) redactInspect(image);
    this.#others?.push(image);
    return true;
  }

  #image(text: string, at: number): boolean {
    if (!this.#hasRoomForImages || text.length > snapshotLimits.inspect) return false;
    const value: unknown = JSON.parse(text);
    if (!this.#affords(value)) return false;
    const image = checkImage(value, `/images/${at}`);
    if (!this.#options.keepValues) redactInspect(image);
    this.#images.push(image);
    return true;
  }

  /** Words about what could not be read: those of a runtime, or of a registry that it asked. */
  #said(words: string | undefined): string | undefined {
    return words === undefined || this.#options.keepValues ? words : redactText(words);
  }

  #bounded(processes: readonly Process[]): Process[] {
    const room = Math.min(snapshotLimits.processesOfContainer, snapshotLimits.processes - this.#processes);
    const kept = processes.slice(0, room);
    this.#processes += kept.length;
    const { keepValues } = this.#options;
    return kept.map((process) => cutCommand(keepValues ? process : redactProcess(process)));
  }

  /** Whether its values fit into the total. */
  #affords(value: unknown): boolean {
    const count = valuesIn(value, mostValues - this.#values, 0);
    if (count === undefined) return false;
    this.#values += count;
    return true;
  }
}

/** Without undefined fields. */
function present(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function cutCommand(process: Process): Process {
  const { command } = process;
  if (command === undefined || command.length <= snapshotLimits.command) return process;
  return { ...process, command: command.slice(0, snapshotLimits.command) };
}

/** Number of values; undefined if above `most` or nested too deeply. */
function valuesIn(value: unknown, most: number, depth: number): number | undefined {
  if (typeof value !== 'object' || value === null) return 1;
  if (depth > deepest) return undefined;
  let count = 1;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    const more = valuesIn(item, most - count, depth + 1);
    if (more === undefined) return undefined;
    count += more;
    if (count > most) return undefined;
  }
  return count;
}

function isTooLarge(inspect: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(inspect)) > snapshotLimits.inspect;
}

function nonsense(reason: string) {
  return fault('minion_nonsense', { reason });
}
