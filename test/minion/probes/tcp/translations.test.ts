import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostOf, socketsOf } from '../../../../minion/probes/tcp/sockets.ts';
import { readTranslations, translationOf } from '../../../../minion/probes/tcp/translations.ts';

const translated =
  'ipv4     2 tcp      6 86390 ESTABLISHED src=10.244.1.5 dst=10.96.0.7 sport=40112 dport=80 src=10.244.2.9 dst=10.244.1.5 sport=8080 dport=40112 [ASSURED] mark=0 use=2';
const plain =
  'ipv4     2 tcp      6 5 CLOSE src=10.0.0.1 dst=10.0.0.2 sport=4 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=4 use=1';

describe('translations of the kernel', () => {
  test('the answering address differs from the dialled one', () => {
    expect(translationOf(translated)).toEqual(['10.244.1.5:40112 10.96.0.7:80', '10.244.2.9:8080']);
  });

  test('nothing was translated, or it is not of TCP', () => {
    expect(translationOf(plain)).toBeUndefined();
    expect(translationOf(translated.replace(' tcp ', ' udp '))).toBeUndefined();
    expect(translationOf('')).toBeUndefined();
  });

  test('addresses of IPv6 are shortened as they are elsewhere', () => {
    const line =
      'ipv6     10 tcp      6 1 ESTABLISHED src=fd00:0000:0000:0000:0000:0000:0000:0005 dst=fd00:0000:0000:0000:0000:0000:0000:0096 sport=1 dport=80 src=fd00:0000:0000:0000:0000:0000:0000:0009 dst=fd00::5 sport=8080 dport=1 use=1';
    expect(translationOf(line)).toEqual(['[fd00::5]:1 [fd00::96]:80', '[fd00::9]:8080']);
  });

  test('however the file is cut into chunks, each line is read once', async () => {
    const text = `${[plain, translated, 'nonsense', translated.replaceAll('40112', '40113')].join('\n')}\n`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 6 }), async (cuts) => {
        async function* chunks() {
          let rest = text;
          for (const cut of cuts) {
            yield rest.slice(0, cut);
            rest = rest.slice(cut);
          }
          yield rest;
        }
        expect([...(await readTranslations(chunks())).keys()]).toEqual([
          '10.244.1.5:40112 10.96.0.7:80',
          '10.244.1.5:40113 10.96.0.7:80',
        ]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('sockets that are open', () => {
  test('addresses are in the order of the machine', () => {
    const text = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1',
      '   1: 00000000000000000000000001000000:0050 0000000000000000FFFF00000200000A:1538 01 0:0 0:0 0 0 0 12 1',
    ].join('\n');
    expect(socketsOf(text)).toEqual([
      { inode: '4711', state: 10, local: { host: '127.0.0.1', port: 8080 }, remote: { host: '0.0.0.0', port: 0 } },
      { inode: '12', state: 1, local: { host: '::1', port: 80 }, remote: { host: '10.0.0.2', port: 5432 } },
    ]);
  });

  test('any 16 bytes are an address, and any text is none or some', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(isIP(hostOf(Buffer.from(bytes)))).toBeGreaterThan(0);
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void socketsOf(text)));
  });
});
