// GET /version: the running version.
import { Type } from '../../src/schema.ts';
import type { RunningImage } from '../running-image.ts';
import { demoMark } from './answers/parts.ts';
import type { Build, Route } from './route.ts';
import { answers, noQuery } from './schemas.ts';

const answer = Type.Object({
  success: Type.Literal(true),
  timestamp: Type.String(),
  version: Type.String({ description: 'Name, id and date in one, as in 2015', examples: ['cluster-insight 3.0.0'] }),
  name: Type.String({ description: "The image's name where its Pod is known, else the program's" }),
  id: Type.Optional(
    Type.String({ description: "The image's digest where its Pod is known, else the source revision" }),
  ),
  date: Type.Optional(Type.String({ description: 'When the image was built' })),
  from: Type.Union([Type.Literal('pod'), Type.Literal('build')], {
    description: "What says so: the graph, of this process's own Pod, or the build's arguments",
  }),
  program: Type.String({ description: 'Name and version of the program' }),
  revision: Type.Optional(Type.String({ description: 'Source revision' })),
  buildDate: Type.Optional(Type.String()),
  node: Type.String(),
  demo: demoMark,
});

export const version = {
  name: 'version',
  register(app, { build, graph, running, demo }) {
    const schema = { summary: 'What runs', tags: ['service'], querystring: noQuery, ...answers(answer) };
    app.get('/version', { schema }, () => {
      const { name, id, date, from } = imageOf(build, running?.());
      return {
        success: true as const,
        timestamp: graph.timestamp,
        version: [name, shortened(id), date].filter(Boolean).join(' '),
        name,
        ...(id ? { id } : {}),
        ...(date ? { date } : {}),
        from,
        program: programOf(build),
        ...(build.revision ? { revision: build.revision } : {}),
        ...(build.date ? { buildDate: build.date } : {}),
        node: process.version,
        ...(demo ? { demo: true as const } : {}),
      };
    });
  },
} as const satisfies Route;

const programOf = ({ version: number }: Build) => `cluster-insight ${number}`;
const shortened = (id: string | undefined) => id?.replace(/^sha256:/, '').slice(0, 12);

function imageOf(build: Build, running: RunningImage | undefined) {
  if (running) return { name: running.name, id: running.id, date: running.created ?? build.date, from: 'pod' as const };
  return { name: programOf(build), id: build.revision, date: build.date, from: 'build' as const };
}
