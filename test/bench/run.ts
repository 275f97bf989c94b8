// npm run bench -- census | limit | census/10 | limit/10 | hubs | soak[/SECONDS] | history | fleet[/PARTS] | ui[/PARTS] | minion | telemetry | gateway | findings[/PARTS] | export | export/10 … [--json] [--quick] [--seed=1]
//
// One table of the figures of docs/performance.md. The API server and the master are processes of their own; peak memory
// is what the operating system says.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exportRows } from './export.ts';
import { findingRows } from './findings.ts';
import { fleetRows } from './fleet.ts';
import { type Freshness, freshness } from './freshness.ts';
import { gatewayRows } from './gateway.ts';
import { historyRows } from './history.ts';
import { hubRows } from './hubs.ts';
import { minionRows } from './minion.ts';
import { type ApiProcess, type MasterProcess, startApi, startMaster } from './processes.ts';
import * as rows from './rows.ts';
import { contents, difference } from './same-graph.ts';
import { type ClusterName, clusterNames } from './sizes.ts';
import { soak, soakRows } from './soak.ts';
import { mib, type Row, table } from './table.ts';
import { telemetryRows } from './telemetry.ts';
import { uiRows } from './ui.ts';
import { floor } from './yardsticks.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    'node-option': { type: 'string', multiple: true, default: [] },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'cluster-insight-bench-'));
const say = (text: string) => void process.stderr.write(`${text}\n`);
const load = { rate: Number(values.rate), seconds: Number(values.seconds), readers: 50, pace: 1e6 };
const all: Row[] = [];

