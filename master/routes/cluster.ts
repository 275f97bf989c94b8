// GET /cluster: the whole graph, streamed.
import { capture, chunksOf, entriesOf, relationPieces, resourcePieces } from '../graph/snapshot.ts';
import { bodyOf, unchanged } from './answer.ts';
import type { Route } from './route.ts';
import { answers, graphAnswer, noQuery } from './schemas.ts';

export const cluster = {
  name: 'cluster',
  register(app, { graph, epoch }) {
    const schema = { summary: 'The graph', tags: ['graph'], querystring: noQuery, ...answers(graphAnswer) };
    app.get('/cluster', { schema }, (request, reply) => {
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      const snapshot = capture(graph);
      const entries = () => entriesOf(snapshot);
      return reply.type('application/json; charset=utf-8').send(
        bodyOf(snapshot, [
          { name: 'resources', chunks: () => chunksOf(resourcePieces(entries())) },
          { name: 'relations', chunks: () => chunksOf(relationPieces(entries(), graph.edgeLists.pieceOf)) },
        ]),
      );
    });
  },
} as const satisfies Route;
