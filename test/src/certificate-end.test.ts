// Expiry of certificates: the earliest of a chain; none for invalid ones.
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { configMap } from '../../master/kinds/config-map.ts';
import { validatingWebhookConfiguration } from '../../master/kinds/validating-webhook-configuration.ts';
import { certificateEndIn, certificateEndInBase64 } from '../../src/certificate-end.ts';
import { readText } from '../support/source-tree.ts';

const pem = readText('test/fixtures/tls/ca.pem');
const other = readText('test/fixtures/tls/master.pem');
const endOf = (text: string) => new Date(new X509Certificate(text).validTo).toISOString();
const first = [endOf(pem), endOf(other)].sort()[0];

test('of a chain it is that of the first to end', () => {
  expect(certificateEndIn(pem)).toBe(endOf(pem));
  expect(certificateEndIn(`${pem}\n${other}`)).toBe(first);
  expect(certificateEndInBase64(Buffer.from(pem).toString('base64'))).toBe(endOf(pem));
});

test.each(['', 'PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'x'.repeat(2 << 20)])(
  'what is no certificate has none',
  (text) => {
    expect(certificateEndIn(text)).toBeUndefined();
    expect(certificateEndInBase64(Buffer.from(text).toString('base64'))).toBeUndefined();
  },
);

test('a ConfigMap and a webhook keep when their certificates end, and nothing else of them', () => {
  const metadata = { name: 'a', namespace: 'b' };
  const map = configMap.reduce({ metadata, data: { 'ca.crt': pem, other: 'text' } });
  expect(map['data']).toEqual({ 'ca.crt': { bytes: pem.length, notAfter: endOf(pem) }, other: { bytes: 4 } });
  const caBundle = Buffer.from(pem).toString('base64');
  const hook = validatingWebhookConfiguration.reduce({ metadata, webhooks: [{ clientConfig: { caBundle } }] });
  expect(hook['webhooks']).toEqual([{ clientConfig: { caBundle: { bytes: pem.length, notAfter: endOf(pem) } } }]);
});
