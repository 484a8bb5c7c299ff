import type { Codec } from './codec.ts'

/** Decodes to something made of the record, so that what is derived from it is derived once. Encodes nothing. */
export function mapCodec<T, U>(
  codec: Codec<T>,
  map: (value: T) => U,
): Pick<Codec<U>, 'decode' | 'decodeSync' | 'prepare'> {
  return {
    decode: async (bytes) => map(await codec.decode(bytes)),
    decodeSync: (bytes) => map(codec.decodeSync(bytes)),
    prepare: codec.prepare,
  }
}
