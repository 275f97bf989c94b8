// Renders the chart anew for the tests: `node test/support/render-chart.ts`, where helm is installed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartCases, render, renderings } from './chart.ts';

mkdirSync(renderings, { recursive: true });
for (const each of chartCases) writeFileSync(join(renderings, `${each.name}.yaml`), render(each));
process.stdout.write(`${chartCases.length} renderings written\n`);
