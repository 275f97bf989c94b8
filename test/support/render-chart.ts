// Renders the chart for the tests: `node test/support/render-chart.ts`, with helm or the Go toolchain.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartCases, findHelm, render, renderings } from './chart.ts';

mkdirSync(renderings, { recursive: true });
const helm = findHelm();
if (helm === undefined) throw new Error('there is neither helm nor the Go toolchain to build it with');
for (const each of chartCases) writeFileSync(join(renderings, `${each.name}.yaml`), render(helm, each));
process.stdout.write(`${chartCases.length} renderings written\n`);
