// Columns as kubectl writes them: aligned, three spaces apart, headings in capitals, nothing after the last cell. A column
// that says nothing is left out.
import { type Output, type Style, shown } from './output.ts';

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

const gap = '   ';

export async function printTable(
  output: Output,
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const clean = rows.map((row) => row.map((cell) => ({ ...cell, text: shown(cell.text) })));
  const columns = [...headings.keys()].filter((i) => clean.some((row) => textAt(row, i) !== ''));
  const heading = headings.map((text) => ({ text }));
  const lines = [heading, ...clean].map((row) => columns.map((i) => row[i] ?? { text: '' }));
  const widths = columns.map((_, i) => lines.reduce((most, row) => Math.max(most, textAt(row, i).length), 0));
  for (const line of lines) await output.line(lineOf(line, widths, output));
}

function textAt(row: readonly Cell[], i: number): string {
  return row[i]?.text ?? '';
}

function lineOf(cells: readonly Cell[], widths: readonly number[], { paint }: Output): string {
  const last = cells.findLastIndex(({ text }) => text !== '');
  return cells
    .slice(0, last + 1)
    .map(({ text, style }, i) => paint(style, text) + (i === last ? '' : ' '.repeat((widths[i] ?? 0) - text.length)))
    .join(gap);
}
