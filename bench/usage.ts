import { readFileSync } from 'node:fs'

/** What a process has used since it was started; null where the system does not say (all but Linux). */
export interface Usage {
  cpuSeconds: number | null
  peakBytes: number | null
}

/** Linux counts a process's time in hundredths of a second, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100

/** Reads /proc: no question that the process itself would have to answer. */
export function usageOf(pid: number): Usage {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(read(pid, 'status'))
  // The name of the program, in brackets, may itself hold spaces and brackets.
  const fields = read(pid, 'stat').split(') ').at(-1)!.split(' ')
  const [user, system] = [fields[11], fields[12]]
  return {
    cpuSeconds: user === undefined ? null : (Number(user) + Number(system)) / TICKS_PER_SECOND,
    peakBytes: peak ? Number(peak[1]) * 1024 : null,
  }
}

/** Of several processes together. */
export function sumOf(usages: readonly Usage[]): Usage {
  const sum = (values: (number | null)[]) =>
    values.includes(null) ? null : values.reduce((all: number, value) => all + value!, 0)
  return {
    cpuSeconds: sum(usages.map(({ cpuSeconds }) => cpuSeconds)),
    peakBytes: sum(usages.map(({ peakBytes }) => peakBytes)),
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
