// What a request calls where its path does not say it, for the line in the log. Known by the request itself, since the
// application that routes it may not be the one that logs it.
import type { IncomingMessage } from 'node:http';

const called = new WeakMap<IncomingMessage, string>();
const longest = 200;

export function noteCall(request: IncomingMessage, name: string): void {
  called.set(request, name.slice(0, longest));
}

/** Undefined where the path says it all. */
export function callOf(request: IncomingMessage): string | undefined {
  return called.get(request);
}
