// An actor for the examples of the command: with its own API server, a Deployment that becomes ready after each change, and the
// files that the examples name.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../../actor/start.ts';
import { startApiServer } from '../../src/demo/api-server.ts';
import { silentLogger } from '../../src/logger.ts';
import { readConfig } from '../../src/settings/config.ts';
import { comeUp, document, named, openPolicy, users, workload } from './acting.ts';

export interface ExampleActor {
  readonly url: string;
  close(): Promise<void>;
}

export async function startExampleActor(folder: string): Promise<ExampleActor> {
  const server = await startApiServer({ users });
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const web = workload(server);
  const own = join(folder, 'actor');
  mkdirSync(own);
  writeFileSync(join(own, 'config'), JSON.stringify(server.kubeconfig({ token: 'actor' })));
  writeFileSync(join(own, 'policy.yaml'), JSON.stringify(openPolicy));
  writeFileSync(join(folder, 'token'), 'alice');
  writeFileSync(join(folder, 'action.json'), JSON.stringify(document({ now: Date.now }, web, { id: 'web-memory' })));
  const flags = [
    `--kubeconfig=${join(own, 'config')}`,
    `--actor-dir=${own}`,
    `--actor-policy=${join(own, 'policy.yaml')}`,
  ];
  const config = readConfig({}, ['actor', '--port=0', '--audit=off', ...flags]);
  const running = await start({ config, logger: silentLogger });
  const timer = setInterval(() => {
    if (Number(server.get(named('Deployment', 'web'))?.metadata['generation']) > 1) comeUp(server, 'Deployment', 'web');
  }, 50);
  return {
    url: running.url,
    async close() {
      clearInterval(timer);
      await running.close();
      await server.stop();
    },
  };
}
