// Which network interfaces of a node lead outside. Those that lead to its containers would count the same bytes twice.

const physical = /^(?:eth|eno|ens|enp|enx|em|bond|br|vmbr)\d|^(?:en|p\d+p)[\w-]*\d|^enx[0-9a-f]+$|^br-ex$/;

export function leadsOut(name: string): boolean {
  return physical.test(name);
}
