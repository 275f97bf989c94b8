// A Service as kube-proxy implements it: connections go to endpoints in turn, and removed endpoints are forgotten late.
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface KubeProxy {
  readonly url: string;
  /** Number of servers that connections go to. */
  endpoints(): number;
  /** After a delay, connections also go there. */
  add(url: string): void;
  /** After a delay, connections no longer go there. */
  remove(url: string): void;
  close(): Promise<void>;
}

/** `lateness`: the delay in milliseconds. */
export async function startKubeProxy(lateness: number): Promise<KubeProxy> {
  const endpoints = new Set<string>();
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let turn = 0;
  const hold = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    return socket;
  };
  const server = createServer((client) => {
    hold(client);
    const there = [...endpoints];
    const chosen = there[turn++ % there.length];
    if (chosen === undefined) return void client.resetAndDestroy();
    const onward = hold(connect(Number(new URL(chosen).port), '127.0.0.1'));
    client.pipe(onward).pipe(client);
    // Passes a refusal or reset on to the client.
    onward.on('error', () => client.resetAndDestroy());
    onward.on('close', () => client.destroySoon());
    client.on('close', () => onward.destroy());
  });
  const later = (news: () => unknown) => {
    timers.add(setTimeout(news, lateness));
  };
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    endpoints: () => endpoints.size,
    add: (url) => later(() => endpoints.add(url)),
    remove: (url) => later(() => endpoints.delete(url)),
    async close() {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { readonly port: number }).port;
}
