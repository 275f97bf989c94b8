// Tables in kubectl's format: aligned, three spaces apart, headings in capitals, no trailing spaces. Empty columns are
// omitted.
import { type Output, type Style, shown } from './output.ts';

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

export interface TableOptions {
  /** Whether to print a heading. */
  readonly headed?: boolean;
}

const gap = '   ';
/** Minimum width when columns are cut. */
const leastWidth = 24;

/** Appends a row with the columns' existing widths. */
export type WriteRow = (row: readonly Cell[]) => Promise<void>;

export async function printTable(
  output: Output,
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  { headed = true }: TableOptions = {},
): Promise<WriteRow> {
  const clean = rows.map(cleanRow);
  const columns = [...headings.keys()].filter((i) => clean.some((row) => textAt(row, i) !== ''));
  const chosen = (row: readonly Cell[]) => columns.map((i) => row[i] ?? { text: '' });
  const lines = [headings.map((text) => ({ text })), ...clean].map(chosen);
  const widths = fitting(widthsOf(lines, columns.length), output.width);
  if (rows.length > 0)
    for (const line of headed ? lines : lines.slice(1)) await output.line(lineOf(line, widths, output));
  return (row) => output.line(lineOf(chosen(cleanRow(row)), widths, output, false));
}

function cleanRow(row: readonly Cell[]): Cell[] {
  return row.map((cell) => ({ ...cell, text: shown(cell.text) }));
}

function widthsOf(lines: readonly (readonly Cell[])[], columns: number): number[] {
  return Array.from({ length: columns }, (_, i) =>
    lines.reduce((most, row) => Math.max(most, textAt(row, i).length), 0),
  );
}

/** Cuts the widest columns if the terminal is too narrow. */
function fitting(widths: readonly number[], width = Number.POSITIVE_INFINITY): readonly number[] {
  const cut = [...widths];
  const total = () => cut.reduce((sum, each) => sum + each, gap.length * (cut.length - 1));
  while (total() > width) {
    const widest = cut.indexOf(Math.max(...cut));
    const most = cut[widest] ?? 0;
    if (most <= leastWidth) break;
    cut[widest] = Math.max(leastWidth, most - (total() - width));
  }
  return cut;
}

function textAt(row: readonly Cell[], i: number): string {
  return row[i]?.text ?? '';
}

function lineOf(cells: readonly Cell[], widths: readonly number[], { paint }: Output, cut = true): string {
  const last = cells.findLastIndex(({ text }) => text !== '');
  return cells
    .slice(0, last + 1)
    .map(({ text, style }, i) => {
      const width = widths[i] ?? 0;
      const fits = !cut || text.length <= width ? text : `${text.slice(0, width - 1)}…`;
      return paint(style, fits) + (i === last ? '' : ' '.repeat(Math.max(0, width - fits.length)));
    })
    .join(gap);
}
