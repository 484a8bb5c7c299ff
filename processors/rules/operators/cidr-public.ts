import { cidrsOf, isPublic } from '../cidr.ts'
import { textsOf } from '../text-of.ts'
import { valueOperator } from '../value-operator.ts'

export const cidrPublic = valueOperator({
  name: 'cidr_public',
  args: {},
  holds() {
    return (actual) => textsOf(actual).some((one) => cidrsOf(one).some(isPublic))
  },
  doc: 'A range of addresses, or one of a list of them, has addresses in it that the internet routes.',
  examples: [
    { args: {}, attribute: { value: ['10.0.0.0/8', '0.0.0.0/0'] }, holds: true },
    { args: {}, attribute: { value: ['10.0.0.0/8', '192.168.1.0/24', '100.64.1.1'] }, holds: false },
    { args: {}, attribute: { value: '10.0.0.0/7' }, holds: true },
    { args: {}, attribute: { value: '203.0.114.7/32' }, holds: true },
    { args: {}, attribute: { value: '::/0' }, holds: true },
    { args: {}, attribute: { value: ['fd00::/8', 'fe80::1'] }, holds: false },
    { args: {}, attribute: { value: '2600:1f00::/24' }, holds: true },
    { args: {}, attribute: { value: '*' }, holds: true },
    { args: {}, attribute: { value: '::ffff:10.0.0.1' }, holds: false },
    { args: {}, attribute: { value: null }, holds: false },
    { args: { of: 'old' }, attribute: { old: ['0.0.0.0/0'], value: ['10.0.0.0/8'] }, holds: true },
  ],
})
