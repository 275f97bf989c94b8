// Columns as kubectl writes them: aligned, three spaces apart, headings in capitals, nothing after the last cell.
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
  const clean = rows.map((row) => row.map((cell) => ({ ...cell, text: shown(cell.text) })));
  const widths = headings.map((heading, i) =>
    clean.reduce((most, row) => Math.max(most, widthOf(row[i])), heading.length),
  );
  await output.line(
    lineOf(
      headings.map((text) => ({ text })),
      widths,
      output,
    ),
  );
  for (const row of clean) await output.line(lineOf(row, widths, output));
}

function widthOf(cell: Cell | undefined): number {
  return cell?.text.length ?? 0;
}

function lineOf(cells: readonly Cell[], widths: readonly number[], { paint }: Output): string {
  const last = cells.findLastIndex(({ text }) => text !== '');
  return cells
    .slice(0, last + 1)
    .map(({ text, style }, i) => paint(style, text) + (i === last ? '' : ' '.repeat((widths[i] ?? 0) - text.length)))
    .join(gap);
}
