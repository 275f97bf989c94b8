import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificateEnd, followTls, readTls, serveTlsAnew } from '../../../src/http/tls.ts';
import { silentLogger } from '../../../src/logger.ts';
import { type Authority, createAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/engines/daemon.ts';

let folder: string;
let authority: Authority;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tls-'));
  authority = createAuthority(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('without a certificate there is no TLS, and nothing is followed', () => {
  expect(readTls({} as never)).toBeUndefined();
  expect(serveTlsAnew({}, {} as never, silentLogger)()).toBeUndefined();
});

test('a client CA demands certificates of it', () => {
  const pair = authority.issue('mutual', ['IP:127.0.0.1']);
  const tls = readTls({ tlsCertFile: pair.certFile, tlsKeyFile: pair.keyFile, tlsClientCaFile: authority.caFile });
  expect(tls).toMatchObject({ requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' });
  expect(String(tls?.ca)).toBe(authority.ca);
});

test('the certificate there is stays while the files are unreadable, and the next one is taken', async () => {
  const pair = authority.issue('kept', ['IP:127.0.0.1']);
  const files = { tlsCertFile: join(folder, 'gone.crt'), tlsKeyFile: pair.keyFile };
  copyFileSync(pair.certFile, files.tlsCertFile);
  const used: unknown[] = [];
  const stop = followTls(files as never, (tls) => used.push(tls), silentLogger, 20);
  rmSync(files.tlsCertFile);
  expect(() => readTls(files as never)).toThrow(/CLUSTER_INSIGHT_TLS_CERT_FILE/);
  const { certFile } = authority.issue('next', ['IP:127.0.0.1']);
  // Changes before the first look at a file are not noticed.
  await eventually('the file that is back', 50_000, () => {
    if (used.length === 0) copyFileSync(certFile, files.tlsCertFile);
    return used.length > 0;
  });
  stop();
});

test('a server that cannot use what the files hold keeps what it has', async () => {
  const pair = authority.issue('whole', ['IP:127.0.0.1']);
  const files = { tlsCertFile: join(folder, 'half.crt'), tlsKeyFile: pair.keyFile };
  copyFileSync(pair.certFile, files.tlsCertFile);
  let tries = 0;
  const refuse = () => {
    tries++;
    throw new Error('not a certificate');
  };
  const stop = followTls(files as never, refuse, silentLogger, 20);
  let writes = 0;
  // Changes before the first look at a file are not noticed.
  await eventually('a look at the file', 20_000, () => {
    if (tries === 0) writeFileSync(files.tlsCertFile, `half ${writes++}`);
    return tries > 0;
  });
  stop();
  expect(tries).toBeGreaterThan(0);
});

test('a file of certificates ends with the first of them, and what is none has no end', () => {
  const pair = authority.issue('ends', ['IP:127.0.0.1']);
  const end = certificateEnd(pair.cert) ?? 0;
  expect(Math.abs(end - Date.now() - 2 * 86_400_000)).toBeLessThan(3_600_000);
  expect(certificateEnd(`${pair.cert}${authority.ca}`)).toBe(Math.min(end, certificateEnd(authority.ca) ?? 0));
  for (const none of [undefined, '', 'nothing', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])
    expect(certificateEnd(none)).toBeUndefined();
});
