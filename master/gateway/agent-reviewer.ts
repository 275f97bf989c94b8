// Reviews a gateway's caller through the cluster's agent. While the agent is disconnected no new caller is admitted.
import { fault } from '../../src/errors.ts';
import type { Reviewer } from '../access/auth/token-review.ts';
import type { ReviewAnswer } from '../uplink/review-command.ts';
import type { Agent } from './agent.ts';
import { clocksApart } from './clocks-apart.ts';

/** Milliseconds. */
const patience = 10_000;

export function agentReviewer(cluster: string, agentOf: (cluster: string) => Agent | undefined): Reviewer {
  return {
    async review(asked) {
      const agent = agentOf(cluster);
      if (agent?.connection === undefined) throw fault('unavailable', { reason: `${cluster} is not connected` });
      const { kind, spec } = asked;
      const answer = await agent.command(
        'review',
        { kind, spec },
        Date.now() + patience + clocksApart,
        AbortSignal.timeout(patience),
      );
      const { status, review } = (answer.result ?? {}) as Partial<ReviewAnswer>;
      if (!answer.ok || typeof status !== 'number')
        throw fault('unavailable', { reason: answer.error?.message ?? `${cluster} did not answer the review` });
      return { status, headers: {}, body: Buffer.from(JSON.stringify({ kind, status: review })) };
    },
  };
}
