// A log in memory for publishers: it keeps the order, refuses messages that do not follow, and fails as a test wants.
import type { LogMessage, MessageHead } from '../../master/graph/replication/messages.ts';
import type { LogTransport, Published } from '../../master/stream/transport.ts';

export interface MemoryLogOfMany {
  readonly messages: { readonly sequence: number; readonly message: LogMessage }[];
  /** Notes of where terms begin. */
  readonly notes: object[];
  /** Outcomes of the next publications; they succeed if empty. */
  readonly next: ('lost' | 'unanswered' | 'away')[];
  /** The log itself is gone. */
  gone: boolean;
  wants(): void;
  /** Returns a master's access to the log. */
  transport(): LogTransport;
}

export function createMemoryLogOfMany(): MemoryLogOfMany {
  const listeners: (() => void)[] = [];
  let sequence = 0;
  const log: MemoryLogOfMany = {
    messages: [],
    notes: [],
    next: [],
    gone: false,
    wants: () => listeners.forEach((listener) => listener()),
    transport: () => ({
      prepare: async () => void (log.gone = false),
      async publish(message, expected): Promise<Published> {
        const fate = log.next.shift();
        if (fate === 'lost' || fate === 'away') throw new Error(`the message is ${fate}`);
        const last = log.messages.at(-1)?.sequence ?? 0;
        if (expected !== last) return 'wrong-last';
        log.messages.push({ sequence: ++sequence, message });
        if (fate === 'unanswered') throw new Error('no answer came');
        return { sequence };
      },
      async last() {
        if (log.gone) return undefined;
        const last = log.messages.at(-1);
        return { sequence: last?.sequence ?? 0, head: last?.message as MessageHead | undefined };
      },
      note: async (head) => void log.notes.push(head),
      onWanted: (listener) => void listeners.push(listener),
      close: async () => {},
    }),
  };
  return log;
}
