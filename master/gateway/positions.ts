// Up to which record an agent's log was taken, on disk: what is written into a log is there for good, so that it is not to come once more
// after a restart, or to another gateway of the same name. All else lives in memory, and is told again.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Role } from '../../src/gateway-protocol/protocol.ts';
import type { Logger } from '../../src/logger.ts';

/** Of each buffer of an agent, the last record of its log that is here. */
export type LogPositions = ReadonlyMap<string, number>;

const kept = Compile(Type.Record(Type.String({ maxLength: 128 }), Type.Integer({ minimum: 0 })));

export class Positions {
  readonly #folder: string;
  readonly #logger: Pick<Logger, 'warn'>;

  /** `enrolments` is the folder that gateways of one name share. */
  constructor(enrolments: string, logger: Pick<Logger, 'warn'>) {
    this.#folder = join(enrolments, 'positions');
    this.#logger = logger;
  }

  /** None where nothing is known: then what was not acknowledged comes again. */
  read(cluster: string, role: Role): LogPositions {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#pathOf(cluster, role), 'utf8'));
      return new Map(kept.Check(value) ? Object.entries(value) : []);
    } catch {
      return new Map();
    }
  }

  /** When an agent has gone, and at the end: not for each record. */
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
