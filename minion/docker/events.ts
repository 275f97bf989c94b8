// Reads Docker's event stream: which containers and images changed.
import { StringDecoder } from 'node:string_decoder';
import type { RuntimeWatcher } from '../runtimes/runtime.ts';

/** Other types, such as volumes and networks, are filtered out. */
export const eventsPath = `/events?filters=${encodeURIComponent(JSON.stringify({ type: ['container', 'image'] }))}`;

/** Longer lines are not events: the stream is abandoned. */
const longestLine = 1 << 20;

/** Events that do not change an inspect. A health check causes three each time. */
const idle =
  /^(?:exec|top|attach|detach|resize|export|archive-path|extract-to-dir|copy|commit|checkpoint|save|push|sync|init)/;

interface EngineEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly status?: string;
  readonly id?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: { readonly [name: string]: string } };
}

/** Passes each event to the watcher until the stream ends. */
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
