/**
 * The lease table in DynamoDB, with KCL's key, index and conditional writes (KCL writes them with
 * the older Expected/AttributeUpdates parameters; these are the equivalent expressions).
 */
import type {
  AttributeValue,
  DynamoDBClient,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { ExtendedSequenceNumber } from '../kinesis/sequence-number.ts'
import { compareExtended } from '../kinesis/sequence-number.ts'
import type { Lease } from '../leases/lease.ts'
import { changesOwner, checkpointed } from '../leases/lease.ts'
import type { LeaseItem } from '../leases/lease-item.ts'
import {
  checkpointAttributes,
  leaseFromItem,
  leaseToItem,
  numberAttribute,
  shardAttributes,
} from '../leases/lease-item.ts'
import type { LeaseStore, LeaseWrite } from '../leases/lease-store.ts'
import { isOwnNextState } from '../leases/lease-store.ts'
import type { Clock } from '../time/clock.ts'
import { ensureLeaseTable } from './dynamodb-lease-table.ts'
import { Resource } from './resource.ts'

export interface DynamoDBLeaseStoreOptions {
  client: DynamoDBClient
  /** KCL's application name. */
  tableName: string
  /** Paces the polls while the table is being created. */
  clock: Clock
}

/**
 * A request that hangs must not cost a lease: others take it when it has not been renewed for the
 * fail-over time, 10 s by default.
 */
const SOON = { requestTimeout: 3_000 }

type Update = Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression'> & {
  values: Record<string, AttributeValue>
}

export class DynamoDBLeaseStore implements LeaseStore {
  readonly #options: DynamoDBLeaseStoreOptions
  readonly #table: Resource

