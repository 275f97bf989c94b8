// Tools whose flags or arguments take secrets under neutral names, by tool name. A tool may have several entries. Telling
// flags (`--password`, `--api-key`) need none: see `names.ts`.

export interface Tool {
  /** Names as in `argv[0]`, without the folder. */
  readonly tools: string;
  /** Only after one of these words as an argument: `docker login`. */
  readonly after?: string;
  /** Flags with a secret value: separate, joined by `=`, or attached to a one-letter flag. */
  readonly secret?: string;
  /** Flags whose value is a secret only if attached: `-pX`, while `-p X` means something else. */
  readonly glued?: string;
  /** Flags with a value `user:secret` or `user%secret`. */
  readonly pair?: string;
  /** Flags with a value `NAME=secret`. */
  readonly setting?: string;
  /** Flags with a value `pass:secret`; `file:` and `env:` name a place. */
  readonly source?: string;
  /** One-letter flags without a value, which may precede another flag's letter: `-sku`. */
  readonly letters?: string;
  /** Positional arguments from this one on are secrets, counted from 1 after the word in `after`. */
  readonly from?: number;
  /** Only if a flag has this letter: `htpasswd -nb`. */
  readonly needs?: string;
  /** Each argument `NAME=value` has a secret value. */
  readonly assigns?: true;
  /** An argument that names a secret is followed by it: `config set requirepass X`. */
  readonly names?: true;
}

const mysql =
  'mysql mysqladmin mysqldump mysqlimport mysqlcheck mysqlshow mysqlslap mysqlbinlog mysqlpump mysqlsh mysql_upgrade mariadb mariadb-admin mariadb-dump mariadb-import mariadb-check mariadb-backup mydumper myloader xtrabackup innobackupex';
const containers =
  'docker podman nerdctl buildah skopeo crane oras regctl helm img kaniko finch flux cosign notation docker-compose';

export const tools: readonly Tool[] = [
  { tools: 'redis-cli valkey-cli keydb-cli redis-benchmark valkey-benchmark', secret: '-a --pass', names: true },
  { tools: 'redis-cli valkey-cli keydb-cli', after: 'AUTH auth', from: 1 },
  { tools: 'sshpass', secret: '-p' },
  { tools: `${mysql} mysqld mariadbd`, glued: '-p' },
  { tools: 'mysqladmin mariadb-admin', after: 'password', from: 1 },
  { tools: 'mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop mongofiles', secret: '-p' },
  { tools: 'cqlsh', secret: '-p' },
  { tools: 'nodetool', secret: '-pw' },
  { tools: 'influx', secret: '-t' },
  { tools: 'sqlcmd bcp isql tsql osql', secret: '-P' },
  { tools: 'isql', from: 3 },
  { tools: 'sqlplus expdp impdp', from: 1 },
  {
    tools: 'ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldapcompare ldapmodrdn ldappasswd ldapexop',
    secret: '-w',
    letters: 'xLvnMZcaQNF',
  },
  { tools: 'ldappasswd', secret: '-s -a' },
  {
    tools: 'curl',
    pair: '-u -U --user --proxy-user -E --cert --proxy-cert',
    secret: '-b --cookie --pass --proxy-pass --oauth2-bearer --tlspassword --proxy-tlspassword',
    letters: 'sSkLfivIgGjNOnaqlp0123469#',
  },
  { tools: 'http https xh xhs hey ab siege', pair: '-a --auth -A -P', secret: '-C' },
  { tools: 'wget aria2c', secret: '--http-passwd --ftp-passwd' },
  { tools: 'smbclient rpcclient smbget smbmap winexe wmic', pair: '-U --user', from: 2 },
  { tools: 'net', pair: '-U --user' },
  { tools: 'net', after: 'user', from: 2 },
  { tools: 'rclone lftp', pair: '-u --user' },
  { tools: 'ncftp ncftpget ncftpput', secret: '-p' },
  { tools: 'plink pscp psftp', secret: '-pw' },
  { tools: 'htpasswd', needs: 'b', from: 2 },
  { tools: 'openssl', source: '-pass -passin -passout -password', secret: '-k -K -macopt' },
  { tools: 'gpg gpg2', secret: '--passphrase' },
  { tools: 'zip unzip', secret: '-P' },
  { tools: '7z 7za 7zz rar unrar', glued: '-p -hp' },
  { tools: 'keytool jarsigner', secret: '-storepass -keypass -srcstorepass -deststorepass -new' },
  { tools: containers, after: 'login', secret: '-p --password' },
  { tools: containers, pair: '--creds --src-creds --dest-creds --cred', setting: '-e --env --build-arg --secret-env' },
  { tools: 'ctr crictl', pair: '-u --user --creds', secret: '--auth', setting: '--env' },
  { tools: 'vault bao', after: 'login', from: 1 },
  { tools: 'vault bao', after: 'write put patch', assigns: true },
  { tools: 'vault bao', after: 'unseal unwrap', from: 1 },
  { tools: 'consul etcdctl', after: 'put', from: 2, pair: '--user' },
  { tools: 'aws', names: true },
  { tools: 'az', after: 'login', secret: '-p' },
  {
    tools: 'az',
    after: 'set create update',
    names: true,
    setting: '--settings --app-settings --environment-variables --secure-environment-variables --env-vars --secrets',
  },
  { tools: 'az', after: 'secret', secret: '--value' },
  { tools: 'gcloud', setting: '--set-env-vars --update-env-vars', names: true },
  { tools: 'gcloud gsutil', after: 'activate-refresh-token', from: 2 },
  { tools: 'kubectl oc k k3s microk8s.kubectl', setting: '--from-literal --env -e' },
  { tools: 'kubectl oc k', after: 'env', assigns: true },
  { tools: 'oc argocd', after: 'login', secret: '-p --password' },
  { tools: 'rabbitmqadmin', secret: '-p' },
  { tools: 'npm yarn pnpm git pulumi heroku fly flyctl pip composer', names: true, setting: '--env' },
  { tools: 'heroku fly flyctl pulumi doppler gh', after: 'config:set config secrets set', assigns: true },
  { tools: 'mc mcli', after: 'set add', from: 3 },
  { tools: 'rabbitmqctl rabbitmqadmin', after: 'add_user change_password authenticate_user', from: 2 },
  { tools: 'mosquitto_pub mosquitto_sub mosquitto_rr', secret: '-P --pw' },
  { tools: 'mosquitto_passwd', needs: 'b', from: 2 },
  { tools: 'ipmitool', secret: '-P' },
  { tools: 'snmpget snmpwalk snmpset snmpbulkwalk snmptrap', secret: '-c -A -X' },
  { tools: 'useradd usermod', secret: '-p' },
  { tools: 'rdesktop xfreerdp xfreerdp3 wlfreerdp vncviewer', secret: '-p', glued: '/p:' },
  { tools: 'wpa_passphrase', from: 2 },
  { tools: 'ss-local ss-server ss-redir sslocal ssserver', secret: '-k' },
  { tools: 'hydra medusa crackmapexec nxc evil-winrm', secret: '-p' },
  { tools: 'sonar-scanner', secret: '-Dsonar.login' },
];

