/**
 * A dependency as formats before 4 write it, and the first releases of that: as its module says it, aws_subnet.a or
 * aws_subnet.a.0. `module` is empty for the root.
 */
export function inModule(dependency: string, module: string): string {
  const [path = dependency] = /^(?:data\.)?[^.]+\.[^.[]+/.exec(dependency) ?? []
  return module ? `${module}.${path}` : path
}
