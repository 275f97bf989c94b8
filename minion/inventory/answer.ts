// The bytes of the snapshot and its ETag. The ETag ignores processor time, memory and process states, hence it is weak.
// Pure.
import { createHash } from 'node:crypto';
import { identityOf, type NodeSnapshot, type Process, snapshotLimits } from '../../src/minion-api.ts';
import type { Held } from './containers.ts';
import { type Listed, moreProcesses } from './processes.ts';

export interface SnapshotAnswer {
  readonly etag: string;
  /** `NodeSnapshot` as JSON, in pieces that are joined on sending. */
  body(): string;
}

export interface Contents {
  readonly node: string | undefined;
  readonly runtime: NodeSnapshot['runtime'];
  readonly containers: readonly Held[];
  readonly listed: (id: string) => Listed | undefined;
  /** As JSON. */
  readonly images: readonly string[];
  /** As JSON; undefined if unknown. */
  readonly others: readonly string[] | undefined;
  /** Numbers of containers and images on the node that are not kept. */
  readonly left: { readonly containers: number; readonly images: number };
}

/** Room for the text around the pieces. */
const frame = 4096;

export function answerOf({ node, runtime, containers, listed, images, others, left }: Contents): SnapshotAnswer {
  const head = `{${node === undefined ? '' : `"node":${JSON.stringify(node)},`}"runtime":${JSON.stringify(runtime)}`;
  const hash = createHash('sha256').update(head);
  const room = new Room(snapshotLimits.bytes - frame - Buffer.byteLength(head));
  const shown = containers.map((held) => pieceOf(held, listed(held.id))).filter(({ bytes }) => room.takes(bytes));
  const known = images.filter((json) => room.takes(Buffer.byteLength(json)));
  const stored = others?.filter((json) => room.takes(Buffer.byteLength(json)));
  const leftOut = images.length - known.length + (others?.length ?? 0) - (stored?.length ?? 0);
  const tail = tailOf(left.containers + containers.length - shown.length, left.images + leftOut);
  for (const { json, mark } of shown) hash.update(json).update(mark);
  for (const json of known) hash.update(json);
  const rest = stored === undefined ? '' : `,"others":[${stored.join(',')}]`;
  hash.update(rest).update(tail);
  const list = () => shown.map(({ json, more }) => `{"inspect":${json}${more}`).join(',');
  return {
    etag: `W/"${hash.digest('base64url').slice(0, 27)}"`,
    body: () => `${head},"containers":[${list()}],"images":[${known.join(',')}]${rest}${tail}}`,
  };
}

/** The remaining bytes. */
class Room {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Reserves the bytes if they fit. */
  takes(bytes: number): boolean {
    if (bytes >= this.#left) return false;
    this.#left -= bytes + 1;
    return true;
  }
}

function tailOf(containers: number, images: number): string {
  const words = [
    ...(containers > 0 ? [`${containers} more containers`] : []),
    ...(images > 0 ? [`${images} more images`] : []),
  ];
  return words.length === 0 ? '' : `,"partly":${JSON.stringify(words.join(', '))}`;
}

interface Piece {
  /** The inspect as JSON: other fields are appended without parsing it. */
  readonly json: string;
  /** The text after it. */
  readonly more: string;
  /** What counts as a change besides the inspect. */
  readonly mark: string;
  readonly bytes: number;
}

function pieceOf(held: Held, { processes, error }: Listed = {}): Piece {
  const inspected = Buffer.byteLength(held.json);
  const { shown, left } = fitting(processes ?? [], snapshotLimits.container - inspected - frame);
  const why = [held.error, error, left > 0 ? moreProcesses(left) : undefined].filter((each) => each !== undefined);
  const rest = { ...(why.length === 0 ? {} : { error: why.join('; ') }) };
  const list = processes === undefined ? '' : `,"processes":[${shown.join(',')}]`;
  const reason = JSON.stringify(rest).slice(1);
  const more = `${list}${reason === '}' ? '' : ','}${reason}`;
  const identities = (processes ?? []).slice(0, shown.length).map(identityOf).toSorted();
  const mark = `${why.join('; ')}\n${processes === undefined ? 'unknown' : identities.join('\n')}`;
  return { json: held.json, more, mark, bytes: inspected + Buffer.byteLength(more) + frame / 128 };
}

/** As many as fit, as JSON. */
function fitting(processes: readonly Process[], bytes: number): { readonly shown: string[]; readonly left: number } {
  const room = new Room(bytes);
  const shown: string[] = [];
  for (const process of processes) {
    const json = JSON.stringify(process);
    if (!room.takes(Buffer.byteLength(json))) break;
    shown.push(json);
  }
  return { shown, left: processes.length - shown.length };
}
