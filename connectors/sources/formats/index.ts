import { awsNotices } from './aws-notices.ts'
import { azure } from './azure.ts'
import { cloudtrail } from './cloudtrail.ts'
import { falco } from './falco.ts'
import type { RecordFormat } from './format.ts'
import { gcpAudit } from './gcp.ts'

/** Every form of record, the more particular first. A new one is a file beside this and a line here. */
export const formats: readonly RecordFormat[] = [falco, awsNotices, cloudtrail, azure, gcpAudit]
