import { describe, expect, it } from 'vitest'
import { withLabelMaps } from '../../../processors/normalize/gcp-labels.ts'
import { metadataChange } from '../../../processors/normalize/gcp-metadata.ts'

describe('labels in the log of Compute Engine', () => {
  it('are lists of keys and values, and become maps, at any depth', () => {
    const labels = [{ key: 'a', value: 'b' }, { key: 'empty' }]
    const map = { a: 'b', empty: '' }
    expect(withLabelMaps({ labels, disks: [{ resourceLabels: labels }] })).toEqual({
      labels: map,
      disks: [{ resourceLabels: map }],
    })
  })

  it('that are a map already stay, as do lists of another name or shape', () => {
    const body = { labels: { a: 'b' }, taints: [{ key: 'a', value: 'b' }], nodeLabels: ['a'] }
    expect(withLabelMaps(body)).toEqual(body)
  })
})

describe('metadata in the log of Compute Engine', () => {
  const delta = { addedMetadataKeys: ['ssh-keys'], modifiedMetadataKeys: ['a'], deletedMetadataKeys: ['b'] }
  const set = [
    { key: 'ssh-keys', value: '****' },
    { key: 'a', value: '****' },
  ]

  it.each(['instanceMetadataDelta', 'projectMetadataDelta'])('are the keys of %s', (name) => {
    expect(metadataChange({ [name]: delta })).toEqual({
      metadataItems: [...set, { key: 'b', value: null }],
      metadataSet: set,
      metadataGone: [{ key: 'b', value: null }],
      metadataMap: { 'ssh-keys': '****', a: '****', b: null },
    })
  })

  it('keep the startup script apart, which Terraform has in an attribute of its own', () => {
    expect(
      metadataChange({ instanceMetadataDelta: { addedMetadataKeys: ['startup-script'] } }),
    ).toMatchObject({ startupScript: '****' })
    const gone = metadataChange({ instanceMetadataDelta: { deletedMetadataKeys: ['startup-script'] } })
    expect(gone).toMatchObject({ startupScript: null })
    expect(gone).not.toHaveProperty('metadataMap')
  })

  it('stood in the body once', () => {
    const body = { 'Metadata Keys Added': ['a'], 'Metadata Keys Deleted': ['b'] }
    expect(metadataChange({}, body)).toMatchObject({ metadataMap: { a: '****', b: null } })
  })

  it('are nothing where the entry tells of none', () => {
    expect(metadataChange({})).toEqual({})
    expect(metadataChange({ '@type': 'x', usage: {} })).toEqual({})
  })
})
