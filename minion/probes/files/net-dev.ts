// Traffic of a network namespace's interfaces, from /proc/PID/net/dev.

export interface InterfaceTraffic {
  readonly name: string;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
}

export function netDevOf(text: string): InterfaceTraffic[] {
  return text.split('\n').flatMap((line) => {
    // The first number may directly follow the name.
    const colon = line.lastIndexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim();
    const numbers = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    if (name === '' || numbers.length < 16 || !numbers.every((each) => Number.isFinite(each) && each >= 0)) return [];
    const [receivedBytes = 0, receivedPackets = 0, , , , , , , sentBytes = 0, sentPackets = 0] = numbers;
    return { name, receivedBytes, receivedPackets, sentBytes, sentPackets };
  });
}
