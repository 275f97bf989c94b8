// Certificate, key and client CA for HTTPS, read again when their files change.
import { X509Certificate } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { badSetting } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Config } from '../settings/config.ts';
import { readSmallFileSync } from '../small-file.ts';

type Files = Pick<Config, 'tlsCertFile' | 'tlsKeyFile' | 'tlsClientCaFile'>;
export type Tls = SecureContextOptions & TlsOptions;

/** Undefined without TLS. @throws Fault `bad_setting` if a file cannot be read. */
export function readTls(files: Files): Tls | undefined {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile } = files;
  if (!tlsCertFile || !tlsKeyFile) return undefined;
  const pair = { cert: read('CERT', tlsCertFile), key: read('KEY', tlsKeyFile), minVersion: 'TLSv1.2' } as const;
  if (!tlsClientCaFile) return pair;
  return { ...pair, ca: read('CLIENT_CA', tlsClientCaFile), requestCert: true, rejectUnauthorized: true };
}

/** When the first certificate in a PEM file expires, in milliseconds since the epoch; undefined if there is none. */
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

/** The same for a server's material. */
export function endOf(tls: Tls | undefined): number | undefined {
  return certificateEnd(tls?.cert as Buffer | undefined);
}

function read(name: string, file: string): Buffer {
  try {
    return readSmallFileSync(file);
  } catch {
    throw badSetting(`CLUSTER_INSIGHT_TLS_${name}_FILE`, `names a file that cannot be read: ${file}`);
  }
}

/** Mounted secrets are replaced by symbolic link, which file watching does not notice. */
const lookEvery = 5000;

/** Calls `use` with the new content after each change; an inconsistent pair is tried again after its next change. */
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
 * Gives a listening server each new certificate, then calls `taken`. Idle connections are closed, so that regular callers
 * see the new one. Without TLS it does nothing.
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
