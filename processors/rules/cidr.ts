import { isIPv4, isIPv6 } from 'node:net'

/** A range of addresses. */
export interface Cidr {
  bits: 32 | 128
  prefix: number
  /** The address, as a number. */
  base: bigint
}

/** Azure's words for every address stand for both families. */
const everywhere = new Set(['*', 'internet', 'any'])

/** The ranges that a text names: 10.0.0.0/8, one address, or Azure's words for all; none if it names none. */
export function cidrsOf(text: string): Cidr[] {
  if (everywhere.has(text.toLowerCase())) return [range('0.0.0.0', 0), range('::', 0)]
  const [, address = '', length] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)
  if (mapped && isIPv4(mapped[1]!)) {
    const prefix = length === undefined ? 32 : Number(length) - 96
    return prefix < 0 || prefix > 32 ? [] : [range(mapped[1]!, prefix)]
  }
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0
  const prefix = length === undefined ? bits : Number(length)
  return bits === 0 || prefix > bits ? [] : [range(address, prefix)]
}

/** Are all addresses of `inner` in `outer`? */
export function covers(outer: Cidr, inner: Cidr): boolean {
  if (outer.bits !== inner.bits || outer.prefix > inner.prefix) return false
  const rest = BigInt(outer.bits - outer.prefix)
  return outer.base >> rest === inner.base >> rest
}

/** Are there addresses in the range that the internet routes? */
export function isPublic(range: Cidr): boolean {
  if (special.some((one) => covers(one, range))) return false
  return range.bits === 32 || covers(globalUnicast, range) || covers(range, globalUnicast)
}

const globalUnicast = range('2000::', 3)

/** IANA's special-purpose blocks that are not routed; but not those for documentation, which stand for public ones. */
const special = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
].map(([address, prefix]) => range(address as string, prefix as number))

function range(address: string, prefix: number): Cidr {
  return isIPv4(address)
    ? { bits: 32, prefix, base: fromBytes(address.split('.').map(Number), 8n) }
    : { bits: 128, prefix, base: fromBytes(groupsOf(address), 16n) }
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  if (dotted) {
    const [a, b, c, d] = dotted.slice(2).map(Number) as [number, number, number, number]
    return groupsOf(`${dotted[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`)
  }
  const [head = '', tail] = address.split('::')
  const parse = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [front, back] = [parse(head), parse(tail ?? '')]
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back]
}

function fromBytes(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((sum, part) => (sum << width) | BigInt(part), 0n)
}
