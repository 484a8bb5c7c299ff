/**
 * The address of the block in the configuration that an instance comes from: module.net["a"].aws_subnet.b[0] is of
 * module.net.aws_subnet.b. Dependencies are written so.
 */
export function configAddress(address: string): string {
  return address.includes('[') ? address.replace(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g, '') : address
}
