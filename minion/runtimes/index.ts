// The registry of runtime drivers, in the order in which a socket is asked.

import { cri } from './cri.ts';
import { docker } from './docker.ts';
import type { RuntimeDriver } from './runtime.ts';

export const drivers: readonly RuntimeDriver[] = [docker, cri];
