/** The full address: module.net.aws_security_group.web["a"]. `module` is empty for the root. */
export function addressOf(module: string, type: string, name: string, index: unknown): string {
  const suffix =
    typeof index === 'number' ? `[${index}]` : typeof index === 'string' ? `[${quoted(index)}]` : ''
  return `${module ? `${module}.` : ''}${type}.${name}${suffix}`
}

/** As Terraform prints the key of a for_each: quotes and control characters escaped, template markers doubled. */
function quoted(key: string): string {
  return JSON.stringify(key).replace(/[$%]\{/g, (marker) => marker[0] + marker)
}
