// The command `review`: a gateway asks the cluster who a caller is and what they may see. Only the two kinds of reviews that
// masters make themselves are allowed. The answer omits the request, which contains a token.
import { fault } from '../../src/errors.ts';
import type { CommandHandler } from '../../src/uplink/commands.ts';
import type { Reviewer } from '../access/auth/token-review.ts';

export interface ReviewAnswer {
  /** Status of the HTTP response. */
  readonly status: number;
  /** Status of the review; absent if there is none. */
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
