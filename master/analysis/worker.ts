// The thread of one analysis: answers its input and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { analyse, type Work } from './analyse.ts';

parentPort?.postMessage(analyse(workerData as Work));
