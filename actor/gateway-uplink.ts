// The actor's own way to a gateway: it calls out, is asked for actions, and tells what becomes of them. The master, which only reads,
// has no part in it.
import { Gauge, type Registry } from 'prom-client';
import packageJson from '../package.json' with { type: 'json' };
import { actionsCommand } from '../src/gateway-protocol/action-calls.ts';
import type { Server } from '../src/http/server.ts';
import { type OpenUplinkOptions, openUplink } from '../src/uplink/open.ts';
import type { Uplink } from '../src/uplink/uplink.ts';
import { actionCalls } from './action-calls.ts';
import type { Actions } from './actions.ts';
import { FeedbackSource } from './feedback-source.ts';

export interface GatewayUplinkOptions
  extends Pick<OpenUplinkOptions, 'config' | 'logger' | 'shipping' | 'clusterName'> {
  readonly app: Pick<Server, 'inject'>;
  /** What the routes know calls of a gateway by. */
  readonly word: string;
  readonly actions: Actions;
  readonly metrics: Registry;
}

/** @throws Fault `bad_setting`. To be closed. */
export async function openGatewayUplink(options: GatewayUplinkOptions): Promise<Uplink> {
  const { app, word, actions, metrics, ...rest } = options;
  const uplink = await openUplink({
    ...rest,
    version: packageJson.version,
    sources: () => [(publisher) => new FeedbackSource({ publisher, actions, clock: Date.now })],
    commands: { [actionsCommand]: actionCalls(app, word) },
  });
  new Gauge({
    name: 'cluster_insight_uplink_connected',
    help: 'Whether a gateway is connected',
    registers: [metrics],
    collect() {
      this.set(uplink.status.state === 'connected' ? 1 : 0);
    },
  });
  uplink.start();
  return uplink;
}
