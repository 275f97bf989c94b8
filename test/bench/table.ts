// The figures' rows, and the table of them.

export interface Row {
  readonly figure: string;
  readonly target: string;
  readonly measured: string;
  readonly yardstick: string;
  /** Measured value divided by the reference, if there is one. */
  readonly ratio?: number;
  /** Undefined where it could not be measured. */
  readonly met: boolean | undefined;
}

const head = ['figure', 'target', 'measured', 'yardstick', 'ratio', ''];

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ figure, target, measured, yardstick, ratio, met }) => [
    figure,
    target,
    measured,
    yardstick,
    ratio === undefined || Number.isNaN(ratio) ? '–' : ratio.toFixed(2),
    met === undefined ? 'not measured' : met ? 'met' : 'MISSED',
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => (row[column] as string).length)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
export const mib = (bytes: number): string =>
  bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(0)} MiB` : `${(bytes / 2 ** 30).toFixed(2)} GiB`;
