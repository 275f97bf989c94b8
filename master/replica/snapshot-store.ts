// Snapshots as objects: the messages of a keyframe in sequence, each as two lengths, its head as JSON, and its body.
import type { ObjectStore } from '@nats-io/obj';
import { fault } from '../../src/errors.ts';
import type { LogMessage, MessageHead } from '../graph/replication/messages.ts';

/** Maximum bytes of a head and of a body. Every message fits. */
const mostHead = 4 << 10;
const mostBody = 4 << 20;

/** Two lengths, then head and body. */
export function writeFrame({ body, ...head }: LogMessage): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(text.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  return Buffer.concat([lengths, text, body]);
}

/** @throws Fault `bad_log` if it is truncated or invalid. */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogMessage> {
  let [waiting, bytes, wanted]: [Uint8Array[], number, number] = [[], 0, lengthBytes];
  for await (const chunk of chunks) {
    waiting.push(chunk);
    bytes += chunk.length;
    // Chunks may be of one byte: they are joined once there is a frame.
    if (bytes < wanted) continue;
    let rest = Buffer.concat(waiting);
    for (wanted = frameLength(rest); rest.length >= wanted; wanted = frameLength(rest)) {
      yield frameOf(rest.subarray(0, wanted));
      rest = rest.subarray(wanted);
    }
    [waiting, bytes] = [[rest], rest.length];
  }
  if (bytes > 0) throw fault('bad_log', { reason: 'a snapshot breaks off' });
}

const lengthBytes = 8;

/** As far as it is known. */
function frameLength(buffer: Buffer): number {
  if (buffer.length < lengthBytes) return lengthBytes;
  const [head, body] = [buffer.readUInt32BE(0), buffer.readUInt32BE(4)];
  if (head > mostHead || body > mostBody)
    throw fault('bad_log', { reason: 'a snapshot has a message that is too long' });
  return lengthBytes + head + body;
}

function frameOf(buffer: Buffer): LogMessage {
  const end = 8 + buffer.readUInt32BE(0);
  try {
    return { ...(JSON.parse(buffer.toString('utf8', 8, end)) as MessageHead), body: Buffer.from(buffer.subarray(end)) };
  } catch (error) {
    throw fault('bad_log', { reason: 'a snapshot has a message without a head' }, error);
  }
}

/** The messages of a snapshot. @throws Fault `bad_log` if it is missing or incomplete. */
export async function* readSnapshot(objects: ObjectStore, name: string): AsyncGenerator<LogMessage> {
  const found = await objects.get(name);
  if (!found) throw fault('bad_log', { reason: `there is no snapshot ${name}` });
  yield* readFrames(found.data as unknown as AsyncIterable<Uint8Array>);
  const error = await found.error;
  if (error) throw fault('bad_log', { reason: `the snapshot ${name} is damaged` }, error);
}
