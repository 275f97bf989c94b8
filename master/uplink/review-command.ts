// The command `review`: a gateway asks who a caller is and what they may see, and the cluster in question answers. The two reviews
// that the master itself makes are all that can be asked; what was asked is not in the answer, for a token stands in it.
import { fault } from '../../src/errors.ts';
import type { CommandHandler } from '../../src/uplink/commands.ts';
import type { Reviewer } from '../access/auth/token-review.ts';

export interface ReviewAnswer {
  /** Of the HTTP answer. */
  readonly status: number;
  /** The review's own; left out where there is none. */
  readonly review?: unknown;
}

const kinds = ['TokenReview', 'SubjectAccessReview'] as const;

export function reviewCommand(client: Reviewer): CommandHandler {
  return async (body): Promise<ReviewAnswer> => {
    const { kind, spec } = (body ?? {}) as { readonly kind?: unknown; readonly spec?: unknown };
    const known = kinds.find((one) => one === kind);
    if (known === undefined || typeof spec !== 'object' || spec === null)
      throw fault('bad_request', { reason: `a review must be one of ${kinds.join(', ')}, with a spec` });
    const { status, body: answer } = await client.review({ kind: known, spec }, { idle: 10_000, limit: 1 << 20 });
    const review = statusOf(answer);
    return { status, ...(review === undefined ? {} : { review }) };
  };
}

function statusOf(answer: Buffer): unknown {
  try {
    return (JSON.parse(answer.toString()) as { readonly status?: unknown } | null)?.status;
  } catch {
    return undefined;
  }
}
