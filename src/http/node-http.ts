// Node's module `http`, without what an `import` of it brings along: that reads every export, and some of them load a second
// HTTP client with its streams, 30 ms of processor time and 13 MiB at each start of anything.
import type Http from 'node:http';

export const nodeHttp: typeof Http = process.getBuiltinModule('node:http');
