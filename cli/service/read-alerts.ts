import { severityByHeader } from '../../schemas/headers.ts'
import type { Alert } from '../../schemas/types.ts'
import type { InRecord, OutRecord } from '../../streams/bus.ts'
import { deadLetter } from '../../streams/dead-letters.ts'
import { safeMessage } from '../log.ts'
import type { ServiceContext } from './service-context.ts'

/** An alert as it was read. */
export interface ReadAlert {
  alert: Alert
  /** Its offset and its bytes. */
  place: number
  value: Buffer
  /** It is critical: by its header, if it has one, so that everybody who reads the record agrees. */
  isUrgent: boolean
}

interface Readings {
  alerts: ReadAlert[]
  /** Of what is no alert. */
  deadLetters: OutRecord[]
}

/** Reads records of alerts for one stage. */
export function alertReader({ codecs, topic, secrets }: ServiceContext, stage: string) {
  return async function readAlerts(records: readonly InRecord[]): Promise<Readings> {
    const alerts: ReadAlert[] = []
    const deadLetters: OutRecord[] = []
    for (const record of records) {
      const { value, offset: place, headers } = record
      if (!value) continue
      try {
        const alert = await codecs.alert.decode(value)
        const isUrgent = (severityByHeader(headers) ?? alert.severity) === 'critical'
        alerts.push({ alert, place, value, isUrgent })
      } catch (error) {
        if ((error as Error).name !== 'DecodeError') throw error
        deadLetters.push(letter(record, error as Error))
      }
    }
    return { alerts, deadLetters }
  }

  function letter(record: InRecord, error: Error): OutRecord {
    const about = { stage, code: 'not-an-alert', message: safeMessage(error), attempts: 1 }
    const origin = `${record.topic}/${record.partition}/${record.offset}`
    return deadLetter({ ...record, ...about, origin }, topic('dead-letters'), secrets.deadLetterKey)
  }
}

/** Whether a record has to be decoded by who looks for critical alerts only. */
export function mayBeUrgent({ headers }: InRecord): boolean {
  const severity = severityByHeader(headers)
  return severity === undefined || severity === 'critical'
}
