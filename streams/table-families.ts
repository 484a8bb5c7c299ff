/** The family of what is known about each table: how far it has come, and what of. */
export const TABLES = 'tables'

export interface TableFamilies {
  rows: string
  /** The keys of the rows that have a name, by name. */
  names: string
  /** How many rows have a mark, and which. */
  marks: string
}

export function familiesOf(table: string): TableFamilies {
  return { rows: table, names: `${table}-names`, marks: `${table}-marks` }
}

/** The families that the store of these tables must have. */
export function tableFamilies(tables: readonly string[]): string[] {
  return [TABLES, ...tables.flatMap((table) => Object.values(familiesOf(table)))]
}
