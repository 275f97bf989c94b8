// The `proxy` subresource of Services and Pods: forwards a request to the target given by the test or the demo.
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import type { Exchange, Forward } from './exchange.ts';
import type { ResourceRequest } from './request.ts';
import { notFound, StatusError } from './status.ts';

export async function forward(where: Forward | undefined, asked: ResourceRequest, exchange: Exchange): Promise<void> {
  const { kind, namespace = '', name = '', subresource = '' } = asked;
  const base = where?.(kind.plural, namespace, name);
  if (!base) throw notFound({ ...kind, name });
  const { request, response, url } = exchange;
  const target = new URL(subresource.slice('proxy'.length) + url.search, base);
  const { host: _host, authorization: _authorization, ...headers } = request.headers;
  await new Promise<void>((resolve, reject) => {
    const options = { method: request.method, headers, rejectUnauthorized: false };
    // `https:NAME:PORT` uses TLS without checking the certificate, like the API server.
    target.protocol = name.startsWith('https:') ? 'https:' : 'http:';
    const send = name.startsWith('https:') ? overHttps : overHttp;
    const onward = send(target, options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response).on('close', resolve);
    });
    onward.on('error', () =>
      reject(new StatusError(503, 'ServiceUnavailable', `error trying to reach service: ${target.host}`)),
    );
    request.pipe(onward);
  });
}
