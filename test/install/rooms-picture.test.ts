import { describe, expect, test } from 'vitest';
import { filesBelow, importsOf, type SourceFile } from '../../install/import-lines.ts';
import { roomsPicture } from '../../install/rooms-picture.ts';

function file(path: string, text: string): SourceFile {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return { path, folder, name: 'x', text, imports: importsOf(text, folder) };
}

describe('the picture of the house', () => {
  test('has an arrow for what a room needs at run time, and none for types, wiring, the kernel or itself', () => {
    const picture = roomsPicture([
      file(
        'master/routes/a.ts',
        "import { b } from '../graph/questions/b.ts';\nimport type { C } from '../ingest/c.ts';",
      ),
      file('master/graph/engine/d.ts', "import { e } from '../model/e.ts';\nimport { f } from '../../../src/f.ts';"),
      file('master/start.ts', "import { a } from './routes/a.ts';"),
      file('cli/g.ts', "const h = await import('../master/views/h.ts');\nimport { a } from '../master/routes/a.ts';"),
    ]);
    expect(picture.split('\n').filter((line) => line.includes('-->'))).toEqual([
      '  cli --> master_routes',
      '  master_routes --> master_graph',
    ]);
    expect(picture).toContain('  subgraph master\n    master_graph["graph"]\n    master_routes["routes"]\n  end');
  });

  test('shows the graph needed by its readers, and needing none of them', () => {
    const lines = roomsPicture(['src', 'master', 'minion', 'cli'].flatMap(filesBelow)).split('\n');
    expect(lines).toContain('  master_routes --> master_graph');
    expect(lines.filter((line) => /master_graph --> master_(routes|ingest|sources|access)/.test(line))).toEqual([]);
  });
});
