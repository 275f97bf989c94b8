// The last log record received from each agent, on disk. Log lines are written permanently, so they must not arrive twice after a
// restart or at another gateway of the same name. All other data lives in memory and is sent again.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Role } from '../../src/gateway-protocol/protocol.ts';
import type { Logger } from '../../src/logger.ts';

/** For each buffer of an agent, the number of its last received log record. */
export type LogPositions = ReadonlyMap<string, number>;

const kept = Compile(Type.Record(Type.String({ maxLength: 128 }), Type.Integer({ minimum: 0 })));

export class Positions {
  readonly #folder: string;
  readonly #logger: Pick<Logger, 'warn'>;

  /** `enrolments`: the folder shared by gateways of one name. */
  constructor(enrolments: string, logger: Pick<Logger, 'warn'>) {
    this.#folder = join(enrolments, 'positions');
    this.#logger = logger;
  }

  /** Empty if nothing is known: then unacknowledged records arrive again. */
  read(cluster: string, role: Role): LogPositions {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#pathOf(cluster, role), 'utf8'));
      return new Map(kept.Check(value) ? Object.entries(value) : []);
    } catch {
      return new Map();
    }
  }

  /** Call when the agent disconnects and at the end, not for each record. */
  write(cluster: string, role: Role, positions: LogPositions): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const path = this.#pathOf(cluster, role);
      writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(positions)), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch (err) {
      this.#logger.warn({ err, cluster }, 'how far the log of an agent was taken cannot be written down');
    }
  }

  #pathOf(cluster: string, role: Role): string {
    return join(this.#folder, `${cluster}.${role}.json`);
  }
}
