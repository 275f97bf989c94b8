import type http from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { aws } from '../../../../minion/probes/cloud/aws.ts';
import { azure } from '../../../../minion/probes/cloud/azure.ts';
import { gcp } from '../../../../minion/probes/cloud/gcp.ts';
import { providerOf } from '../../../../minion/probes/cloud/provider.ts';
import { type FakeHttp, serve } from '../../../support/fake-http.ts';

let service: FakeHttp | undefined;
afterEach(() => service?.close());

/** A metadata service on loopback, never that of a real cloud. */
async function at(answer: http.RequestListener) {
  service = await serve(answer);
  return { fetch, base: service.url, timeout: 20_000 };
}

describe('AWS', () => {
  const facts: { readonly [path: string]: string } = {
    '/latest/meta-data/instance-id': 'i-0aa11bb22',
    '/latest/meta-data/instance-type': 'm7i.large',
    '/latest/meta-data/instance-life-cycle': 'spot',
    '/latest/meta-data/placement/region': 'eu-central-1',
    '/latest/meta-data/placement/availability-zone': 'eu-central-1b',
    '/latest/meta-data/local-ipv4': '10.0.3.4',
    '/latest/meta-data/identity-credentials/ec2/info': '{"Code":"Success","AccountId":"123400005678"}',
  };
  const answer: http.RequestListener = (request, response) => {
    if (request.url === '/latest/api/token')
      return void response.writeHead(request.method === 'PUT' ? 200 : 405).end('token-1');
    if (request.headers['x-aws-ec2-metadata-token'] !== 'token-1') return void response.writeHead(401).end();
    const text = facts[request.url ?? ''];
    response.writeHead(text === undefined ? 404 : 200).end(text ?? 'Not Found');
  };

  test('tells what it has, by a token; what it does not have is left out', async () => {
    expect(await aws(await at(answer))).toEqual({
      provider: 'AWS',
      accountId: '123400005678',
      instanceId: 'i-0aa11bb22',
      instanceType: 'm7i.large',
      lifeCycle: 'spot',
      region: 'eu-central-1',
      zone: 'eu-central-1b',
      localAddress: '10.0.3.4',
    });
  });

  test('a fact that is a page, or endless, is left out', async () => {
    const asking = await at((request, response) => {
      if (request.url?.endsWith('instance-id')) return void response.end('<html>\n<body>');
      if (request.url?.endsWith('instance-type')) return void response.end('x'.repeat(200_000));
      answer(request, response);
    });
    const told = await aws(asking);
    expect(told).not.toHaveProperty('instanceId');
    expect(told).not.toHaveProperty('instanceType');
    expect(told.region).toBe('eu-central-1');
  });

  test('without a token nothing is asked', async () => {
    const asking = await at((_request, response) => void response.writeHead(403).end());
    await expect(aws(asking)).rejects.toThrow('403');
    expect(service?.taken()).toEqual(['/latest/api/token']);
  });

  test('is never led elsewhere', async () => {
    const asking = await at((_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end());
    await expect(aws(asking)).rejects.toThrow('fetch failed');
    expect(service?.taken()).toEqual(['/latest/api/token']);
  });
});

test('GCP tells zone and type by their last parts', async () => {
  const facts: { readonly [path: string]: string } = {
    'project/project-id': 'shop-prod',
    'instance/id': '7311',
    'instance/machine-type': 'projects/9/machineTypes/e2-standard-4',
    'instance/zone': 'projects/9/zones/europe-west1-b',
    'instance/scheduling/preemptible': 'TRUE',
    'instance/network-interfaces/0/ip': '10.1.0.2',
  };
  const asking = await at((request, response) => {
    if (request.headers['metadata-flavor'] !== 'Google') return void response.writeHead(403).end();
    const text = facts[(request.url ?? '').replace('/computeMetadata/v1/', '')];
    response.writeHead(text === undefined ? 404 : 200).end(text ?? '');
  });
  expect(await gcp(asking)).toEqual({
    provider: 'GCP',
    accountId: 'shop-prod',
    instanceId: '7311',
    instanceType: 'e2-standard-4',
    lifeCycle: 'preemptible',
    region: 'europe-west1',
    zone: 'europe-west1-b',
    localAddress: '10.1.0.2',
  });
});

describe('Azure', () => {
  test('tells all in one document', async () => {
    const document = {
      compute: {
        subscriptionId: 's-1',
        vmId: 'v-1',
        vmSize: 'Standard_D2s_v5',
        location: 'westeurope',
        zone: '2',
        priority: 'Spot',
      },
      network: { interface: [{ ipv4: { ipAddress: [{ privateIpAddress: '10.2.0.4', publicIpAddress: '' }] } }] },
    };
    const asking = await at((request, response) => {
      response.writeHead(request.headers['metadata'] === 'True' ? 200 : 400).end(JSON.stringify(document));
    });
    expect(await azure(asking)).toEqual({
      provider: 'Azure',
      ...{ accountId: 's-1', instanceId: 'v-1', instanceType: 'Standard_D2s_v5', lifeCycle: 'spot' },
      ...{ region: 'westeurope', zone: '2', localAddress: '10.2.0.4' },
    });
  });

  test.each(['null', '[]', '{"compute":7,"network":{"interface":{}}}'])('tells nothing by %s', async (text) => {
    const asking = await at((_request, response) => void response.end(text));
    expect(await azure(asking)).toEqual({ provider: 'Azure' });
  });
});

test.each([
  [{ hypervisorUuid: 'ec2e1916-9099' }, 'aws'],
  [{ boardVendor: 'Amazon EC2\n' }, 'aws'],
  [{ systemVendor: 'Google' }, 'gcp'],
  [{ boardVendor: 'Microsoft Corporation' }, 'azure'],
  [{ boardVendor: 'Some Laptop', systemVendor: 'QEMU' }, undefined],
  [{}, undefined],
])('firmware that says %j is of %s', (firmware, provider) => {
  expect(providerOf(firmware)).toBe(provider);
});
