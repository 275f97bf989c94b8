// Draws the folders as a Mermaid diagram from the imports: a room is a folder, an arrow means "needs at run time".
import type { SourceFile } from './import-lines.ts';

/** Deeper folders count as part of these. */
const depthOf: { readonly [top: string]: number } = { src: 2, master: 2, minion: 1, cli: 1 };

interface Arrow {
  readonly from: string;
  readonly to: string;
}

/**
 * @param files of src, master, minion and cli.
 * @returns a Mermaid flowchart without the wiring (files beside the rooms, such as `master/start.ts`), the kernel that all
 * rooms need, types, and imports on demand.
 */
export function roomsPicture(files: readonly SourceFile[]): string {
  const arrows = arrowsOf(files);
  const rooms = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))].toSorted();
  const frames = Map.groupBy(rooms, (room) => room.split('/')[0] as string);
  return [
    'flowchart TB',
    ...[...frames].flatMap(([top, members]) => [
      `  subgraph ${top}`,
      ...members.map((room) => `    ${keyOf(room)}["${room.slice(room.indexOf('/') + 1)}"]`),
      '  end',
    ]),
    ...arrows.map(({ from, to }) => `  ${keyOf(from)} --> ${keyOf(to)}`),
  ].join('\n');
}

function arrowsOf(files: readonly SourceFile[]): Arrow[] {
  const found = new Map<string, Arrow>();
  for (const { path, imports } of files) {
    const from = roomOf(path);
    for (const { file, typeOnly, dynamic } of imports) {
      const to = file === undefined || typeOnly || dynamic ? undefined : roomOf(file);
      if (from && to && from !== to) found.set(`${from} ${to}`, { from, to });
    }
  }
  return [...found.keys()].toSorted().map((key) => found.get(key) as Arrow);
}

/** Undefined for the wiring of a mode and for the kernel. */
function roomOf(path: string): string | undefined {
  const parts = path.split('/').slice(0, -1);
  const [top = ''] = parts;
  const depth = depthOf[top];
  if (depth === undefined || parts.length < depth || (top === 'src' && parts[1] !== 'demo')) return undefined;
  return parts.slice(0, depth).join('/');
}

function keyOf(room: string): string {
  return room.replaceAll(/[^A-Za-z]/g, '_');
}
