// NATS with authentication in both directions: certificates, tokens, and credentials of an operator's accounts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { connectToNats, type Nats, type StreamConfig } from '../../master/stream/connection.ts';
import { createAuthority } from '../support/certificates.ts';
import { natsServer, startNats } from '../support/nats-servers.ts';

const { createAccount, createOperator, createUser } = nkeys;
type KeyPair = ReturnType<typeof createUser>;

const program = natsServer();
const folder = mkdtempSync(join(tmpdir(), 'nats-secure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

const none = {
  streamCopies: 1,
  streamAge: 3_600_000,
  streamSize: 1 << 26,
} satisfies Partial<StreamConfig>;

async function serverWith(more: string): Promise<number> {
  const servers = await startNats(program ?? '', 1, more);
  opened.push(servers);
  return servers.all[0]?.port ?? 0;
}

async function connected(config: Pick<StreamConfig, 'stream'> & Partial<StreamConfig>): Promise<Nats> {
  const nats = await connectToNats({ ...none, ...config }, 'test');
  opened.push(nats);
  return nats;
}

/** Proves full access: creates a bucket and reads it. */
async function works(nats: Nats): Promise<boolean> {
  const heads = await nats.heads(1);
  await heads.put('one', 'text');
  return (await heads.get('one'))?.string() === 'text';
}

function fileOf(text: string, name: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe.skipIf(program === undefined)('certificates', () => {
  const authority = createAuthority(folder);
  const own = authority.issue('127.0.0.1', ['IP:127.0.0.1']);
  const pair = authority.issue('replica');
  const tls = (verify: boolean) =>
    `tls { cert_file: "${own.certFile}", key_file: "${own.keyFile}", ca_file: "${authority.caFile}", verify: ${verify} }`;

  test('a server is believed by the authority that is named, and by no other', async () => {
    const stream = [`tls://127.0.0.1:${await serverWith(tls(false))}`];
    expect(await works(await connected({ stream, streamCaFile: authority.caFile }))).toBe(true);
    await expect(connected({ stream })).rejects.toThrow(/certificate|self.signed|verify/i);
  });

  test('one for another name is refused, whichever way the server is named', async () => {
    const other = authority.issue('other', ['DNS:other.example', 'IP:127.0.0.2']);
    const port = await serverWith(`tls { cert_file: "${other.certFile}", key_file: "${other.keyFile}" }`);
    for (const host of ['127.0.0.1', 'localhost'])
      await expect(connected({ stream: [`tls://${host}:${port}`], streamCaFile: authority.caFile })).rejects.toThrow(
        /does not match|altnames/,
      );
  });

  test('where it asks for a certificate, ours is shown', async () => {
    const stream = [`tls://127.0.0.1:${await serverWith(tls(true))}`];
    const mutual = { streamCaFile: authority.caFile, streamCertFile: pair.certFile, streamKeyFile: pair.keyFile };
    expect(await works(await connected({ stream, ...mutual }))).toBe(true);
    await expect(connected({ stream, streamCaFile: authority.caFile })).rejects.toThrow(
      /tls|certificate|timeout|closed/i,
    );
  });

  test('a server without TLS is told no token where TLS is wanted', async () => {
    const stream = [`tls://127.0.0.1:${await serverWith('authorization { token: "secret" }')}`];
    const streamTokenFile = fileOf('secret\n', 'token-plain');
    await expect(connected({ stream, streamTokenFile })).rejects.toThrow(/tls/i);
  });
});

describe.skipIf(program === undefined)('who one is', () => {
  test('the token is read from its file at each connection, and a wrong one is refused', async () => {
    const stream = [`nats://127.0.0.1:${await serverWith('authorization { token: "first" }')}`];
    const streamTokenFile = fileOf('wrong\n', 'token');
    await expect(connected({ stream, streamTokenFile })).rejects.toThrow(/authorization/i);
    writeFileSync(streamTokenFile, 'first\n');
    expect(await works(await connected({ stream, streamTokenFile }))).toBe(true);
  });

  test('a user and a password of the URL let in', async () => {
    const port = await serverWith('authorization { user: "in sight", password: "p@ss" }');
    expect(await works(await connected({ stream: [`nats://in%20sight:p%40ss@127.0.0.1:${port}`] }))).toBe(true);
    await expect(connected({ stream: [`nats://127.0.0.1:${port}`] })).rejects.toThrow(/authorization/i);
  });

  test('credentials of an account are accepted, those of another operator are refused', async () => {
    const [operator, account, user, stranger] = [createOperator(), createAccount(), createUser(), createOperator()];
    const system = createAccount();
    const limits = { subs: -1, data: -1, payload: -1, conn: -1, imports: -1, exports: -1, wildcards: true };
    const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
    const accountToken = signed(operator, account, { type: 'account', version: 2, limits: { ...limits, ...storage } });
    const systemToken = signed(operator, system, { type: 'account', version: 2, limits });
    const userToken = signed(account, user, { type: 'user', version: 2, subs: -1, data: -1, payload: -1 });
    const operatorToken = signed(operator, operator, { type: 'operator', version: 2 });
    const more = [
      `operator: "${fileOf(operatorToken, 'operator.jwt')}"`,
      'resolver: MEMORY',
      `system_account: ${system.getPublicKey()}`,
      `resolver_preload: { ${account.getPublicKey()}: "${accountToken}", ${system.getPublicKey()}: "${systemToken}" }`,
    ];
    const stream = [`nats://127.0.0.1:${await serverWith(more.join('\n'))}`];
    const credentials = (token: string, name: string) => fileOf(credentialsOf(token, user), name);
    expect(await works(await connected({ stream, streamCredentialsFile: credentials(userToken, 'right.creds') }))).toBe(
      true,
    );
    const forged = signed(stranger, user, { type: 'user', version: 2 });
    const streamCredentialsFile = credentials(forged, 'forged.creds');
    await expect(connected({ stream, streamCredentialsFile })).rejects.toThrow(/authorization/i);
  });
});

/** A NATS JWT: signed by one key, about another. */
function signed(by: KeyPair, about: KeyPair, nats: object): string {
  const text = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const claims = {
    jti: `${about.getPublicKey()}-1`,
    iat: Math.floor(Date.now() / 1000),
    iss: by.getPublicKey(),
    sub: about.getPublicKey(),
    name: 'test',
    nats,
  };
  const head = `${text({ typ: 'JWT', alg: 'ed25519-nkey' })}.${text(claims)}`;
  return `${head}.${Buffer.from(by.sign(Buffer.from(head))).toString('base64url')}`;
}

function credentialsOf(token: string, user: KeyPair): string {
  const seed = Buffer.from(user.getSeed()).toString();
  return `-----BEGIN NATS USER JWT-----\n${token}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
}
