// The thread of one analysis: it answers what it was started with, and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { analyse, type Work } from './analyse.ts';

parentPort?.postMessage(analyse(workerData as Work));
