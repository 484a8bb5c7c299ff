/**
 * Fills `{name}` in a text with what `read` gives for it; null if that gives null for any. `[/{name}]` is left out as a
 * whole instead. A text without braces is itself such a name.
 */
export function filled(
  template: string,
  /** `before` is the part of a path that the name stands behind: `zones` of `zones/{zone}`. */
  read: (name: string, before?: string) => string | null,
): string | null {
  if (!template.includes('{')) return read(template)
  let complete = true
  const result = template.replaceAll(part, (_, optional, name: string, after, before, wanted: string) => {
    if (name !== undefined) {
      const value = read(name)
      return value === null ? '' : `${optional}${value}${after}`
    }
    const value = read(wanted, before)
    if (value === null) complete = false
    return before === undefined ? (value ?? '') : `${before}/${value}`
  })
  return complete ? result : null
}

const part = /\[([^[\]{}]*)\{([^{}]+)\}([^[\]{}]*)\]|(?:([^/{}[\]]+)\/)?\{([^{}]+)\}/g