try {
  for (const asked of positionals.length > 0 ? positionals : ['census/10', 'minion']) {
    if (asked === 'hubs') {
      await hubRows((row) => add(row));
      continue;
    }
    if (asked === 'findings' || asked.startsWith('findings/')) {
      add(...(await findingRows(Number(asked.split('/')[1] ?? 10))));
      continue;
    }
    if (asked === 'telemetry') {
      await telemetryRows(
        (...rows) => add(...rows),
        values.quick ? { containers: 10, rounds: 1, seconds: 2, turns: 2 } : undefined,
      );
      continue;
    }
    if (asked === 'ui' || asked.startsWith('ui/')) {
      add(...(await uiRows(folder, Number(asked.split('/')[1] ?? (values.quick ? 200 : 10)), values.quick)));
      continue;
    }
    if (asked === 'history') {
      const quick = { divide: 50, changes: 3000, seconds: 3, bytes: 1e8 };
      await historyRows((row) => add(row), values.quick ? quick : {});
      continue;
    }
    if (asked === 'gateway') {
      add(...(await gatewayRows({ agents: values.quick ? 100 : 1_000, seconds: values.quick ? 5 : 20 })));
      continue;
    }
    if (asked === 'fleet' || asked.startsWith('fleet/')) {
      await fleetRows(
        (row) => add(row),
        Number(asked.split('/')[1] ?? (values.quick ? 50 : 10)),
        values.quick ? 2000 : 10_000,
      );
      continue;
    }
    if (asked === 'minion') {
      add(...(await minionRows()));
      continue;
    }
    const [name = '', parts = '1'] = asked.split('/');
    if (name === 'soak') {
      add(...soakRows(await soak({ seconds: asked.includes('/') ? Number(parts) : 600, say })));
      continue;
    }
    if (name === 'export') {
      await exported(Number(parts));
      continue;
    }
    if (!clusterNames.includes(name as ClusterName))
      throw new Error(
        `${name} is none of ${clusterNames.join(', ')}, hubs, soak, history, fleet, ui, minion, telemetry, gateway, findings, export`,
      );
    await measure(name as ClusterName, Number(parts));
  }
  const machine = `${availableParallelism()} cores, ${mib(totalmem())}, Node ${process.version}`;
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, rows: all }, null, 2)}\n`);
  else process.stdout.write(`${machine}\n\n${table(all)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function add(...more: readonly Row[]): void {
  for (const row of more) say(`  ${row.figure}: ${row.measured} (${row.yardstick})`);
  all.push(...more);
}

/** Exports census, or a part of it. */
async function exported(parts: number): Promise<void> {
  const api = await startApi(folder, 'census', parts, Number(values.seed));
  try {
    const lowest = () => floor(api.url, Object.keys(api.counts).map(pathOf));
    add(...(await exportRows(parts === 1 ? 'census' : `census/${parts}`, api, folder, lowest)));
  } finally {
    await api.close();
  }
}

async function measure(name: ClusterName, parts: number): Promise<void> {
  say(`${name}/${parts}: making the cluster`);
  const api = await startApi(folder, name, parts, Number(values.seed));
  try {
    say(`  ${api.objects} objects, ${(api.bytes / 1e6).toFixed(0)} MB in ${api.seconds.toFixed(1)} s; the master`);
    const earlier: rows.Start[] = [];
    for (let n = 1; n < (values.quick ? 1 : 3); n++) await started(api, async ({ start }) => void earlier.push(start));
    await started(api, ({ start, master }) =>
      figures({ name, parts, folder, api, master, starts: [...earlier, start] }),
    );
  } finally {
    await api.close();
  }
}

interface Started {
  readonly master: MasterProcess;
  readonly start: rows.Start;
}

/** Measures the floor, then runs a master during `use`. */
async function started(api: ApiProcess, use: (started: Started) => Promise<void>): Promise<void> {
  const lowest = await floor(api.url, Object.keys(api.counts).map(pathOf));
  const master = await startMaster({ folder, kubeconfig: api.kubeconfigFile, nodeOptions: values['node-option'] });
  try {
    const { peak } = master.memory();
    await use({ master, start: { readyAfter: master.readyAfter, peak, floor: lowest } });
  } finally {
    await master.close();
  }
}

async function figures(setup: rows.Setup): Promise<void> {
  add(rows.startRow(setup), rows.memoryRow(setup));
  if (!values.quick && setup.name === 'census' && setup.parts === 1) add(await rows.kubectlRow(setup));
  add(await rows.unchangedRow(setup), await rows.wholeRow(setup), await rows.wholeRow(setup, 'zstd'));
  const spaces = Array.from({ length: 20 }, (_, n) => `team-${String(n).padStart(3, '0')}`);
  add(
    await rows.queryRow(
      setup,
      'namespace view',
      spaces.map((space) => `/cluster?namespace=${space}`),
      50,
    ),
  );
  add(
    await rows.queryRow(
      setup,
      'impact',
      spaces.map((space, n) => `/cluster/impact?of=Deployment:${space}/app-${n}`),
      5,
    ),
  );
  add(await rows.queryRow(setup, 'groups by namespace', ['/cluster/groups?by=namespace'], 5));
  const looked = ['app-17', 'team-00', 'task-12', 'node-0001', 'config-3', '10.100.0.1', 'secret-1', 'confgi-33'];
  add(
    await rows.queryRow(
      setup,
      'search',
      looked.map((text) => `/cluster/search?q=${text}`),
      5,
    ),
  );
  if (!values.quick) add(await rows.streamRow(setup));
  add(await rows.relistRow(setup));
  if (values.quick) return;
  const seen = await freshness(setup.api, setup.master, load);
  add(...rows.freshnessRows(setup, seen));
  add(await sameAsRebuilt(setup));
  if (setup.parts === 1) add(rows.costRow(setup, seen, await onTenth(setup.name)));
}

async function sameAsRebuilt(setup: rows.Setup): Promise<Row> {
  const kept = await contents(setup.master.url);
  const other = await startMaster({ folder, kubeconfig: setup.api.kubeconfigFile });
  try {
    const built = await contents(other.url);
    return rows.sameGraphRow(
      setup,
      difference(kept, built),
      kept.broken + built.broken,
      kept.resources + kept.relations,
    );
  } finally {
    await other.close();
  }
}

async function onTenth(name: ClusterName): Promise<Freshness> {
  say('  a tenth of it, for the cost of one event');
  const api: ApiProcess = await startApi(folder, name, 10, Number(values.seed));
  try {
    const master = await startMaster({ folder, kubeconfig: api.kubeconfigFile });
    try {
      return await freshness(api, master, load);
    } finally {
      await master.close();
    }
  } finally {
    await api.close();
  }
}

/** `deployments.apps` → `/apis/apps/v1/deployments`. */
function pathOf(resource: string): string {
  const [plural = '', ...group] = resource.split('.');
  if (group.length === 0) return `/api/v1/${plural}`;
  const version = plural === 'horizontalpodautoscalers' ? 'v2' : 'v1';
  return `/apis/${group.join('.')}/${version}/${plural}`;
}
