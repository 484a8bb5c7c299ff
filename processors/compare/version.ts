/** Terraform keeps the version that its configuration names, and the service runs the newest of that name. */
export function isOfVersion(running: string, declared: string): boolean {
  // As texts: 15.1 is not 15.10.
  return running === declared || (declared !== '' && running.startsWith(`${declared.replace(/\.x$/, '')}.`))
}
