import { expect, test } from 'vitest'
import { ConfigError } from '../../../cli/config/faults.ts'
import { faultsOf, validate } from './fake-registries.ts'

/** All that a sink for machines is told. */
const atOnce = {
  policy: { audience: 'machines', group: null, digestOver: null, limits: {}, quiet: [] },
  redact: [],
}

test('an empty file works, and says where alerts go, how often states are read and so on', () => {
  expect(validate('')).toEqual({
    dataDir: './data',
    bus: { kind: 'embedded', topicPrefix: 'tfdrift.', partitions: 6 },
    sources: [],
    states: [],
    sync_mode: { intervalMs: 300_000, triggers: [] },
    terraform: { settle: 900_000, longestApply: 7_200_000 },
    rules: [],
    shippedRules: true,
    rulesReload: 5_000,
    runbooks: [],
    filters: { include: {}, exclude: {} },
    alerts: {
      info: false,
      severity: {
        attribute_drift: 'info',
        unmanaged_resource: 'medium',
        resource_deleted: 'high',
        signal: 'priority',
      },
      unmanaged: 'creations',
      ownerTags: [
        'Owner',
        'Team',
        'OwnerEmail',
        'Contact',
        'ContactEmail',
        'Maintainer',
        'ManagedByTeam',
        'Squad',
      ],
      expireAfter: null,
    },
    caches: {
      stateRows: { max: 50_000, ttl: 300_000 },
      rules: { ttl: 3_600_000 },
      identities: { max: 10_000, ttl: 900_000 },
    },
    sinks: {
      console: {
        kind: 'console',
        config: { timeoutMs: 15_000, retry: { minMs: 500, maxMs: 60_000, maxElapsedMs: 3_600_000 } },
        dispatch: atOnce,
      },
    },
    http: { host: '127.0.0.1', port: 8080 },
    secrets: {},
    log: { level: 'info' },
  })
})

test('the kafka bus gets its defaults, and brokers may stand together as in a bootstrap list', () => {
  const { bus } = validate(`
bus: { kind: kafka, kafka: { brokers: ['a:9092, b:9092', 'c:9092'], registry: 'https://registry:8081', ssl: true } }`)
  expect(bus).toEqual({
    kind: 'kafka',
    topicPrefix: 'tfdrift.',
    partitions: 6,
    kafka: {
      brokers: ['a:9092', 'b:9092', 'c:9092'],
      registry: 'https://registry:8081',
      replicationFactor: 1,
      sessionTimeout: 10_000,
      clientId: 'tfdrift',
      ssl: {},
    },
  })
})

test('connectors come apart into kind and own settings', () => {
  const { sources, states, sinks } = validate(`
sources: [{ kind: files, paths: [a] }]
states: [{ kind: file, path: b, account: "012345678901" }]
sinks:
  hook: { kind: webhook, url: 'https://x.example', timeout: 3s, retry: { maxAttempts: 2, maxDelay: 5s } }`)
  expect(sources).toEqual([{ kind: 'files', config: { paths: ['a'], watch: false } }])
  expect(states).toEqual([{ kind: 'file', config: { path: 'b', account: '012345678901' } }])
  expect(sinks).toEqual({
    hook: {
      kind: 'webhook',
      config: {
        url: 'https://x.example',
        timeoutMs: 3000,
        retry: { maxAttempts: 2, minMs: 500, maxMs: 5000, maxElapsedMs: 3_600_000 },
      },
      dispatch: atOnce,
    },
  })
})

