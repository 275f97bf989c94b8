// Enrolled clusters: a folder with one file per cluster, written by `gateway enroll` and read for each connection. Gateways
// with the same name share the folder. An unused secret expires after four hours; the older of two expires a day after the
// newer was first used.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Clock, timestampOf, type WallTime } from '../../src/clock.ts';
import { badSetting, fault } from '../../src/errors.ts';
import { shortestSecret } from '../../src/gateway-protocol/secrets.ts';

const moment = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[0-9:.]{8,12}Z$' });

const enrolment = Type.Object({
  cluster: Type.String(),
  account: Type.String(),
  secrets: Type.Array(
    Type.Object({
      secret: Type.String({ minLength: shortestSecret }),
      created: moment,
      /** Expiry if not used before. */
      unusedUntil: Type.Optional(moment),
      /** First use. */
      used: Type.Optional(moment),
      /** Expiry in any case. */
      until: Type.Optional(moment),
    }),
  ),
  /** Minimum log level for the agent; undefined for its own. */
  logLevel: Type.Optional(Type.String()),
});

export type Enrolment = Static<typeof enrolment>;
type Secret = Enrolment['secrets'][number];

const checked = Compile(enrolment);

export const enrolmentTimes = {
  /** Milliseconds until an unused secret expires. */
  unused: 4 * 3_600_000,
  /** Milliseconds that an older secret stays valid beside a used one. */
  overlap: 24 * 3_600_000,
} as const;

/** Bytes of a secret, before base64. */
const secretBytes = 32;
const setting = 'CLUSTER_INSIGHT_GATEWAY_ENROLMENTS';
/** Part of ids and file names. */
const clusterForm = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;

export class Enrolments {
  readonly #folder: string;
  readonly #clock: Clock;

  constructor(folder: string, clock: Clock = Date.now) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** All readable enrolments; unreadable files are in `faults`. */
  list(): { readonly enrolments: readonly Enrolment[]; readonly faults: readonly string[] } {
    const names = this.#names();
    const read = names.map((name) => this.#read(name));
    return {
      enrolments: read.filter((one) => one !== undefined),
      faults: names.filter((_, place) => read[place] === undefined),
    };
  }

  /** Undefined if the cluster is not enrolled. */
  of(cluster: string): Enrolment | undefined {
    return clusterForm.test(cluster) ? this.#read(cluster) : undefined;
  }

  /** The currently valid secrets, as in the file. */
  secretsOf({ secrets }: Enrolment): readonly Secret[] {
    const now = this.#clock();
    return secrets.filter((secret) => isGood(secret, now));
  }

  /**
   * Adds a new secret for the cluster.
   * @throws Fault `bad_request` for an invalid name, or one of another account.
   */
  enrol(cluster: string, account: string): { readonly enrolment: Enrolment; readonly secret: string } {
    if (!clusterForm.test(cluster) || !clusterForm.test(account))
      throw badName(clusterForm.test(cluster) ? account : cluster);
    const known = this.#read(cluster);
    if (known !== undefined && known.account !== account)
      throw fault('bad_request', { reason: `${cluster} is enrolled for the account ${known.account} already` });
    const now = this.#clock();
    const made: Secret = {
      secret: randomBytes(secretBytes).toString('base64url'),
      created: timestampOf(now),
      unusedUntil: timestampOf((now + enrolmentTimes.unused) as WallTime),
    };
    const kept = (known?.secrets ?? []).filter((secret) => isGood(secret, now));
    const next: Enrolment = { ...known, cluster, account, secrets: [made, ...kept] };
    this.#write(next);
    return { enrolment: next, secret: made.secret };
  }

  /** Records the use of a secret: it no longer expires by itself, and older ones do. */
  used(cluster: string, secret: string): void {
    const known = this.#read(cluster);
    const place = known?.secrets.findIndex((one) => one.secret === secret) ?? -1;
    if (known === undefined || place < 0 || known.secrets[place]?.used !== undefined) return;
    const now = this.#clock();
    const until = timestampOf((now + enrolmentTimes.overlap) as WallTime);
    const secrets = known.secrets.map((one, at) => {
      if (at < place) return one;
      return at > place ? { ...one, until: one.until ?? until } : { ...withoutEnd(one), used: timestampOf(now) };
    });
    this.#write({ ...known, secrets });
  }

  /** @throws Fault `bad_request` if it is not enrolled. */
  setLogLevel(cluster: string, logLevel: string | undefined): void {
    const { logLevel: _, ...known } = this.#known(cluster);
    this.#write(logLevel === undefined ? known : { ...known, logLevel });
  }

  /** Invalidates all its secrets. @throws Fault `bad_request` if it is not enrolled. */
  revoke(cluster: string): void {
    rmSync(this.#pathOf(this.#known(cluster).cluster));
  }

  #known(cluster: string): Enrolment {
    const known = this.of(cluster);
    if (known === undefined) throw fault('bad_request', { reason: `${cluster} is not enrolled` });
    return known;
  }

  #names(): string[] {
    try {
      const names = readdirSync(this.#folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
      return names.map((name) => name.slice(0, -'.json'.length)).toSorted();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw badSetting(setting, `names a folder that cannot be read: ${this.#folder}`);
    }
  }

  #read(cluster: string): Enrolment | undefined {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#pathOf(cluster), 'utf8'));
      return checked.Check(value) && value.cluster === cluster ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Atomic for concurrent readers. */
  #write(next: Enrolment): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const path = this.#pathOf(next.cluster);
      const before = `${path}.${randomUUID()}.new`;
      writeFileSync(before, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
      renameSync(before, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw badSetting(setting, `names a folder that cannot be written to: ${this.#folder} (${code})`);
    }
  }

  #pathOf(cluster: string): string {
    return join(this.#folder, `${cluster}.json`);
  }
}

function isGood({ unusedUntil, until }: Secret, now: WallTime): boolean {
  const text = timestampOf(now);
  return (unusedUntil === undefined || text < unusedUntil) && (until === undefined || text < until);
}

function withoutEnd({ unusedUntil: _, ...rest }: Secret): Secret {
  return rest;
}

function badName(name: string) {
  const reason = `${JSON.stringify(name)} must be of up to 63 lower-case letters, digits, \`-\` and \`.\``;
  return fault('bad_request', { reason });
}
