import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runCommand } from '../../../master/gateway/command.ts';
import { Enrolments } from '../../../master/gateway/enrolments.ts';
import { readConfig } from '../../../src/settings/config.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-gateway-command-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function run(...words: string[]): string {
  const config = readConfig({}, ['gateway', ...words, '--enrolments', root]);
  return runCommand(config, new Enrolments(root));
}

describe('gateway', () => {
  test('enroll prints a manifest whose Secret is that of the enrolment', () => {
    const text = run('enroll', 'east', '--gateway', 'wss://gw.example.com', '--image', 'registry.example.com/ci:1');
    const objects = parseAllDocuments(text).map((document) => document.toJS() as { kind: string; stringData?: object });
    const { secrets } = JSON.parse(readFileSync(join(root, 'east.json'), 'utf8')) as { secrets: { secret: string }[] };
    expect(objects.find(({ kind }) => kind === 'Secret')?.stringData).toEqual({
      url: 'wss://gw.example.com',
      account: 'default',
      cluster: 'east',
      secret: secrets[0]?.secret,
    });
    expect(text).toContain('registry.example.com/ci:1');
    expect(objects.map(({ kind }) => kind)).toContain('Deployment');
  });

  test('enroll takes a CA along, and refuses before it makes a secret when that cannot be read', () => {
    const ca = join(root, 'ca.crt');
    expect(() => run('enroll', 'east', '--gateway', 'wss://gw.example.com', '--gateway-ca-file', ca)).toThrow(ca);
    expect(run('list')).toBe('');
    writeFileSync(ca, 'the CA');
    expect(run('enroll', 'east', '--gateway', 'wss://gw.example.com', '--gateway-ca-file', ca)).toContain('the CA');
  });

  test('enroll needs to know where the cluster shall call, unless only the secret is wanted', () => {
    expect(() => run('enroll', 'east')).toThrow(/CLUSTER_INSIGHT_GATEWAY must be the wss/);
    expect(run('list')).toBe('');
    expect(run('enroll', 'east', '--print', 'secret')).toMatch(/^[\w-]{43}\n$/);
  });

  test('revoke, list and log-level say what they did', () => {
    run('enroll', 'east', '--print', 'secret');
    expect(run('log-level', 'east', 'debug')).toBe('east logs debug and above\n');
    expect(run('list')).toBe('east\tdefault\tnot used yet\t1 secrets\tdebug\n');
    expect(run('log-level', 'east', 'own')).toBe('east logs at its own level\n');
    writeFileSync(join(root, 'west.json'), '{');
    expect(run('list')).toBe('east\tdefault\tnot used yet\t1 secrets\t-\nwest\tcannot be read\n');
    expect(run('revoke', 'east')).toBe('east may call in no longer\n');
    expect(() => run('revoke', 'east')).toThrow('east is not enrolled');
  });

  test.each([['enroll'], ['enroll', 'a', 'b'], ['enrol', 'a'], ['constructor'], ['list', 'a'], ['log-level', 'a']])(
    '%s %s %s is not understood, and what is, is said',
    (...words) => {
      expect(() => run(...words.filter((word) => word !== undefined))).toThrow(
        /is none of: enroll CLUSTER, revoke CLUSTER, list, log-level CLUSTER LEVEL/,
      );
    },
  );
});

describe('settings of a gateway and of its agents', () => {
  const refused =
    (...argv: string[]) =>
    () =>
      readConfig({}, argv);

  test.each([
    ['a gateway without a folder of enrolments', ['gateway'], /GATEWAY_ENROLMENTS must name the folder/],
    [
      'a gateway in the open',
      ['gateway', '--enrolments', 'x', '--host', '0.0.0.0', '--auth', 'kubernetes'],
      /in clear text/,
    ],
    [
      'a gateway whose readers are not asked who they are',
      ['gateway', '--enrolments', 'x', '--host', '0.0.0.0', '--behind-tls'],
      /without authentication/,
    ],
    [
      'an agent without a secret',
      ['master', '--gateway', 'wss://gw.example.com'],
      /needs CLUSTER_INSIGHT_GATEWAY_SECRET_FILE/,
    ],
    ['a scheme that there is not', ['gateway', '--enrolments', 'x', '--schemes', 'hmac-sha512,md5'], /not "md5"/],
    ['no scheme', ['gateway', '--enrolments', 'x', '--schemes', ','], /must be of hmac-sha512/],
    ['words behind another mode', ['master', 'enroll', 'east'], /one word too many/],
  ])('%s is refused', (_, argv, expected) => {
    expect(refused(...argv)).toThrow(expected);
  });

  test('a gateway behind what ends TLS may listen anywhere, and a command needs nothing of all that', () => {
    const behind = readConfig({}, [
      'gateway',
      '--enrolments',
      'x',
      '--host',
      '0.0.0.0',
      '--auth',
      'kubernetes',
      '--behind-tls',
    ]);
    expect(behind.gatewayBehindTls).toBe(true);
    const env = { CLUSTER_INSIGHT_HOST: '0.0.0.0' };
    expect(readConfig(env, ['gateway', 'list', '--enrolments', 'x']).gatewayCommand).toEqual(['list']);
  });
});
