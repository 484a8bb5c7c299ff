const names: Readonly<Record<string, string>> = {
  '6': 'tcp',
  '17': 'udp',
  '1': 'icmp',
  '58': 'icmpv6',
  all: '-1',
}

/** One name of an IP protocol that may be given by its number, in any case; `-1` stands for all. */
export function protocolName(protocol: string): string {
  const text = protocol.toLowerCase()
  return Object.hasOwn(names, text) ? names[text]! : text
}
