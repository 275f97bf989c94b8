// Google Compute Engine: one path per fact.
import type { CloudFacts } from '../../../src/telemetry-api.ts';
import { type Asking, ask, known, lastPart, short } from './ask.ts';

export async function gcp(asking: Asking): Promise<CloudFacts> {
  const headers = { 'Metadata-Flavor': 'Google' };
  const raw = (path: string) => ask(asking, `/computeMetadata/v1/${path}`, { headers });
  const of = async (path: string) => short(await raw(path).catch(() => undefined));
  const accountId = short(await raw('project/project-id'));
  const zone = lastPart(await of('instance/zone'));
  const preemptible = await of('instance/scheduling/preemptible');
  return known<CloudFacts>({
    provider: 'GCP',
    accountId,
    instanceId: await of('instance/id'),
    instanceType: lastPart(await of('instance/machine-type')),
    lifeCycle: preemptible === undefined ? undefined : preemptible === 'TRUE' ? 'preemptible' : 'on-demand',
    region: zone?.replace(/-[^-]*$/, ''),
    zone,
    localAddress: await of('instance/network-interfaces/0/ip'),
    publicAddress: await of('instance/network-interfaces/0/access-configs/0/external-ip'),
  });
}