  constructor(options: DynamoDBLeaseStoreOptions) {
    this.#options = options
    this.#table = new Resource(`Lease table ${options.tableName}`, {
      code: 'TABLE',
      fix: 'Was it deleted? Start the worker again to have it made.',
    })
  }

  ensureTable(): Promise<void> {
    return this.#table.call(() => ensureLeaseTable(this.#options))
  }

  async list(): Promise<Lease[]> {
    const { client, tableName } = this.#options
    const leases: Lease[] = []
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined
    do {
      const scan = new ScanCommand({
        TableName: tableName,
        ConsistentRead: true,
        ExclusiveStartKey,
      })
      const page = await this.#table.call(() => client.send(scan, SOON))
      for (const item of page.Items ?? []) {
        const lease = leaseFromItem(item)
        if (lease !== undefined) leases.push(lease)
      }
      ExclusiveStartKey = page.LastEvaluatedKey
    } while (ExclusiveStartKey !== undefined)
    return leases
  }

  async create(lease: Lease): Promise<'ok' | 'exists'> {
    const { client, tableName } = this.#options
    const command = new PutItemCommand({
      TableName: tableName,
      Item: leaseToItem(lease),
      ConditionExpression: 'attribute_not_exists(leaseKey)',
    })
    return (await this.#table.holds(() => client.send(command, SOON))) ? 'ok' : 'exists'
  }

  async renew(lease: Lease): Promise<LeaseWrite> {
    const isDone = await this.#update(lease.leaseKey, {
      UpdateExpression: 'SET leaseCounter = :next',
      ConditionExpression: 'leaseCounter = :counter AND attribute_not_exists(checkpointOwner)',
      values: counters(lease),
    })
    if (isDone) return 'ok'
    const row = await this.#get(lease.leaseKey)
    return isOwnNextState(row, lease.leaseOwner, lease.leaseCounter) ? 'ok' : 'lost'
  }

  async take(lease: Lease, workerId: string): Promise<LeaseWrite> {
    const isSwitch = changesOwner(lease, workerId)
    const isDone = await this.#update(lease.leaseKey, {
      UpdateExpression:
        'SET leaseCounter = :next, leaseOwner = :owner REMOVE checkpointOwner' +
        (isSwitch ? ' ADD ownerSwitchesSinceCheckpoint :one' : ''),
      ConditionExpression: 'leaseCounter = :counter',
      values: {
        ...counters(lease),
        ':owner': { S: workerId },
        ...(isSwitch && { ':one': numberAttribute(1) }),
      },
    })
    if (isDone) return 'ok'
    const row = await this.#get(lease.leaseKey)
    return isOwnNextState(row, workerId, lease.leaseCounter) ? 'ok' : 'lost'
  }

  async evict(lease: Lease): Promise<LeaseWrite> {
    const { leaseOwner, checkpointOwner } = lease
    const isDone = await this.#update(lease.leaseKey, {
      UpdateExpression:
        checkpointOwner === undefined
          ? 'REMOVE leaseOwner, checkpointOwner ADD leaseCounter :one'
          : 'REMOVE checkpointOwner ADD leaseCounter :one',
      ConditionExpression:
        'attribute_exists(leaseKey)' +
        ` AND ${asSeen('leaseOwner', leaseOwner)}` +
        ` AND ${asSeen('checkpointOwner', checkpointOwner)}`,
      values: {
        ':one': numberAttribute(1),
        ...(leaseOwner !== undefined && { ':leaseOwner': { S: leaseOwner } }),
        ...(checkpointOwner !== undefined && { ':checkpointOwner': { S: checkpointOwner } }),
      },
    })
    return isDone ? 'ok' : 'lost'
  }

  async checkpoint(lease: Lease, checkpoint: ExtendedSequenceNumber): Promise<LeaseWrite> {
    const attributes = {
      ...checkpointAttributes(checkpointed(lease, checkpoint)),
      ...shardAttributes(lease),
    }
    const isDone = await this.#update(lease.leaseKey, {
      UpdateExpression:
        `SET leaseCounter = :next, ${assignments(attributes)} REMOVE ` +
        'pendingCheckpoint, pendingCheckpointSubSequenceNumber, pendingCheckpointState',
      ConditionExpression: 'leaseCounter = :counter',
      values: { ...counters(lease), ...valuesOf(attributes) },
    })
    if (isDone) return 'ok'
    const row = await this.#get(lease.leaseKey)
    const wasDone =
      isOwnNextState(row, lease.leaseOwner, lease.leaseCounter) &&
      compareExtended(row.checkpoint, checkpoint) === 0
    return wasDone ? 'ok' : 'lost'
  }

  async addChildren(leaseKey: string, childShardIds: readonly string[]): Promise<LeaseWrite> {
    const isDone = await this.#update(leaseKey, {
      UpdateExpression: 'SET childShardIds = :childShardIds',
      ConditionExpression: 'attribute_exists(leaseKey)',
      values: { ':childShardIds': { SS: [...childShardIds] } },
    })
    return isDone ? 'ok' : 'lost'
  }

  async remove(leaseKey: string): Promise<void> {
    const { client, tableName } = this.#options
    const Key = { leaseKey: { S: leaseKey } }
    await this.#table.call(() =>
      client.send(new DeleteItemCommand({ TableName: tableName, Key }), SOON),
    )
  }

  #update(leaseKey: string, { values, ...expressions }: Update): Promise<boolean> {
    const { client, tableName } = this.#options
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: { leaseKey: { S: leaseKey } },
      ...expressions,
      ExpressionAttributeValues: values,
    })
    return this.#table.holds(() => client.send(command, SOON))
  }

  async #get(leaseKey: string): Promise<Lease | undefined> {
    const { client, tableName } = this.#options
    const get = new GetItemCommand({
      TableName: tableName,
      Key: { leaseKey: { S: leaseKey } },
      ConsistentRead: true,
    })
    const { Item } = await this.#table.call(() => client.send(get, SOON))
    return Item === undefined ? undefined : leaseFromItem(Item)
  }
}

function counters(lease: Lease): Record<string, AttributeValue> {
  return {
    ':counter': numberAttribute(lease.leaseCounter),
    ':next': numberAttribute(lease.leaseCounter + 1),
  }
}

function asSeen(name: string, value: string | undefined): string {
  return value === undefined ? `attribute_not_exists(${name})` : `${name} = :${name}`
}

function assignments(attributes: LeaseItem): string {
  return Object.keys(attributes)
    .map((name) => `${name} = :${name}`)
    .join(', ')
}

function valuesOf(attributes: LeaseItem): LeaseItem {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value]))
}