/** Entries by tool name. */
export const toolsByName: ReadonlyMap<string, readonly CompiledTool[]> = index();

export interface CompiledTool {
  readonly after: ReadonlySet<string> | undefined;
  readonly flags: ReadonlyMap<string, Taking>;
  readonly glued: readonly string[];
  /** Whether values may be attached to one-letter flags: not for tools with long flags of one dash. */
  readonly glues: boolean;
  readonly letters: string;
  readonly from: number | undefined;
  readonly needs: string | undefined;
  readonly assigns: boolean;
  readonly names: boolean;
}

/** Which part of a value is secret: all, after the user, after the name, or after `pass:`. */
export type Taking = 'whole' | 'pair' | 'setting' | 'source';

function index(): Map<string, CompiledTool[]> {
  const found = new Map<string, CompiledTool[]>();
  for (const tool of tools) {
    const compiled = compile(tool);
    for (const name of words(tool.tools)) found.set(name, [...(found.get(name) ?? []), compiled]);
  }
  return found;
}

function compile(tool: Tool): CompiledTool {
  const flags = new Map<string, Taking>();
  for (const [list, taking] of [
    [tool.secret, 'whole'],
    [tool.pair, 'pair'],
    [tool.setting, 'setting'],
    [tool.source, 'source'],
  ] as const)
    for (const flag of words(list)) flags.set(flag, taking);
  return {
    after: tool.after === undefined ? undefined : new Set(words(tool.after)),
    flags,
    glued: words(tool.glued),
    glues: ![...flags.keys()].some((flag) => /^-[^-]{2,}/.test(flag)),
    letters: tool.letters ?? '',
    from: tool.from,
    needs: tool.needs,
    assigns: tool.assigns === true,
    names: tool.names === true,
  };
}

/** Whether a text mentions one of the tools and any flag. */
export function namesTool(text: string): boolean {
  return text.includes(' -') && mentioned.test(text);
}

/** Whether any tool is mentioned as a word. */
export function mentionsTool(text: string): boolean {
  return mentioned.test(text);
}

const mentioned = new RegExp(
  String.raw`(?:^|[\s/"'([{=])(?:${[...new Set(tools.flatMap((tool) => words(tool.tools)))].map((name) => name.replace('.', '[.]')).join('|')})(?=["'\s;)]|$)`,
);

function words(list: string | undefined): string[] {
  return (list ?? '').split(' ').filter((word) => word !== '');
}
