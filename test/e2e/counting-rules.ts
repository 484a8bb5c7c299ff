import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * A folder with rules that look at several events of the generated records: by people, whose calls are on many
 * partitions, and by resources.
 */
export function countingRules(folder: string): string {
  const rules = path.join(folder, 'rules')
  mkdirSync(rules, { recursive: true })
  writeFileSync(path.join(rules, 'counting.yaml'), text)
  return rules
}

const text = `rules:
  - id: many
    name: Many changes of one person
    resource_types: ["*"]
    types: [attribute_drift, unmanaged_resource, resource_deleted]
    threshold: { count: 6, window: 1m, by: [actor] }
    severity: high
  - id: again
    name: One resource again
    resource_types: ["/^aws_(instance|s3_bucket)/"]
    events: ["*"]
    threshold: { count: 2, window: 10m, by: [account, resource] }
    severity: medium
  - id: chain
    name: One thing after the other
    pattern:
      window: 1m
      by: [actor]
      steps: [{ events: ["/^Modify/"] }, { events: [CreateTags, "Put*"] }, { types: [unmanaged_resource] }]
    severity: critical
`
