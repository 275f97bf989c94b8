// A certificate authority of the test's own, made with the openssl of the machine: for the API server (127.0.0.1 and
// api.test) and for a client.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  readonly caFile: string;
  readonly ca: string;
  /** Signs a certificate for `name`, and for these addresses (`IP:127.0.0.1`, `DNS:api.test`). */
  issue(name: string, addresses?: readonly string[]): Pair;
}

export function createAuthority(folder: string, name = 'test-ca'): Authority {
  const file = (one: string): string => join(folder, one);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const [caFile, caKey] = [file(`${name}.crt`), file(`${name}.key`)];
  openssl('req', '-x509', ...newKey, '-keyout', caKey, '-out', caFile, '-days', '2', '-subj', `/CN=${name}`);

  return {
    caFile,
    ca: readFileSync(caFile, 'utf8'),
    issue(subject, addresses = []) {
      const [keyFile, request, certFile, extensions] = ['key', 'csr', 'crt', 'ext'].map((end) =>
        file(`${name}-${subject}.${end}`),
      ) as [string, string, string, string];
      openssl('req', '-new', ...newKey, '-keyout', keyFile, '-out', request, '-subj', `/CN=${subject}`);
      writeFileSync(
        extensions,
        addresses.length > 0 ? `subjectAltName=${addresses.join(',')}\n` : 'basicConstraints=CA:FALSE\n',
      );
      const signer = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', extensions];
      openssl('x509', '-req', '-in', request, '-out', certFile, ...signer);
      return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    },
  };
}
