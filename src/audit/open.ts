// Opens the configured audit: lines in the log or a file, and the same lines to a collector.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { monotonicClock } from '../clock.ts';
import { badSetting } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { repeat } from '../repeat.ts';
import type { Config } from '../settings/config.ts';
import { type Audit, type AuditLine, AuditTrail, noAudit } from './audit.ts';

export interface AuditOptions {
  /** `master`, `export`, `actor`, `command`. */
  readonly mode: string;
  /** `off`, `log` or a file. */
  readonly audit: string;
  readonly config: Partial<Pick<Config, 'otlpEndpoint' | 'otlpTokenFile' | 'clusterName'>>;
  readonly logger: Logger;
}

export interface OpenAudit {
  readonly audit: Audit;
  /** Resolves when the last line is delivered. */
  close(): Promise<void>;
}

interface Outlet {
  write(line: AuditLine): void;
  close(): Promise<void>;
}

/** @throws Fault `bad_setting` if the file cannot be written. */
export async function openAudit(options: AuditOptions): Promise<OpenAudit> {
  const outlets: Outlet[] = [];
  if (options.audit === 'log') outlets.push(toLog(options.logger));
  else if (options.audit !== 'off') outlets.push(toFile(options.audit, options.logger));
  const collector = await toCollector(options);
  if (collector !== undefined) outlets.push(collector);
  if (outlets.length === 0) return { audit: noAudit, close: async () => {} };
  let isClosed = false;
  const trail = new AuditTrail({
    mode: options.mode,
    clock: Date.now,
    monotonic: monotonicClock,
    write(line) {
      if (isClosed) return;
      for (const outlet of outlets) outlet.write(line);
    },
  });
  return {
    audit: trail,
    async close() {
      // Connections that were just closed report it, and end their watches, in the next turns.
      for (let turn = 0; turn < 3; turn++) await setImmediate();
      isClosed = true;
      await Promise.all(outlets.map((outlet) => outlet.close()));
    },
  };
}

function toLog(logger: Logger): Outlet {
  return {
    write: (line) => logger.info({ audit: line }, `asked of the API server: ${line.verb} ${line.path}`),
    close: async () => {},
  };
}

/** Append-only: rotation must copy and truncate. Other users may not read the file. */
function toFile(file: string, logger: Logger): Outlet {
  const descriptor = opened(file);
  let isFull = false;
  return {
    write(line) {
      try {
        writeFileSync(descriptor, `${JSON.stringify(line)}\n`);
        isFull = false;
      } catch (err) {
        // A full disk must not stop reading: logged once.
        if (!isFull) logger.error({ err }, `lines of the audit are lost: ${file} cannot be written`);
        isFull = true;
      }
    },
    close: async () => closeSync(descriptor),
  };
}

function opened(file: string): number {
  try {
    return openSync(file, 'a', 0o600);
  } catch (error) {
    const reason = String((error as NodeJS.ErrnoException).code ?? error);
    throw badSetting('CLUSTER_INSIGHT_AUDIT', `names a file that cannot be written: ${file} (${reason})`);
  }
}

/** Maximum records per request, and how long the first one waits for others. */
const batch = 512;
const batchWait = 1_000;
/** Milliseconds that the process waits for a collector at its end. */
const atEnd = 3_000;

async function toCollector({ config, logger, mode }: AuditOptions): Promise<Outlet | undefined> {
  const { otlpEndpoint: endpoint, otlpTokenFile: tokenFile, clusterName } = config;
  if (endpoint === undefined) return undefined;
  const { openOtlp } = await import('../shipping/collector.ts');
  const { auditRecords } = await import('../shipping/audit-records.ts');
  const delivery = openOtlp({ endpoint, tokenFile, logger }, 'logs');
  const origin = { 'service.name': `cluster-insight-${mode}`, ...(clusterName && { 'k8s.cluster.name': clusterName }) };
  let held: AuditLine[] = [];
  const ship = (): void => {
    if (held.length === 0) return;
    const lines = held;
    held = [];
    delivery.offer({ body: gzipSync(JSON.stringify(auditRecords(lines, origin))), items: lines.length });
  };
  const stop = repeat(batchWait, ship, logger);
  return {
    write(line) {
      held.push(line);
      if (held.length >= batch) ship();
    },
    async close() {
      stop();
      ship();
      await delivery.close(atEnd);
    },
  };
}
