// Changes of a list from a source: the stream of `/cluster/watch`, resumed after interruptions.
import { setTimeout as wait } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { createBackoff } from '../src/backoff.ts';
import type { Resource } from '../src/model.ts';
import { bodyOf, type Parameters, pathOf, type Source } from './sources/source.ts';

export interface Changes {
  readonly added?: readonly Resource[];
  readonly changed?: readonly Resource[];
  /** Ids. */
  readonly removed?: readonly string[];
}

/** `resync`: too many changes were missed. */
export type Followed = { readonly kind: 'changes'; readonly changes: Changes } | { readonly kind: 'resync' };

/** Continues until the caller stops. `revision`: that of the known answer. */
export async function* followed(
  source: Source,
  query: Parameters,
  revision: number,
  warn: (line: string) => void,
): AsyncGenerator<Followed> {
  const backoff = createBackoff({ base: 500, cap: 30_000 });
  let last = String(revision);
  for (;;) {
    try {
      for await (const { id, event, data } of eventsOf(
        await bodyOf(source, pathOf('/cluster/watch', { ...query, revision: last })),
      )) {
        backoff.reset();
        if (id !== undefined && id !== '') last = id;
        if (event === 'resync') yield { kind: 'resync' };
        if (event === 'change') yield { kind: 'changes', changes: resourcesIn(data) };
      }
    } catch (error) {
      warn(`${source.name}: ${(error as Error).message}; trying again`);
    }
    await wait(backoff.next());
  }
}

function resourcesIn(data: string): Changes {
  return (JSON.parse(data) as { readonly resources?: Changes }).resources ?? {};
}

async function* eventsOf(body: AsyncIterable<Buffer | string>): AsyncGenerator<EventSourceMessage> {
  const found: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => void found.push(event) });
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    parser.feed(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
    yield* found.splice(0);
  }
}