test.each<[string, string, string[]]>([
  [
    'an unknown key near a known one',
    'bus:\n  partitons: 3\n',
    ['tfdrift.yaml:2:3 bus.partitons: unknown key; did you mean partitions?'],
  ],
  [
    'an unknown key far from all',
    'http:\n  colour: red\n',
    ['tfdrift.yaml:2:3 http.colour: unknown key; choose one of host, port'],
  ],
  ['an unknown key at the top', 'sink:\n', ['tfdrift.yaml:1:1 sink: unknown key; did you mean sinks?']],
  [
    'an unknown key of a connector, even where its own schema is lax',
    'sources:\n  - kind: queue\n    url: https://x.example\n    urll: 1\n',
    ['tfdrift.yaml:4:5 sources[0].urll: unknown key; did you mean url?'],
  ],
  [
    "a sink's settings by their inner names",
    'sinks:\n  c:\n    kind: console\n    timeoutMs: 5\n',
    ['tfdrift.yaml:4:5 sinks.c.timeoutMs: unknown key; did you mean timeout?'],
  ],
  [
    'a text for a number',
    'http:\n  port: "web"\n',
    ['tfdrift.yaml:2:3 http.port: must be a number, not text; write a number'],
  ],
  [
    'a fraction for a whole number',
    'bus:\n  partitions: 1.5\n',
    ['tfdrift.yaml:2:3 bus.partitions: must be a whole number, not a fraction; write a whole number'],
  ],
  [
    'a number for a text',
    'states:\n  - kind: file\n    path: x\n    account: 123456789012\n',
    ['tfdrift.yaml:4:5 states[0].account: must be text, not a number; put it in quotes'],
  ],
  ['a map for a list', 'rules: {}\n', ['tfdrift.yaml:1:1 rules: must be a list, not a map; write a list']],
  ['a list for a map', 'http: []\n', ['tfdrift.yaml:1:1 http: must be a map, not a list; write a map']],
  ['a list at the top', '- a\n', ['tfdrift.yaml:1:1: must be a map, not a list; write a map']],
  ['a key without a value', 'http:\n', ['tfdrift.yaml:1:1 http: missing; write a map']],
  [
    'a word that is no choice',
    'log:\n  level: inof\n',
    ['tfdrift.yaml:2:3 log.level: not one of the choices; did you mean info?'],
  ],
  [
    'a number out of bounds',
    'http:\n  port: 70000\nbus:\n  partitions: 0\n',
    [
      'tfdrift.yaml:2:3 http.port: must be at most 65535; write a smaller number',
      'tfdrift.yaml:4:3 bus.partitions: must be at least 1; write a larger number',
    ],
  ],
  [
    'a bad duration',
    'sync_mode:\n  periodic:\n    interval: 5 minutes\n',
    ['tfdrift.yaml:3:5 sync_mode.periodic.interval: must be a duration; such as 250ms, 30s, 5m or 2h'],
  ],
  [
    'a duration without a unit',
    'sync_mode: { periodic: { interval: 300 } }\n',
    ['tfdrift.yaml:1:26 sync_mode.periodic.interval: must be text, not a number; such as "30s"'],
  ],
  [
    'an over-long time-out of a sink',
    'sinks:\n  c: { kind: console, timeout: 1h }\n',
    ['tfdrift.yaml:2:23 sinks.c.timeout: is too long; write 10m or less'],
  ],
  [
    'kafka without its section',
    'bus:\n  kind: kafka\n',
    [
      'tfdrift.yaml:1:1 bus.kafka: missing; such as {"brokers":["localhost:9092"],"registry":"http://localhost:8081"}',
    ],
  ],
  [
    'kafka without brokers and registry',
    'bus:\n  kind: kafka\n  kafka:\n    clientId: me\n',
    [
      'tfdrift.yaml:3:3 bus.kafka.brokers: missing; such as ["localhost:9092"]',
      'tfdrift.yaml:3:3 bus.kafka.registry: missing; such as "http://localhost:8081"',
    ],
  ],
  [
    'kafka with no broker in the list and half of a client certificate',
    'bus:\n  kind: kafka\n  kafka: { brokers: [], registry: "x:8081", ssl: { cert: a } }\n',
    [
      'tfdrift.yaml:3:12 bus.kafka.brokers: must not be empty; such as ["localhost:9092"]',
      'tfdrift.yaml:3:25 bus.kafka.registry: has the wrong form; such as "http://localhost:8081"',
      'tfdrift.yaml:3:45 bus.kafka.ssl: has only one of cert and key; give both, or none',
    ],
  ],
  [
    'a mistyped key where a flag or a map is allowed',
    'bus:\n  kafka: { brokers: [a], registry: "http://x", ssl: { caa: a } }\n',
    ['tfdrift.yaml:2:55 bus.kafka.ssl.caa: unknown key; did you mean ca?'],
  ],
  [
    'neither a flag nor a map',
    'bus:\n  kafka: { brokers: [a], registry: "http://x", ssl: 5 }\n',
    ['tfdrift.yaml:2:48 bus.kafka.ssl: must be true or false, or a map; see tfdrift.example.yaml'],
  ],
  [
    'an unknown SASL mechanism',
    'bus:\n  kafka: { brokers: [a], registry: "http://x", sasl: { mechanism: scram-sha-51, password: p } }\n',
    ['tfdrift.yaml:2:56 bus.kafka.sasl.mechanism: not one of the choices; did you mean scram-sha-512?'],
  ],
  [
    'credentials without a user',
    'bus:\n  kafka: { brokers: [a], registry: "http://x", sasl: { mechanism: plain, password: p } }\n',
    ['tfdrift.yaml:2:48 bus.kafka.sasl.username: missing; write text'],
  ],
  [
    'an unknown bus',
    'bus: { kind: kafak }\n',
    ['tfdrift.yaml:1:8 bus.kind: not one of the choices; did you mean kafka?'],
  ],
  [
    'an unknown kind of sink',
    'sinks:\n  ops:\n    kind: webhok\n',
    ['tfdrift.yaml:3:5 sinks.ops.kind: not one of the choices; did you mean webhook?'],
  ],
  [
    'a source without a kind',
    'sources:\n  - paths: [a]\n',
    ['tfdrift.yaml:2:5 sources[0].kind: missing; choose one of files, queue'],
  ],
  [
    'a sink whose name cannot be part of a consumer group',
    'sinks:\n  "a|b": { kind: console }\n',
    ['tfdrift.yaml:2:3 sinks.a|b: is not a sink name; use letters, digits, "_" and "-"'],
  ],
  [
    'a route to an unknown sink',
    'sinks:\n  ops: { kind: console }\nrouting:\n  default: [ops, opps, zzz]\n',
    [
      'tfdrift.yaml:4:18 routing.default[1]: no sink has this name; did you mean ops?',
      'tfdrift.yaml:4:24 routing.default[2]: no sink has this name; choose one of ops',
    ],
  ],
  [
    'a route to an unknown sink beside the built-in one',
    'routing:\n  default: [consol]\n',
    ['tfdrift.yaml:2:13 routing.default[0]: no sink has this name; did you mean console?'],
  ],
  [
    'a key that is too short',
    'secrets:\n  hashKey: c2hvcnQ=\n',
    ['tfdrift.yaml:2:3 secrets.hashKey: must be 32 bytes in base64; make one with: openssl rand -base64 32'],
  ],
  [
    'a negated glob, and an empty list of globs',
    'filters:\n  include: { region: ["!us-*"], service: [] }\n',
    [
      'tfdrift.yaml:2:23 filters.include.region[0]: must not be empty or begin with !; include and exclude say which',
      'tfdrift.yaml:2:33 filters.include.service: must not be empty; fill it in',
    ],
  ],
])('%s is a fault', (_, text, faults) => {
  expect(faultsOf(text)).toEqual(faults)
})

