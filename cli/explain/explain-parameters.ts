import type { Effect, EffectOf } from '../../mappings/format.ts'
import type { Mappings } from '../../mappings/index.ts'
import { unknownParameters } from '../../processors/detect/unknown-parameters.ts'
import type { CloudCall } from '../../processors/finding.ts'
import type { ExplainedVerdict, Parameters } from './explanation.ts'

/** What a call says of the resources that a state holds, and is not compared. */
export function explainParameters(
  call: CloudCall | null,
  mappings: Mappings,
  verdicts: readonly ExplainedVerdict[],
): Parameters {
  const effects = call ? (mappings.effects(call.service, call.name) ?? []).filter(setsValues) : []
  const held = verdicts.filter(({ resource: { address } }) => address !== null)
  const parameters = held.map((verdict) => {
    const concerned = effects.filter((effect) => typesOf(effect).includes(verdict.resource.type))
    const unknown = concerned.map((effect) => unknownTo(effect, call!, verdict))
    return {
      unknown: (unknown[0] ?? []).filter((name) => unknown.every((names) => names.includes(name))),
      ignored: concerned.flatMap(({ ignore }) => ignore).filter((name) => Object.hasOwn(call!.request, name)),
    }
  })
  return {
    // That the record has no body is no parameter of it.
    notCompared: [...new Set(parameters.flatMap(({ unknown }) => unknown))].filter(
      (name) => name !== 'unseen',
    ),
    // What normalize adds to the requests of other clouds is not in the record.
    leftAside: call?.provider === 'aws' ? [...new Set(parameters.flatMap(({ ignored }) => ignored))] : [],
  }
}

type Setting = EffectOf<'update'> | EffectOf<'put'>

function setsValues(effect: Effect): effect is Setting {
  return 'update' in effect || ('put' in effect && Object.keys(effect.attributes).length > 0)
}

function typesOf(effect: Setting): readonly string[] {
  return 'update' in effect ? effect.update : [effect.put]
}

/** All children in a list are compared only where the resource holds them itself. */
function unknownTo(effect: Setting, call: CloudCall, { comparisons }: ExplainedVerdict): string[] {
  const holds = 'holds' in effect ? effect.holds : undefined
  const compared = comparisons.some(({ attribute }) => attribute === holds?.attribute)
  return unknownParameters(effect, call.request, holds && compared ? [holds.list] : [])
}
