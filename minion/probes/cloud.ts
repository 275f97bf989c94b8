// The cloud instance of the node. Requested once, and again until answered.
import type { CloudFacts } from '../../src/telemetry-api.ts';
import type { Asking } from './cloud/ask.ts';
import { aws } from './cloud/aws.ts';
import { azure } from './cloud/azure.ts';
import { gcp } from './cloud/gcp.ts';
import { type Provider, providerOf } from './cloud/provider.ts';
import type { Labels, Probe, ProbedNode } from './probe.ts';
import { readText } from './read.ts';

const ways: { readonly [provider in Provider]: (asking: Asking) => Promise<CloudFacts> } = { aws, gcp, azure };
/** The same address in all clouds; each machine reaches its own service. */
const metadataService = 'http://169.254.169.254';
const timeout = 5000;
/** Rounds between two tries. */
const triedAgainAfter = 5;

function providerAt({ root }: ProbedNode): Provider | undefined {
  const dmi = `${root}/sys/class/dmi/id`;
  return providerOf({
    hypervisorUuid: readText(`${root}/sys/hypervisor/uuid`),
    boardVendor: readText(`${dmi}/board_vendor`),
    systemVendor: readText(`${dmi}/sys_vendor`),
  });
}

export const cloud = {
  name: 'cloud',
  needs: [
    {
      what: 'a machine of AWS, GCP or Azure, as /sys/class/dmi/id says it',
      isMet: (node) => providerAt(node) !== undefined,
    },
  ],
  start(node) {
    const provider = providerAt(node);
    let facts: CloudFacts | undefined;
    let rounds = 0;
    const learn = async () => {
      if (facts || provider === undefined || rounds++ % triedAgainAfter !== 0) return;
      try {
        facts = await ways[provider]({ fetch: node.fetch, base: metadataService, timeout });
      } catch (error) {
        node.logger.warn({ err: error, provider }, 'the metadata service of the cloud does not answer');
      }
    };
    return {
      async samples(_round, out) {
        await learn();
        if (facts) out.node('node_cloud_info', 1, labelsOf(facts));
      },
      facts: (_round, out) => facts && out.node({ cloud: facts }),
    };
  },
} as const satisfies Probe;

/** `instance_life_cycle` and so on; empty if unknown. */
function labelsOf(facts: CloudFacts): Labels {
  return {
    provider: facts.provider,
    account_id: facts.accountId ?? '',
    instance_id: facts.instanceId ?? '',
    instance_type: facts.instanceType ?? '',
    instance_life_cycle: facts.lifeCycle ?? '',
    region: facts.region ?? '',
    availability_zone: facts.zone ?? '',
    availability_zone_id: facts.zoneId ?? '',
    local_ipv4: facts.localAddress ?? '',
    public_ipv4: facts.publicAddress ?? '',
  };
}