test('all faults are reported at once, in the order of the file, whatever their kind', () => {
  const text = `dataDir: \${DATA_DIR}
bus:
  kind: kafka
  topicprefix: a.
sinks:
  ops: { kind: webhook, url: nowhere }
routing: { default: [opps] }
http: { port: high }
`
  expect(faultsOf(text)).toEqual([
    `tfdrift.yaml:1:1 dataDir: environment variable DATA_DIR is not set; set it, or give a default: \${DATA_DIR:-default}`,
    'tfdrift.yaml:2:1 bus.kafka: missing; such as {"brokers":["localhost:9092"],"registry":"http://localhost:8081"}',
    'tfdrift.yaml:4:3 bus.topicprefix: unknown key; did you mean topicPrefix?',
    'tfdrift.yaml:6:25 sinks.ops.url: has the wrong form; see tfdrift.example.yaml',
    'tfdrift.yaml:7:22 routing.default[0]: no sink has this name; did you mean ops?',
    'tfdrift.yaml:8:9 http.port: must be a number, not text; write a number',
  ])
})

test("a password in the registry's address is refused, unseen: it would stand in every message", () => {
  const text = (registry: string) => `bus: { kind: kafka, kafka: { brokers: [b], registry: "${registry}" } }`
  expect(faultsOf(text('https://user:hunter2@registry:8081'))).toEqual([
    'tfdrift.yaml:1:44 bus.kafka.registry: must not hold a user; give it as registryAuth: user:password',
  ])
  expect(() => validate(text('https://registry:8081'))).not.toThrow()
})

test('a fault is also there as data', () => {
  expect(() => validate('http:\n  prot: 1\n')).toThrow(ConfigError)
  try {
    validate('http:\n  prot: 1\n')
  } catch (error) {
    expect((error as ConfigError).faults).toEqual([
      {
        file: 'tfdrift.yaml',
        line: 2,
        column: 3,
        field: 'http.prot',
        message: 'unknown key',
        fix: 'did you mean port?',
      },
    ])
  }
})

test('no fault shows the value', () => {
  const text = `secrets: { hashKey: hunter2 }
bus: { kind: hunter2, partitions: hunter2 }
log: { level: hunter2 }
sync_mode: { periodic: { interval: hunter2 } }
sinks: { x: { kind: webhook, url: hunter2, secret: 5 } }`
  const faults = faultsOf(text)
  expect(faults.length).toBeGreaterThanOrEqual(6)
  expect(faults.join()).not.toContain('hunter2')
})

