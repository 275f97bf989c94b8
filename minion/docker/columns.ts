// Splits a process table whose columns came as one, as Podman's `top` can answer: `PID   USER     COMMAND`. Pure.
import type { ContainerProcesses } from '../../src/engine-api.ts';

/** The table with as many columns as its one title names; any other table as it is. */
export function splitColumns(table: ContainerProcesses): ContainerProcesses {
  const [title = ''] = table.Titles;
  const titles = title.trim().split(/\s+/);
  if (table.Titles.length !== 1 || titles.length < 2) return table;
  return { ...table, Titles: titles, Processes: table.Processes.map((row) => splitRow(row[0] ?? '', titles.length)) };
}

/** The last column is a command line, which has spaces of its own. */
function splitRow(row: string, columns: number): string[] {
  const cells: string[] = [];
  let rest = row.trim();
  while (cells.length < columns - 1) {
    const [cell = ''] = rest.split(/\s/, 1);
    cells.push(cell);
    rest = rest.slice(cell.length).trimStart();
  }
  return [...cells, rest];
}
