// Detects the cloud provider from the firmware. Pure.

export type Provider = 'aws' | 'gcp' | 'azure';

/** Texts of /sys/class/dmi/id and of /sys/hypervisor. */
export interface Firmware {
  readonly hypervisorUuid?: string | undefined;
  readonly boardVendor?: string | undefined;
  readonly systemVendor?: string | undefined;
}

export function providerOf({
  hypervisorUuid = '',
  boardVendor = '',
  systemVendor = '',
}: Firmware): Provider | undefined {
  const vendors = [boardVendor.trim(), systemVendor.trim()];
  if (/^ec2/i.test(hypervisorUuid) || vendors.includes('Amazon EC2')) return 'aws';
  if (vendors.includes('Google')) return 'gcp';
  if (vendors.includes('Microsoft Corporation')) return 'azure';
  return undefined;
}
