// Guesses a process's application from its program name and first arguments.

/** By program name without path and version. */
const programs: { readonly [program: string]: string } = {
  postgres: 'postgres',
  mysqld: 'mysql',
  mariadbd: 'mysql',
  mongod: 'mongodb',
  mongos: 'mongos',
  'redis-server': 'redis',
  'redis-sentinel': 'redis-sentinel',
  'valkey-server': 'valkey',
  memcached: 'memcached',
  nginx: 'nginx',
  haproxy: 'haproxy',
  envoy: 'envoy',
  traefik: 'traefik',
  httpd: 'httpd',
  apache2: 'httpd',
  pgbouncer: 'pgbouncer',
  proxysql: 'proxysql',
  etcd: 'etcd',
  'kube-apiserver': 'kube-apiserver',
  'kube-scheduler': 'kube-scheduler',
  'kube-controller-manager': 'kube-controller-manager',
  'kube-proxy': 'kube-proxy',
  kubelet: 'kubelet',
  dockerd: 'dockerd',
  containerd: 'containerd',
  coredns: 'coredns',
  consul: 'consul',
  vault: 'vault',
  prometheus: 'prometheus',
  grafana: 'grafana',
  'grafana-server': 'grafana',
  clickhouse: 'clickhouse',
  'clickhouse-server': 'clickhouse',
  'nats-server': 'nats',
  minio: 'minio',
  'beam.smp': 'erlang',
  node: 'nodejs',
  php: 'php',
  'php-fpm': 'php',
  ruby: 'ruby',
  python: 'python',
  java: 'java',
  dotnet: 'dotnet',
};

/** Programs in a language runtime are known by main class or module. */
const arguments_: readonly (readonly [RegExp, string])[] = [
  [/^kafka\.Kafka$/, 'kafka'],
  [/^org\.apache\.zookeeper\./, 'zookeeper'],
  [/^org\.apache\.cassandra\./, 'cassandra'],
  [/^org\.elasticsearch\./, 'elasticsearch'],
  [/^org\.opensearch\./, 'opensearch'],
  [/rabbit/, 'rabbitmq'],
];

const machines = new Set(['java', 'beam.smp']);

export function applicationOf(argv: readonly string[], exe?: string): string | undefined {
  const program = programOf(argv[0] ?? '');
  const name = Object.hasOwn(programs, program) ? program : programOf(exe ?? '');
  if (machines.has(name)) {
    const known = arguments_.find(([form]) => argv.slice(1, 200).some((word) => form.test(word)));
    if (known) return known[1];
  }
  return Object.hasOwn(programs, name) ? programs[name] : undefined;
}

/** `/usr/bin/python3.12` and `postgres: checkpointer` become `python` and `postgres`. */
function programOf(path: string): string {
  const name =
    path
      .replace(/ \(deleted\)$/, '')
      .split(':')[0]
      ?.split('/')
      .at(-1) ?? '';
  return Object.hasOwn(programs, name) ? name : name.replace(/[-.\d]+$/, '');
}
