import type { AttributeDiff, ChangeType } from '../../schemas/types.ts'
import type { Finding, Json } from '../finding.ts'
import { isWithin, withoutIndexes } from './attribute-path.ts'
import type { AttributePattern, Relation } from './attribute-pattern.ts'
import type { Change } from './operator.ts'

/** A diff under its Terraform path, the same without indexes, and the API's names. Values are parsed when asked for. */
export class NamedChange implements Change {
  readonly diff: AttributeDiff
  readonly names: readonly string[]
  #before: Json | undefined
  #after: Json | undefined
  #parsed = false

  constructor(diff: AttributeDiff, { apiNames }: Pick<Finding, 'apiNames'>) {
    this.diff = diff
    this.names = namesOf(diff.attribute, apiNames)
  }

  get changeType(): ChangeType {
    return this.diff.changeType
  }

  get before(): Json | undefined {
    this.#parse()
    return this.#before
  }

  get after(): Json | undefined {
    this.#parse()
    return this.#after
  }

  #parse(): void {
    if (this.#parsed || this.diff.sensitive) return
    this.#before = jsonOf(this.diff.oldValue)
    this.#after = jsonOf(this.diff.newValue)
    this.#parsed = true
  }

  /** How this stands to the attribute, by whichever of its names the rule uses. */
  relate(attribute: AttributePattern): Relation {
    for (const name of this.names) {
      const relation = attribute.relate(name)
      if (relation) return relation
    }
    return null
  }
}

function jsonOf(text: string | null): Json {
  return text === null ? null : (JSON.parse(text) as Json)
}

/** Every name of what changed that a rule may use. */
function namesOf(attribute: string, apiNames: Finding['apiNames']): string[] {
  const names = [attribute]
  const plain = withoutIndexes(attribute)
  if (plain !== attribute) names.push(plain)
  for (const path in apiNames) {
    if (!isWithin(attribute, path)) continue
    const rest = attribute.slice(path.length)
    for (const name of apiNames[path]!) names.push(name + rest)
  }
  return names
}
