// Reads the kernel's events of connections for as long as its standard input is open, as a minion does: run it with a minion's flags.
// FOLDER NAME OWNER. Prints a line when it reads, and at the end what it counted, what was lost, and its processor time meanwhile.
import { Connections } from '../../minion/probes/tcp/connections.ts';
import { Owners } from '../../minion/probes/tcp/owners.ts';
import { Tracer } from '../../minion/probes/tcp/tracer.ts';
import { optimizeHotCode } from '../../src/optimizer.ts';

const [folder = '', name = '', owner = ''] = process.argv.slice(2);
const connections = new Connections(() => undefined);
const tracer = new Tracer({ folder, owners: new Owners('/proc'), connections, name });
let isHot = false;

function look(): void {
  if (tracer.look(Date.now()) <= 500 || isHot) return;
  isHot = true;
  optimizeHotCode();
}

const timers = [setInterval(look, 50), setInterval(() => connections.translate(() => undefined, Date.now()), 5_000)];
const before = process.cpuUsage();
process.stdout.write('reads\n');
process.stdin.resume().once('end', () => {
  for (const timer of timers) clearInterval(timer);
  const { user, system } = process.cpuUsage(before);
  for (let i = 0; i < 2; i++) look();
  tracer.close();
  const opened = connections.flows().reduce((sum, flow) => sum + (flow.owner === owner ? flow.opened : 0), 0);
  process.stdout.write(`${JSON.stringify({ opened, lost: tracer.lost, seconds: (user + system) / 1e6 })}\n`);
});
