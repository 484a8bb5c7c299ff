const powers: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
}

/** One text for all quantities of Kubernetes that are equal: 1 and 1000m, 1Gi and 1024Mi. */
export function quantityForm(text: string): string {
  const [, number, unit] = /^"?(\d+(?:\.\d+)?)([mkMG]|[KMG]i)?"?$/.exec(text) ?? []
  return number === undefined ? text : String(Number((Number(number) * (powers[unit ?? ''] ?? 1)).toFixed(3)))
}
