// Parsers for files of control groups. Pure; invalid numbers are omitted, never read as 0.

/** `name value` lines. */
export function keyed(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    const value = number(line.slice(space + 1));
    if (space > 0 && value !== undefined) values.set(line.slice(0, space), value);
  }
  return values;
}

/** A whole number from 0; undefined for `max` and anything else. */
export function number(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  return /^\d{1,20}$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** `quota period` of cpu.max as cores; undefined without a limit. */
export function coresOf(quota: string | undefined, period: string | undefined): number | undefined {
  const [most, per] = [number(quota), number(period)];
  return most === undefined || per === undefined || most === 0 || per === 0 ? undefined : most / per;
}

export interface Pressure {
  /** Seconds in which at least one task waited. */
  readonly some: number | undefined;
  /** Seconds in which all tasks waited. */
  readonly full: number | undefined;
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=1234` in microseconds, and the same for `full`. */
export function pressureOf(text: string): Pressure {
  const total = (kind: string) => {
    const micros = number(new RegExp(`^${kind} .*\\btotal=(\\d+)`, 'm').exec(text)?.[1]);
    return micros === undefined ? undefined : micros / 1e6;
  };
  return { some: total('some'), full: total('full') };
}

export interface DeviceUse {
  readonly reads: number;
  readonly writes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** io.stat of v2: `8:0 rbytes=1 wbytes=2 rios=3 wios=4 …`, by `major:minor`. */
export function ioStatOf(text: string): Map<string, DeviceUse> {
  const devices = new Map<string, DeviceUse>();
  for (const line of text.split('\n')) {
    const [device = '', ...pairs] = line.split(' ');
    if (!/^\d+:\d+$/.test(device)) continue;
    const values = new Map(pairs.map((pair) => pair.split('=') as [string, string]));
    const of = (name: string) => number(values.get(name)) ?? 0;
    devices.set(device, { reads: of('rios'), writes: of('wios'), readBytes: of('rbytes'), writtenBytes: of('wbytes') });
  }
  return devices;
}

/** blkio.throttle.io_serviced and io_service_bytes of v1: `8:0 Read 12`. */
export function blkioOf(serviced: string, bytes: string): Map<string, DeviceUse> {
  const counts = operationsOf(serviced);
  const sizes = operationsOf(bytes);
  const devices = new Set([...counts.keys(), ...sizes.keys()]);
  const of = (table: Map<string, Map<string, number>>, device: string, name: string) =>
    table.get(device)?.get(name) ?? 0;
  return new Map(
    [...devices].map((device) => [
      device,
      {
        reads: of(counts, device, 'Read'),
        writes: of(counts, device, 'Write'),
        readBytes: of(sizes, device, 'Read'),
        writtenBytes: of(sizes, device, 'Write'),
      },
    ]),
  );
}

function operationsOf(text: string): Map<string, Map<string, number>> {
  const devices = new Map<string, Map<string, number>>();
  for (const line of text.split('\n')) {
    const [, device, operation, count] = /^(\d+:\d+) (\w+) (\d+)$/.exec(line) ?? [];
    if (device === undefined || operation === undefined) continue;
    const known = devices.get(device) ?? new Map<string, number>();
    devices.set(device, known.set(operation, Number(count)));
  }
  return devices;
}
