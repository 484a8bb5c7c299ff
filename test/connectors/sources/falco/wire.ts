/** A finding as Falco's gRPC output puts it on the wire. */
export interface WireFinding {
  seconds: number
  nanos: number
  /** 0 (emergency) to 7 (debug). */
  priority: number
  rule: string
  output: string
  fields: Record<string, string>
  hostname: string
  tags: string[]
  source: string
}

/**
 * falco.outputs.response by the field numbers that Falco published, written byte by byte: the product's own
 * description of it would agree with itself even where it is wrong.
 */
export function responseBytes(finding: WireFinding): Buffer {
  const { seconds, nanos, priority, rule, output, fields, hostname, tags, source } = finding
  return Buffer.concat([
    message(1, [number(1, seconds), number(2, nanos)]),
    number(2, priority),
    number(3, PLUGIN),
    text(4, rule),
    text(5, output),
    ...Object.entries(fields).map(([name, value]) => message(6, [text(1, name), text(2, value)])),
    text(7, hostname),
    ...tags.map((tag) => text(8, tag)),
    text(9, source),
  ])
}

/** falco.version.response. */
export function versionBytes(version: string): Buffer {
  return Buffer.concat([text(1, version), number(2, 0), number(3, 43)])
}

const PLUGIN = 3

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)])
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value))
}

function message(field: number, parts: Buffer[]): Buffer {
  return bytes(field, Buffer.concat(parts))
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(value.length), value])
}

function varint(value: number): Buffer {
  const out: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128)
  return Buffer.from([...out, rest])
}
