// Both forms of a command line are redacted alike: a list of arguments, and the line of a shell or `ps`.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactArguments, redactText } from '../../../src/redact/command.ts';
import { redacted } from '../../../src/redact/text.ts';

/** C stands for the secret. */
const commands: readonly (readonly string[])[] = [
  ['redis-cli', '-h', 'db', '-a', 'C'],
  ['/usr/bin/redis-cli', '--pass', 'C', 'ping'],
  ['redis-cli', 'CONFIG', 'SET', 'requirepass', 'C'],
  ['valkey-cli', '-aC'],
  ['sshpass', '-p', 'C', 'ssh', 'root@host'],
  ['sshpass', '-pC', 'scp', 'a', 'b'],
  ['mysql', '-uroot', '-pC', 'shop'],
  ['/usr/bin/mysql', '-uroot', '-pC', 'shop'],
  ['./bin/sshpass', '-p', 'C', 'ssh', 'root@host'],
  ['mysqladmin', 'ping', '-uroot', '-pC'],
  ['mariadb-dump', '--user=root', '--password=C'],
  ['mongo', '-u', 'root', '-p', 'C', 'admin'],
  ['mongosh', 'mongodb://root:C@db/admin'],
  ['ldapsearch', '-x', '-D', 'cn=admin', '-w', 'C'],
  ['ldapsearch', '-xw', 'C'],
  ['docker', 'login', '-u', 'me', '-p', 'C', 'registry.example.com'],
  ['docker', 'run', '-e', 'ANY=C', '--rm', 'shop'],
  ['smbclient', '-U', 'me%C', '//host/share'],
  ['smbclient', '//host/share', 'C'],
  ['htpasswd', '-b', 'file', 'me', 'C'],
  ['htpasswd', '-nb', 'me', 'C'],
  ['openssl', 'enc', '-aes-256-cbc', '-k', 'C'],
  ['openssl', 'rsa', '-passin', 'pass:C', '-in', 'key.pem'],
  ['vault', 'login', 'C'],
  ['vault', 'kv', 'put', 'secret/shop', 'any=C'],
  ['curl', '-u', 'elastic:C', 'https://db:9200'],
  ['curl', '-uadmin:C', 'http://x'],
  ['curl', '-sSku', 'admin:C', 'http://x'],
  ['curl', '-H', 'Authorization: Bearer C', 'http://x'],
  ['curl', '-H', 'X-Api-Key: C', 'http://x'],
  ['curl', '--proxy-user', 'me:C', 'http://x'],
  ['curl', 'https://hooks.slack.com/services/C'],
  ['curl', 'https://x.example.com/?a=1&sig=C'],
  ['psql', 'postgres://me:C@db/shop'],
  ['psql', '-h', 'db', 'host=db password=C'],
  ['wget', '--http-password=C', 'http://x'],
  ['wget', '--header', 'Cookie: id=C', 'http://x'],
  ['aws', 'configure', 'set', 'aws_secret_access_key', 'C'],
  ['az', 'login', '--service-principal', '-u', 'id', '-p', 'C'],
  ['gcloud', 'run', 'deploy', '--set-env-vars', 'ANY=C'],
  ['helm', 'install', 'x', 'chart', '--set', 'db.password=C'],
  ['helm', 'install', 'x', 'chart', '--set', 'a=b,db.password=C,c=d'],
  ['kubectl', 'create', 'secret', 'generic', 'x', '--from-literal=any=C'],
  ['kubectl', 'create', 'secret', 'generic', 'x', '--from-literal', 'any=C'],
  ['oc', 'login', '--token', 'C'],
  ['rabbitmqctl', 'add_user', 'me', 'C'],
  ['mc', 'alias', 'set', 'x', 'http://x', 'key', 'C'],
  ['zip', '-P', 'C', 'a.zip', 'a'],
  ['7z', 'x', '-pC', 'a.7z'],
  ['keytool', '-list', '-storepass', 'C'],
  ['ipmitool', '-U', 'me', '-P', 'C', 'power', 'on'],
  ['java', '-Djavax.net.ssl.keyStorePassword=C', '-jar', 'x.jar'],
  ['git', 'clone', 'https://me:C@git.example.com/x.git'],
  ['npm', 'config', 'set', '_authToken', 'C'],
  ['env', 'SSH_KEY=C', 'HMAC_KEY=C', 'REDISCLI_AUTH=C', 'run'],
  ['server', '--auth=C', '--token', 'C', '--port', '80'],
  ['server', '--password', 'C with blanks'],
];
const wrappers: readonly (readonly string[])[] = [
  [],
  ['sudo', '-u', 'root'],
  ['env', 'A=b'],
  ['timeout', '-k', '5', '10'],
  ['nice', '-n', '5'],
  ['/sbin/tini', '--'],
  ['kubectl', 'exec', 'pod', '--'],
];
const canaries = fc.stringMatching(/^Q[a-z]{12}Q$/);

