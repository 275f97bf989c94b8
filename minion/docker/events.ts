// Reads Docker's event stream: which containers and images are not what they were.
import { StringDecoder } from 'node:string_decoder';
import type { RuntimeWatcher } from '../runtimes/runtime.ts';

/** Only these types matter, and asking for them keeps volumes and networks out of the stream. */
export const eventsPath = `/events?filters=${encodeURIComponent(JSON.stringify({ type: ['container', 'image'] }))}`;

/** Longer lines are no events: the stream is given up. */
const longestLine = 1 << 20;

/** Events that leave what inspect says as it was. A health check makes three of these each time. */
const idle =
  /^(?:exec|top|attach|detach|resize|export|archive-path|extract-to-dir|copy|commit|checkpoint|save|push|sync|init)/;

interface EngineEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly status?: string;
  readonly id?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: { readonly [name: string]: string } };
}

/** Tells the watcher of each event of the stream until it ends. */
export async function followEvents(stream: AsyncIterable<Buffer>, watcher: RuntimeWatcher): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) return;
    for (const line of lines) tell(parse(line), watcher);
  }
}

function parse(line: string): EngineEvent | undefined {
  if (line.trim() === '') return undefined;
  const event: unknown = JSON.parse(line);
  return typeof event === 'object' && event !== null ? event : undefined;
}

function tell(event: EngineEvent | undefined, watcher: RuntimeWatcher): void {
  const id = event?.Actor?.ID ?? event?.id;
  const action = event?.Action ?? event?.status ?? '';
  if (!event || !id) return;
  if (event.Type === 'image') watcher.imageChanged(event.Actor?.Attributes?.id ?? id);
  else if (event.Type === 'container' && !idle.test(action)) watcher.containerChanged(id);
}
