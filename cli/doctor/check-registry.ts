import type { Check } from '../../connectors/check.ts'
import { topology } from '../../processors/topology.ts'
import { schemaText } from '../../schemas/index.ts'
import { registryProbe } from '../../streams/registry-probe.ts'
import type { Config } from '../config/load.ts'
import { registryOptions } from '../service/open-bus.ts'
import { topicNamer } from '../service/topic-configs.ts'

/** The schema registry: whether it answers, and would take every schema under its subject. */
export async function checkRegistry({ bus }: Config): Promise<Check[]> {
  if (bus.kind !== 'kafka') return []
  const what = `schema registry ${bus.kafka.registry}`
  try {
    const probe = registryProbe(registryOptions(bus.kafka))
    await probe.reach()
    const subjects = topology.flatMap(({ name, schema }) =>
      schema ? [{ subject: `${topicNamer(bus)(name)}-value`, text: schemaText(schema) }] : [],
    )
    const checks: Check[] = [{ what, ok: true }]
    for (const { subject, text } of subjects) {
      const standing = await probe.standing(subject, text)
      if (standing !== 'incompatible') {
        const note = standing === 'absent' ? ' (not registered yet; run does it)' : ''
        checks.push({ what: `subject ${subject}${note}`, ok: true })
        continue
      }
      const problem = 'what is registered is not compatible with the schema of this version'
      const fix = 'use the version of tfdrift that registered it or a later one, or another bus.topicPrefix'
      checks.push({ what: `subject ${subject}`, ok: false, problem, fix })
    }
    return checks
  } catch (error) {
    const fix = 'correct bus.kafka.registry, registryAuth and registrySsl, or start the registry'
    return [{ what, ok: false, problem: (error as Error).message, fix }]
  }
}