const listOf = (command: readonly string[], canary: string) =>
  command.map((one) => one.replaceAll(/\bC\b|(?<=-[pa])C$/g, canary));
const quote = (argument: string) => (/[\s"';|&<>]/.test(argument) ? `'${argument}'` : argument);
const unquote = (argument: string) => argument.replaceAll("'", '');

describe('a command line', () => {
  test.each(commands.map((command) => [command.join(' '), command]))('hides in every spelling: %s', (_, command) => {
    fc.assert(
      fc.property(canaries, fc.constantFrom(...wrappers), (canary, wrapper) => {
        const list = [...wrapper, ...listOf(command, canary)];
        expect(list.join(' ')).toContain(canary);
        const line = list.map(quote).join(' ');
        const shell = ['sh', '-c', line];
        redactArguments(list);
        redactArguments(shell);
        expect(unquote(redactText(line, true))).toBe(unquote(list.map(quote).join(' ')));
        expect(shell[2]).toBe(redactText(line, true));
        for (const text of [list.join(' '), shell[2] ?? '', redactText(`sh -c ${line}`, true)]) {
          expect(text).not.toContain(canary);
          expect(text).toContain('redacted');
        }
      }),
      { numRuns: 14 },
    );
  });

  test('is taken whole where it is split over two lists, and where its blanks were lost', () => {
    const [command, args] = [
      ['redis-cli', '-a'],
      ['CANARY', '-n', '1'],
    ];
    redactArguments(command, args);
    expect(args).toEqual([redacted, '-n', '1']);
    expect(redactText('curl -H Authorization: Bearer CANARY x', true)).toBe(
      `curl -H Authorization: Bearer ${redacted} x`,
    );
    expect(redactText('password : CANARY', true)).toBe(`password : ${redacted}`);
  });

  test.each([
    ['mysql', '-p', '3306'],
    ['docker', 'run', '-p', '80:80', 'nginx'],
    ['curl', '-sS', '-o', 'file', 'http://x/y?z=1'],
    ['openssl', 'req', '-passin', 'file:/etc/pass', '-passout', 'env:PASS'],
    ['redis-cli', '-a', '$(PASSWORD)', '-h', 'db'],
    ['tar', '-xzf', 'a.tgz', '-C', '/srv'],
    ['kubelet', '--tls-private-key-file=/etc/tls/tls.key', '--anonymous-auth=false', '--client-auth-type=x509'],
    ['server', '--auth=basic', '--max-tokens', '4096', '--topology-key=zone'],
  ])('keeps what is no secret: %s %s %s', (...list) => {
    const before = [...list];
    redactArguments(list);
    expect(list).toEqual(before);
    expect(redactText(before.join(' '), true)).toBe(before.join(' '));
  });

  test.each([
    ['words', 'echo word; '.repeat(20_000)],
    ['one word and little more', `${'x'.repeat(131_071)} y${'z'.repeat(9)}`],
    ['one word', 'x'.repeat(200_000)],
  ])('that is longer than Linux starts shows whole words of its start, and how much follows: %s', (_, script) => {
    const list = ['sh', '-c', `${script} mysql -pCANARY`];
    redactArguments(list);
    const [, start = '', more = ''] = /^([\s\S]*)\[redacted\] \((\d+) more characters\)$/.exec(list[2] ?? '') ?? [];
    expect(start.length + Number(more)).toBe(`${script} mysql -pCANARY`.length);
    expect(script.startsWith(start)).toBe(true);
    expect(start === '' || /\s$/.test(start)).toBe(true);
    expect(list.join()).not.toContain('CANARY');
  });

  test('ends where a shell ends it', () => {
    expect(redactText('vault status; echo login X', true)).toBe('vault status; echo login X');
    expect(redactText('redis-cli -a X; ls -a Y | grep Z', true)).toBe(`redis-cli -a ${redacted}; ls -a Y | grep Z`);
  });

  test('is judged in messages and other texts that speak of a tool', () => {
    expect(redactText('Exec lifecycle hook ([redis-cli -a CANARY]) failed')).not.toContain('CANARY');
    expect(redactText('the tool redis-cli -v is old, sha256:0123456789abcdef0123456789abcdef')).toContain(
      '0123456789abcdef',
    );
  });
});
