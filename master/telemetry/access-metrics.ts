// What can be seen of the rim: how many answers are under way, what is asked of the API server on behalf of callers, and
// what the graphs of those who see a part of it take.
import { Counter, type Registry } from 'prom-client';
import type { Reviewer } from '../access/auth/token-review.ts';
import { sampledMetrics } from './sampled-metrics.ts';

export interface AccessSources {
  readonly open: () => number;
  readonly visibleGraphs: () => { readonly count: number; readonly bytes: number };
}

export function addAccessMetrics(registry: Registry, { open, visibleGraphs }: AccessSources): void {
  const { gauge } = sampledMetrics(registry);
  gauge('open_answers', 'Open answers, including streams', [], () => [[open()]]);
  gauge('scopes', 'Graphs of restricted callers', [], () => [[visibleGraphs().count]]);
  gauge('scope_bytes', 'Bytes of serialized objects in the graphs of restricted callers', [], () => [
    [visibleGraphs().bytes],
  ]);
}

/** Counts the reviews that are asked for, by what they ask and the status of the answer. */
export function countReviews(registry: Registry, client: Reviewer): Reviewer {
  const reviews = new Counter({
    name: 'cluster_insight_reviews_total',
    help: 'Token and access reviews, by kind and status; 0 if no answer came',
    labelNames: ['of', 'status'],
    registers: [registry],
  });
  return {
    async review(asked, options) {
      const of = asked.kind === 'TokenReview' ? 'token' : 'access';
      const answer = await client.review(asked, options).catch((error: unknown) => {
        reviews.inc({ of, status: '0' });
        throw error;
      });
      reviews.inc({ of, status: String(answer.status) });
      return answer;
    },
  };
}
