// Receives the findings of a cluster from its master.
import { readFindingsBody } from '../../src/gateway-protocol/findings-body.ts';
import type { Finding } from '../findings/contract.ts';
import type { FindingsTold } from '../findings/told.ts';
import type { ReceivedRecord, Receiver } from './receiver.ts';

export class FindingsReceiver implements Receiver {
  readonly #told: { take(told: FindingsTold): void };

  constructor(told: { take(told: FindingsTold): void }) {
    this.#told = told;
  }

  take({ body }: ReceivedRecord): void {
    const { found, ...rest } = readFindingsBody(body);
    this.#told.take({ ...rest, found: found as readonly Finding[] });
  }
}
