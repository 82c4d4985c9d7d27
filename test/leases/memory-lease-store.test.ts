import { MemoryLeaseStore } from '../../src/leases/memory-lease-store.ts'
import { suite } from '../support/suite.ts'
import { leaseStoreContract } from './lease-store.contract.ts'

const test = suite('a lease store in memory')

leaseStoreContract(test, () => Promise.resolve(new MemoryLeaseStore()))

test.run()
