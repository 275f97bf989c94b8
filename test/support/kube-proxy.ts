// A Service as kube-proxy makes it: connections go to endpoints in turn, and an endpoint that has gone is forgotten late.
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface KubeProxy {
  readonly url: string;
  /** Connections go there too, once the news has come. */
  add(url: string): void;
  /** They go there no more, once the news has come. */
  remove(url: string): void;
  close(): Promise<void>;
}

/** `lateness` in milliseconds: how long news of endpoints take. */
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
    // A refusal or a reset reaches the client as one.
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
