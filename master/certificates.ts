// Checks that show when certificates end: the served one and the minions'.
import { certificateCheck } from '../src/http/certificate-check.ts';
import type { Check } from '../src/http/health.ts';
import { endOf, type Tls } from '../src/http/tls.ts';
import type { Config } from '../src/settings/config.ts';
import type { RuntimeCollector } from './sources/runtime/open.ts';

/** The material currently served. */
export interface Secured {
  tls: Tls | undefined;
}

/** Empty without certificates. */
export function certificateChecks(
  secured: Secured,
  collector: Pick<RuntimeCollector, 'certificateEnds'>,
  { minionCaFile }: Pick<Config, 'minionCaFile'>,
): Check[] {
  const minions = () => {
    const ends = Object.values(collector.certificateEnds());
    return ends.length > 0 ? Math.min(...ends) : undefined;
  };
  return [
    ...(secured.tls ? [certificateCheck('certificate', () => endOf(secured.tls), Date.now)] : []),
    ...(minionCaFile === undefined ? [] : [certificateCheck('minion-certificates', minions, Date.now)]),
  ];
}
