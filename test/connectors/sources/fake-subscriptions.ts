import { openSubscription } from '../../../connectors/sources/gcp/subscription.ts'
import { gcpPubsub, gcpPubsubConfig } from '../../../connectors/sources/gcp-pubsub.ts'
import { FakePubsub } from '../../support/fake-pubsub.ts'
import { aLogEntry } from '../../support/log-entry.ts'
import { hashKey } from './a-record.ts'
import type { SourceHarness } from './source.contract.ts'

/** The harness of the contract suite: each folder stands for a subscription. */
export function fakeSubscriptions(): SourceHarness {
  const services = new Map<string, FakePubsub>()
  let next = 0

  function serviceOf(folder: string): FakePubsub {
    const service =
      services.get(folder) ?? new FakePubsub({ hastyBelowSeconds: 60 }, folder.replaceAll(/\W+/g, '-'))
    services.set(folder, service)
    if (folder.endsWith('/missing')) service.exists = false
    return service
  }

  return {
    create(folder) {
      const { subscription } = serviceOf(folder)
      return gcpPubsub(gcpPubsubConfig.parse({ subscription }), {
        hashKey,
        pollMs: 5,
        open: async (config) => openSubscription({ ...config, endpoint: await serviceOf(folder).listen() }),
      })
    },
    add(folder, count) {
      const service = serviceOf(folder)
      service.exists = true
      for (let n = 0; n < count; n++) service.publish(aLogEntry({ insertId: `pubsub-${next++}` }))
    },
    namesIn: (outputs) => outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId)),
    breakPlace(folder) {
      serviceOf(folder).exists = false
      serviceOf(folder).wake()
    },
    placeName: /gcp-pubsub: subscription: .*missing: there is no such thing; create it, or correct the name/,
  }
}
