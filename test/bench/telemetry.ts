// The processor time of the probes' own work: log lines, trace records, series. Runs anywhere, without kernel features.

import { Series } from '../../master/series/series.ts';
import { MessageCounter } from '../../minion/probes/logs/counter.ts';
import { LineJoiner, logLineOf } from '../../minion/probes/logs/line-forms.ts';
import { MessageJoiner } from '../../minion/probes/logs/messages.ts';
import { Connections, tcpStates } from '../../minion/probes/tcp/connections.ts';
import type { Row } from './table.ts';

export function telemetryRows(): Row[] {
  return [logRow(), connectionRow(), seriesRow()];
}

/** Processor seconds that the work takes. */
function seconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const kinds = [
  (n: number) => `INFO request ${n} of client 10.0.${n % 256}.7 took ${n % 90} ms`,
  (n: number) => `level=debug msg="cache hit" key=user-${n} ttl=${n % 300}`,
  (n: number) => `{"level":"warn","msg":"slow query of table orders","ms":${n % 4000}}`,
  (n: number) => `E1120 10:00:00.${n} 1 sync.go:${n % 900}] cannot sync pod ${n}: timeout`,
  (n: number) => `plain text of a program that says no level, number ${n}`,
];

function logRow(): Row {
  const lines = 300_000;
  const texts = Array.from({ length: lines }, (_, n) => `2026-11-20T10:00:00.000000000Z stdout F ${kinds[n % 5]?.(n)}`);
  const counter = new MessageCounter({ redact: (sample) => sample });
  const joiner = new LineJoiner();
  const messages = new MessageJoiner((message) => counter.add(message));
  const took = seconds(() => {
    for (const text of texts) {
      const read = logLineOf(text);
      const whole = read && joiner.take(read);
      if (whole !== undefined) messages.add(whole);
    }
  });
  return {
    figure: 'log lines of one core',
    target: '≥ 300,000 a second',
    measured: `${Math.round(lines / took).toLocaleString('en')} a second, ${counter.all().length} kinds`,
    yardstick: `${lines.toLocaleString('en')} lines of five forms`,
    met: lines / took >= 300_000,
  };
}

function connectionRow(): Row {
  const connects = 200_000;
  const { synSent, established, close } = tcpStates;
  const connections = new Connections(() => undefined);
  const source = { host: '10.0.0.1', port: 40_000 };
  const took = seconds(() => {
    for (let n = 0; n < connects; n++) {
      const target = { host: '10.0.0.2', port: 1 + (n % 100) };
      const change = { time: n, socket: n % 1000, source, target, owner: `c${n % 4}` };
      connections.change({ ...change, before: close, after: synSent }, n);
      connections.change({ ...change, before: synSent, after: established }, n);
      connections.change({ ...change, before: established, after: close }, n);
    }
    connections.translate(() => undefined, connects);
  });
  const share = (took / connects) * 10_000;
  return {
    figure: '10,000 connections a second, counted',
    target: '≤ 5 % of a core',
    measured: `${(share * 100).toFixed(1)} %, without reading the events`,
    yardstick: `${connects.toLocaleString('en')} connections`,
    met: share <= 0.05,
  };
}

function seriesRow(): Row {
  const series = new Series(1 << 30);
  const containers = 300 * 100;
  for (let n = 0; n < containers; n++) for (const family of ['cpu', 'memory']) series.put(`c${n}`, family, n % 60, n);
  const each = series.bytes / (containers * 2);
  return {
    figure: 'an hour of one kind of number of one container',
    target: '≤ 1 KiB',
    measured: `${Math.round(each)} bytes`,
    yardstick: '300 nodes of 100 containers',
    met: each <= 1024,
  };
}
