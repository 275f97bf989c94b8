// A description of the call, for the log, if the path does not tell. Stored by request, since the application that routes
// it may not be the one that logs it.
import type { IncomingMessage } from 'node:http';

const called = new WeakMap<IncomingMessage, string>();
const longest = 200;

export function noteCall(request: IncomingMessage, name: string): void {
  called.set(request, name.slice(0, longest));
}

/** Undefined if the path tells everything. */
export function callOf(request: IncomingMessage): string | undefined {
  return called.get(request);
}