test.each<[string, string, string[]]>([
  [
    'an unclosed list',
    'sources:\n  - kind: files\n    paths: [a, b\n',
    [
      'tfdrift.yaml:4:1: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; correct the syntax',
    ],
  ],
  [
    'an alias without its anchor',
    'rules: *mine\n',
    [
      'tfdrift.yaml:1:1: not YAML: Unresolved alias (the anchor must be set before the alias): mine; correct the syntax',
    ],
  ],
  [
    'a key that stands twice',
    'http:\n  port: 1\n  port: 2\n',
    ['tfdrift.yaml:3:3: not YAML: Map keys must be unique; correct the syntax'],
  ],
])('%s is reported with its line and column', (_, text, faults) => {
  expect(faultsOf(text)).toEqual(faults)
})

test('an alias is followed for the value and for the place', () => {
  const text = 'sources:\n  - &a { kind: files, paths: [x] }\n  - *a\n'
  expect(validate(text).sources).toHaveLength(2)
  expect(faultsOf('sources:\n  - &a { kind: files, path: [x] }\n  - *a\n')).toContain(
    'tfdrift.yaml:2:23 sources[1].path: unknown key; did you mean paths?',
  )
})

test('--bus wins over the file, whose kafka section stays checked and unused', () => {
  const kafka = 'bus:\n  kind: kafka\n  kafka: { brokers: [a], registry: "http://x" }\n'
  expect(validate(kafka, {}, 'embedded').bus.kind).toBe('embedded')
  expect(validate(kafka.replace('kind: kafka', 'kind: embedded'), {}, 'kafka').bus.kind).toBe('kafka')
  expect(faultsOf('', {}, 'kafka')).toEqual([
    'tfdrift.yaml:1:1 bus.kafka: missing; such as {"brokers":["localhost:9092"],"registry":"http://localhost:8081"}',
  ])
})

const chatFaults = (more: string) => faultsOf(`sinks:\n  chat: { kind: chat, ${more} }\n`)

test('what goes to a sink, when and how much of it, comes with the defaults of its kind', () => {
  const { sinks } = validate(`
sinks:
  chat: { kind: chat }
  told:
    kind: chat
    group: off
    digest: { over: 3 }
    limits: { all: 5/2s, medium: 30/m }
    quiet: [{ from: "22:00", to: "07:30", timezone: Europe/Berlin, days: [fri] }]
    redact: [{ about: ips, action: hash }]
  hook: { kind: webhook, url: 'https://x.example', limits: { low: 100/h } }`)
  expect(sinks.chat!.dispatch.policy).toEqual({
    audience: 'people',
    group: { waitMs: 5_000, windowMs: 60_000 },
    digestOver: 10,
    limits: { all: { count: 1, perMs: 1_000 } },
    quiet: [],
  })
  expect(sinks.told!.dispatch).toEqual({
    policy: {
      audience: 'people',
      group: null,
      digestOver: 3,
      limits: { all: { count: 5, perMs: 2_000 }, medium: { count: 30, perMs: 60_000 } },
      quiet: [{ from: 1_320, to: 450, timezone: 'Europe/Berlin', days: ['fri'] }],
    },
    redact: [{ about: 'ips', action: 'hash' }],
  })
  expect(sinks.hook!.dispatch.policy.limits).toEqual({ low: { count: 100, perMs: 3_600_000 } })
})

test.each<[string, string]>([
  ['limits: { all: fast }', 'must be a number of messages in a time'],
  ['limits: { critical: 1/s }', 'unknown key'],
  ['quiet: [{ from: "25:00", to: "07:00" }]', 'must be a time of the day'],
  ['quiet: [{ from: "07:00", to: "07:00" }]', 'must differ from'],
  ['quiet: [{ from: "07:00", to: "08:00", timezone: Europe/Berln }]', 'is no time zone'],
  ['redact: [{ action: hide }]', 'says not what to redact'],
  ['redact: [{ matches: "(", action: hide }]', 'is no regular expression of RE2'],
  ['redact: [{ tag: Owner, action: blur }]', 'hide'],
  ['digest: { over: 0 }', ''],
  ['group: { wiat: 1s }', 'unknown key'],
])('%s is a fault that says why', (more, why) => {
  const faults = chatFaults(more)
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(why)
})

test('a sink that cannot show several alerts at once takes no group', () => {
  expect(faultsOf("sinks:\n  hook: { kind: webhook, url: 'https://x.example', group: off }\n")).toEqual([
    expect.stringContaining('sinks.hook.group: unknown key'),
  ])
})

test('a route to a sink that is not there is a fault', () => {
  const text =
    'sinks:\n  ops: { kind: console }\nrouting:\n  rules: [{ match: { provider: [aws] }, sinks: [opps] }]\n'
  expect(faultsOf(text)).toEqual([
    'tfdrift.yaml:4:49 routing.rules[0].sinks[0]: no sink has this name; did you mean ops?',
  ])
})
