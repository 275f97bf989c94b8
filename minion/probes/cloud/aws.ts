// Amazon EC2: a token first (IMDSv2), then one path per fact. Unavailable facts are omitted.
import type { CloudFacts } from '../../../src/telemetry-api.ts';
import { type Asking, ask, known, short } from './ask.ts';

export async function aws(asking: Asking): Promise<CloudFacts> {
  const token = await ask(asking, '/latest/api/token', {
    method: 'PUT',
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '21600' },
  });
  const headers = token === undefined ? {} : { 'X-aws-ec2-metadata-token': token };
  const of = async (path: string) =>
    short(await ask(asking, `/latest/meta-data/${path}`, { headers }).catch(() => undefined));
  const account = await ask(asking, '/latest/meta-data/identity-credentials/ec2/info', { headers }).catch(
    () => undefined,
  );
  return known<CloudFacts>({
    provider: 'AWS',
    accountId: accountIn(account),
    instanceId: await of('instance-id'),
    instanceType: await of('instance-type'),
    lifeCycle: await of('instance-life-cycle'),
    region: await of('placement/region'),
    zone: await of('placement/availability-zone'),
    zoneId: await of('placement/availability-zone-id'),
    localAddress: await of('local-ipv4'),
    publicAddress: await of('public-ipv4'),
  });
}

function accountIn(text: string | undefined): string | undefined {
  try {
    return short((JSON.parse(text ?? '') as { readonly AccountId?: unknown } | null)?.AccountId);
  } catch {
    return undefined;
  }
}
