// The thread that lays out one plan and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { instance } from '@viz-js/viz';
import { graphOf, layoutOf } from './graphviz.ts';
import type { Plan } from './layout.ts';

const plan = workerData as Plan;
const viz = await instance();
const result = viz.render(graphOf(plan), { format: 'json0', engine: 'dot' });
if (result.status !== 'success') throw new Error(result.errors.map(({ message }) => message).join('; '));
parentPort?.postMessage(layoutOf(plan, result.output));
