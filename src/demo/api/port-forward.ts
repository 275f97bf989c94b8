// The `portforward` subresource of Pods over a WebSocket, one connection each, in the kubelets' protocol since 1.5: each
// message starts with its channel number, and the first message of a channel is the port.
// https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Context } from './exchange.ts';
import { parseUrl, resourcePath } from './request.ts';
import { StatusError } from './status.ts';

const protocol = 'v4.channel.k8s.io';

/** Answers an upgrade request. */
export async function portForward(context: Context, request: IncomingMessage, socket: Duplex, head: Buffer) {
  socket.on('error', () => socket.destroy());
  const { WebSocketServer } = await import('ws');
  try {
    const { base, port } = targetOf(context, request);
    const server = new WebSocketServer({ noServer: true, handleProtocols: () => protocol });
    server.handleUpgrade(request, socket, head, (open) => bridge(open, base, port));
  } catch (error) {
    const { code, body } = error instanceof StatusError ? error : { code: 500, body: {} };
    const text = JSON.stringify(body);
    socket.end(
      `HTTP/1.1 ${code} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  }
}

function targetOf({ access, forward, log }: Context, request: IncomingMessage) {
  const url = parseUrl(request);
  const path = resourcePath(url.pathname);
  const user = access.userOf(request);
  if (path?.plural !== 'pods' || path.subresource !== 'portforward')
    throw new StatusError(404, 'NotFound', 'there is no such door');
  const { namespace = '', name = '' } = path;
  const { username } = user;
  log.add({ accept: '', url: request.url ?? '', method: 'GET', what: 'get pods/portforward', user: username });
  const attributes = { verb: 'get', group: '', resource: 'pods', subresource: 'portforward', namespace, name };
  if (!access.allows(user, attributes))
    throw new StatusError(403, 'Forbidden', `User "${user.username}" cannot get resource "pods/portforward"`);
  const base = forward?.('pods', namespace, name);
  if (base === undefined) throw new StatusError(404, 'NotFound', `pods "${name}" not found`);
  return { base: new URL(base), port: Number(url.searchParams.get('ports')) };
}

function bridge(open: WebSocket, base: URL, port: number): void {
  for (const channel of [0, 1]) open.send(Buffer.from([channel, port & 0xff, port >> 8]));
  const onward = connect(Number(base.port), base.hostname);
  open.on('message', (data: Buffer) => data[0] === 0 && onward.write(data.subarray(1)));
  open.on('close', () => onward.destroy());
  onward.on('data', (chunk: Buffer) => open.send(Buffer.concat([Buffer.of(0), chunk])));
  onward.on('error', ({ message }) => open.send(Buffer.concat([Buffer.of(1), Buffer.from(message)])));
  onward.on('close', () => open.close());
}
