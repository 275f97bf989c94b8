// Loads the modules of Node that a master needs, before any of V8's flags are changed: Node brings compiled code for its modules, and V8
// takes it only with the flags that it was compiled with. Afterwards each is compiled from its text.

/** An `import` reads all exports, and what stands behind some of them is loaded then. */
const imported = [
  'node:child_process',
  'node:crypto',
  'node:dns',
  'node:fs',
  'node:fs/promises',
  'node:https',
  'node:net',
  'node:perf_hooks',
  'node:stream',
  'node:string_decoder',
  'node:timers/promises',
  'node:tls',
  'node:url',
  'node:util',
  'node:v8',
  'node:worker_threads',
  'node:zlib',
] as const;

/** Packages require these. */
const required = ['node:cluster', 'node:http2', 'node:vm'] as const;

export async function loadBuiltins(): Promise<void> {
  for (const name of required) process.getBuiltinModule(name);
  await Promise.all(imported.map((name) => import(name)));
}
