// Parses a line of a container's log: CRI's `time stream P|F text`, or Docker's JSON. Pure.

export interface LogLine {
  readonly text: string;
  /** The runtime split a long line; more follows. */
  readonly isPartial: boolean;
}

const criHead = /^\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) ([PF])(?::\S*)? /;

/** Undefined for other forms. */
export function logLineOf(line: string): LogLine | undefined {
  const head = criHead.exec(line);
  if (head) return { text: line.slice(head[0].length), isPartial: head[1] === 'P' };
  if (!line.startsWith('{')) return undefined;
  try {
    const { log } = JSON.parse(line) as { readonly log?: unknown };
    if (typeof log !== 'string') return undefined;
    return { text: log.replace(/\n$/, ''), isPartial: !log.endsWith('\n') };
  } catch {
    return undefined;
  }
}

/** Joins lines that the runtime split. */
export class LineJoiner {
  #begun = '';
  readonly #most: number;

  /** `most`: maximum characters kept per line. */
  constructor(most = 65_536) {
    this.#most = most;
  }

  /** The whole line once complete. */
  take({ text, isPartial }: LogLine): string | undefined {
    const room = this.#most - this.#begun.length;
    const whole = this.#begun + (text.length > room ? text.slice(0, Math.max(0, room)) : text);
    this.#begun = isPartial ? whole : '';
    return isPartial ? undefined : whole;
  }
}
