// Answers reviews of tokens and rights as the fake API server does, in this process: a caller with few rights costs hundreds of
// them, which take seconds over HTTP.
import type { Reviewer } from '../../master/access/auth/token-review.ts';
import { createAccess, type User } from '../../src/demo/api/access.ts';
import { review as answerReview } from '../../src/demo/api/reviews.ts';

export function reviewerOf(users: readonly User[]): Reviewer {
  const access = createAccess(users);
  const [asker] = users;
  if (asker === undefined) throw new Error('without users nobody can ask');
  return {
    async review({ kind, spec }) {
      // Later, as every answer of a server.
      await new Promise((resolve) => setImmediate(resolve));
      const object = { metadata: { name: '' }, kind, spec };
      const said = answerReview(`${kind.toLowerCase()}s`, object, asker, access);
      return { status: 201, headers: {}, body: Buffer.from(JSON.stringify(said)) };
    },
  };
}
