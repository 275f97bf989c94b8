// The certificate, key and client CA that HTTPS is served with, read again when their files change.
import { X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { badSetting } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Config } from '../settings/config.ts';

type Files = Pick<Config, 'tlsCertFile' | 'tlsKeyFile' | 'tlsClientCaFile'>;
export type Tls = SecureContextOptions & TlsOptions;

/** Undefined where TLS is not set up. @throws Fault `bad_setting` when a file cannot be read. */
export function readTls(files: Files): Tls | undefined {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile } = files;
  if (!tlsCertFile || !tlsKeyFile) return undefined;
  const pair = { cert: read('CERT', tlsCertFile), key: read('KEY', tlsKeyFile), minVersion: 'TLSv1.2' } as const;
  if (!tlsClientCaFile) return pair;
  return { ...pair, ca: read('CLIENT_CA', tlsClientCaFile), requestCert: true, rejectUnauthorized: true };
}

/** When the first of the certificates in a PEM file ends, in milliseconds since the epoch; undefined where it holds none. */
export function certificateEnd(pem: Buffer | string | undefined): number | undefined {
  const certificates = String(pem ?? '').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const ends = certificates.flatMap((each) => {
    try {
      return [Date.parse(new X509Certificate(each).validTo)];
    } catch {
      return [];
    }
  });
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

/** The same of what a server was given. */
export function endOf(tls: Tls | undefined): number | undefined {
  return certificateEnd(tls?.cert as Buffer | undefined);
}

function read(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw badSetting(`CLUSTER_INSIGHT_TLS_${name}_FILE`, `names a file that cannot be read: ${file}`);
  }
}

/** Mounted secrets are swapped by symbolic link, which only looking at the file again sees. */
const lookEvery = 5000;

/** Calls `use` with what was read anew after each change; a half-written pair is tried again at its next change. */
export function followTls(files: Files, use: (tls: Tls) => void, logger: Logger, interval = lookEvery): () => void {
  const paths = [files.tlsCertFile, files.tlsKeyFile, files.tlsClientCaFile].filter((path) => path !== undefined);
  const changed = () => {
    try {
      const tls = readTls(files);
      if (tls) use(tls);
      logger.info('the TLS certificate was read again');
    } catch (error) {
      logger.error({ err: error }, 'the TLS certificate cannot be read again; the one before stays');
    }
  };
  for (const path of paths) watchFile(path, { interval, persistent: false }, changed);
  return () => {
    for (const path of paths) unwatchFile(path, changed);
  };
}

interface SecureServer {
  setSecureContext(tls: Tls): void;
  closeIdleConnections?(): void;
}

/**
 * Hands a listening server each new certificate, and then `taken`; connections at rest are closed, so that whoever asks
 * regularly sees the new one. Without TLS nothing is followed.
 */
export function serveTlsAnew(
  server: object,
  files: Files,
  logger: Logger,
  taken: (tls: Tls) => void = () => undefined,
): () => void {
  if (!('setSecureContext' in server)) return () => undefined;
  const secure = server as SecureServer;
  const use = (tls: Tls) => {
    secure.setSecureContext(tls);
    secure.closeIdleConnections?.();
    taken(tls);
  };
  return followTls(files, use, logger);
}
