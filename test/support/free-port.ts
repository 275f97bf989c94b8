// Loopback ports for programs that must be told one. They lie outside of the range from which the kernel takes ports for
// connections and for servers that ask for any port: nothing on the machine takes one before the program listens, nor while it is
// restarted. A client that dials a port of that range while nothing listens may even be connected to itself.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Test files run at the same time, each in its own worker: each has its own ports. */
const workers = 8;
const perWorker = 1000;
const lowest = 10_240;

/** The first port of this worker; undefined where the kernel takes ports from everywhere. */
function firstPort(): number | undefined {
  const most = workers * perWorker;
  const [low = 0, high = 0] = kernelsRange();
  const start = low >= lowest + most ? low - most : high < 65_536 - most ? high + 1 : undefined;
  const worker = (Number(process.env['VITEST_POOL_ID'] ?? 1) - 1) % workers;
  return start === undefined ? undefined : start + worker * perWorker;
}

function kernelsRange(): number[] {
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number);
  } catch {
    return [];
  }
}

const first = firstPort();
/** Where the next search begins: workers that follow each other, and other runs, begin elsewhere. */
let next = process.pid % perWorker;

export async function freePort(): Promise<number> {
  if (first === undefined) return (await listened(0)) ?? Promise.reject(new Error('no port can be listened on'));
  for (let tried = 0; tried < perWorker; tried++) {
    const found = await listened(first + (next++ % perWorker));
    if (found !== undefined) return found;
  }
  throw new Error(`no port from ${first} to ${first + perWorker - 1} is free`);
}

export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/** The port that was listened on for a moment; undefined if it is taken. */
function listened(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
