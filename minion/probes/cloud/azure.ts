// Azure: one document with everything.
import { isRecord, listOf } from '../../../src/fields.ts';
import type { CloudFacts } from '../../../src/telemetry-api.ts';
import { type Asking, ask, known, short } from './ask.ts';

export async function azure(asking: Asking): Promise<CloudFacts> {
  const path = '/metadata/instance?format=json&api-version=2021-05-01';
  const text = await ask(asking, path, { headers: { Metadata: 'True' } });
  const document: unknown = JSON.parse(text ?? 'null');
  const compute = at(document, 'compute');
  const addresses = at(listOf(at(at(document, 'network'), 'interface'))[0], 'ipv4');
  const [address] = listOf(at(addresses, 'ipAddress'));
  return known<CloudFacts>({
    provider: 'Azure',
    accountId: short(at(compute, 'subscriptionId')),
    instanceId: short(at(compute, 'vmId')),
    instanceType: short(at(compute, 'vmSize')),
    lifeCycle: lifeCycleOf(short(at(compute, 'priority'))),
    region: short(at(compute, 'location')),
    zone: short(at(compute, 'zone')),
    localAddress: short(at(address, 'privateIpAddress')),
    publicAddress: short(at(address, 'publicIpAddress')),
  });
}

function at(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function lifeCycleOf(priority: string | undefined): string | undefined {
  if (priority === undefined) return undefined;
  return priority === 'Spot' || priority === 'Low' ? 'spot' : 'on-demand';
}
