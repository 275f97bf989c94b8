// Reads Prometheus' text format line by line as its bytes arrive: an answer of a kubelet has megabytes, of which a few
// families are wanted. The format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
import { StringDecoder } from 'node:string_decoder';

export interface ExposedSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite. */
  readonly value: number;
  /** Milliseconds since the epoch, if it has a time of its own. */
  readonly at: number | undefined;
}

/** Characters; longer lines are skipped. */
const longestLine = 65_536;
const mostLabels = 128;

export class ExpositionReader {
  readonly #wanted: ReadonlySet<string>;
  readonly #take: (sample: ExposedSample) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  /** Within a line that is too long. */
  #skipping = false;
  #refused = 0;

  /** Calls `take` for each sample of the `wanted` metrics. */
  constructor(wanted: ReadonlySet<string>, take: (sample: ExposedSample) => void) {
    this.#wanted = wanted;
    this.#take = take;
  }

  /** Number of wanted lines that are no samples, and of lines that are too long. */
  get refused(): number {
    return this.#refused;
  }

  write(chunk: Buffer): void {
    this.#lines(this.#decoder.write(chunk));
  }

  end(): void {
    this.#lines(`${this.#decoder.end()}\n`);
  }

  #lines(text: string): void {
    const all = this.#rest + text;
    let from = 0;
    for (let to = all.indexOf('\n'); to >= 0; to = all.indexOf('\n', from)) {
      if (this.#skipping) this.#skipping = false;
      else this.#line(all.slice(from, to));
      from = to + 1;
    }
    this.#rest = all.slice(from);
    if (this.#rest.length <= longestLine) return;
    if (!this.#skipping) this.#refused++;
    this.#skipping = true;
    this.#rest = '';
  }

  #line(line: string): void {
    const name = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)/.exec(line)?.[1];
    if (name === undefined || !this.#wanted.has(name)) return;
    const sample = sampleOf(line);
    if (sample) this.#take(sample);
    else this.#refused++;
  }
}

/** One line; undefined for a comment, an empty line, or what is no sample. Pure. */
export function sampleOf(line: string): ExposedSample | undefined {
  const [head, name] = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*/.exec(line) ?? [];
  if (head === undefined || name === undefined) return undefined;
  const labels = new Map<string, string>();
  const after = line[head.length] === '{' ? labelsFrom(line, head.length + 1, labels) : head.length;
  if (after === undefined) return undefined;
  // OpenMetrics puts an exemplar behind the value.
  const [value, time, ...others] = line
    .slice(after)
    .replace(/[ \t]#[ \t]*\{.*$/, '')
    .trim()
    .split(/[ \t]+/);
  const [number, at] = [numberOf(value), time === undefined ? undefined : Number(time)];
  if (number === undefined || others.length > 0 || (at !== undefined && !Number.isFinite(at))) return undefined;
  return { name, labels, value: number, at };
}

/** Returns the position after the closing brace; undefined if there is none. */
function labelsFrom(line: string, start: number, labels: Map<string, string>): number | undefined {
  const form = /[ \t]*(?:\}|([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|(?=\})))/y;
  form.lastIndex = start;
  for (let count = 0; count <= mostLabels; count++) {
    const found = form.exec(line);
    if (!found) return undefined;
    const [, label, value = ''] = found;
    if (label === undefined) return form.lastIndex;
    labels.set(label, value.includes('\\') ? unescaped(value) : value);
  }
  return undefined;
}

/** The format escapes the line end, the quote and the backslash; anything else stays as it stands. */
function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (all, escape: string) =>
    escape === 'n' ? '\n' : /["\\]/.test(escape) ? escape : all,
  );
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const word = text.toLowerCase();
  // As Go reads numbers.
  const [infinite, sign] = /^([+-]?)inf(?:inity)?$/.exec(word) ?? [];
  if (infinite !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (word === 'nan') return Number.NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(word) ? Number(word) : undefined;
}
