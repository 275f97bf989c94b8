// Numbers of resources as people read them, and the line that they draw. Pure.

export interface Series {
  readonly unit: string;
  readonly last: number | null;
  /** One a minute; null where nothing is known. */
  readonly values: readonly (number | null)[];
  /** Of a sum: how many containers are known of. */
  readonly of?: number;
}

export interface Amounts {
  readonly cpu?: number;
  readonly memory?: number;
}

/** The metrics of one resource in an answer of `/cluster/metrics`. */
export interface ResourceNumbers {
  readonly containers?: number;
  readonly families: { readonly [name: string]: Series };
  readonly requests: Amounts;
  readonly limits: Amounts;
  readonly oomKills?: number;
}

const steps = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

/** `0.12 cores`, `103 MiB`, `94 KiB/s`, `2.5 %`. */
export function amountText(value: number, unit: string): string {
  if (unit === 'cores') return `${digits(value)} cores`;
  if (unit === 'seconds/second') return `${digits(value * 100)} %`;
  return bytesText(value, 'B') + (unit.endsWith('/second') ? '/s' : '');
}

/** As `kubectl top` has it: `120m`, `103Mi`. */
export function shortText({ cpu, memory }: Amounts): string {
  const parts = [
    cpu === undefined ? '' : `${Math.round(cpu * 1000)}m`,
    memory === undefined ? '' : bytesText(memory, '').replace(' ', ''),
  ];
  return parts.filter(Boolean).join(' ');
}

function bytesText(value: number, unit: string): string {
  let step = 0;
  let left = value;
  while (left >= 1024 && step < steps.length - 1) {
    left /= 1024;
    step++;
  }
  return `${left >= 10 ? Math.round(left) : digits(left)} ${steps[step]}${unit}`;
}

function digits(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en', { maximumFractionDigits: 4, useGrouping: false });
}

export interface Drawn {
  /** Paths of an SVG, one for each stretch without a gap. */
  readonly lines: readonly string[];
  /** Height of a value, from above. */
  readonly yOf: (value: number) => number;
}

/** Within `width` by `height`, from zero to the greatest value or mark. Minutes of which nothing is known are gaps. */
export function drawn(
  values: readonly (number | null)[],
  marks: readonly number[],
  width: number,
  height: number,
): Drawn {
  const known = values.filter((value) => value !== null);
  const most = Math.max(...known, ...marks, Number.MIN_VALUE);
  const yOf = (value: number) => Math.round((1 - value / most) * (height - 2) * 10) / 10 + 1;
  const xOf = (n: number) => Math.round((n / Math.max(1, values.length - 1)) * width * 10) / 10;
  const lines: string[] = [];
  let line = '';
  values.forEach((value, n) => {
    if (value === null) {
      if (line !== '') lines.push(line);
      line = '';
    } else if (line === '') line = `M${xOf(n)} ${yOf(value)}h.1`;
    else line += `L${xOf(n)} ${yOf(value)}`;
  });
  return { lines: line === '' ? lines : [...lines, line], yOf };
}

/** Of all members that have numbers of their own: undefined if none has. */
export function usageOf(
  members: readonly string[],
  numbers: ReadonlyMap<string, ResourceNumbers>,
): Amounts | undefined {
  const found = members.flatMap((id) => numbers.get(id) ?? []);
  const sum = (family: string) => {
    const known = found.flatMap(({ families }) => families[family]?.last ?? []);
    return known.length === 0 ? undefined : known.reduce((total, each) => total + each, 0);
  };
  const [cpu, memory] = [sum('cpu'), sum('memory')];
  if (cpu === undefined && memory === undefined) return undefined;
  return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
}
