import path from 'node:path'
import { runProgram } from './program.ts'

/** npm run demo: the sample of examples/demo through `detect`, and what to try next. */
const root = path.resolve(import.meta.dirname, '../..')
const state = 'examples/demo/terraform.tfstate'
const events = 'examples/demo/cloudtrail'

process.chdir(root)
process.stdout.write(`A morning in a small company's AWS account, compared with its Terraform state:
  state   ${state}
  events  ${events}

`)
const code = await runProgram(['detect', '--state', state, '--events', events], {
  stdout: process.stdout,
  stderr: process.stdout,
  env: process.env,
  signal: new AbortController().signal,
})
process.stdout.write(`
Next:
  npx tfdrift explain 69661638-18dc-4023-a845-0e0912c428d5 --state ${state} --events ${events}
  npx tfdrift detect --state YOUR.tfstate --events YOUR-CLOUDTRAIL-FOLDER
  npx tfdrift detect --state ${state} --events ${events} --format ndjson
  npx tfdrift run --config tfdrift.example.yaml     the service, on its embedded log
  docker compose up                                 the service, on Kafka
`)
process.exitCode = code
