// How far a long read has come: one line on a terminal that writes over itself, and is gone when there is an answer.
import { shown } from './output.ts';

/** Shows a line in place of the one before; undefined takes it away. */
export type Progress = (text: string | undefined) => void;

interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** https://www.ecma-international.org/publications-and-standards/standards/ecma-48/: erase the line. */
const erased = '\r\u001b[K';

/** Says nothing where nobody looks on. */
export function progressOn(stream: TerminalStream): Progress {
  if (stream.isTTY !== true) return () => undefined;
  let isShown = false;
  return (text) => {
    if (text === undefined && !isShown) return;
    isShown = text !== undefined;
    stream.write(text === undefined ? erased : `${erased}${shown(text).slice(0, (stream.columns ?? 80) - 1)}`);
  };
}

/** Milliseconds before the first line, and between two. */
const times = { first: 1000, next: 250 } as const;

/** Shows what `text` says while `work` takes its time. */
export async function whileShowing<T>(progress: Progress, text: () => string, work: Promise<T>): Promise<T> {
  let timer = setTimeout(show, times.first);
  function show(): void {
    progress(text());
    timer = setTimeout(show, times.next);
  }
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    progress(undefined);
  }
}
