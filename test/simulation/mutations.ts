/**
 * The guards of the protocol, and how each is broken: one piece of one compiled module is replaced
 * while it is loaded. The shipped code knows nothing of it. A piece that is not there any more is an
 * error, so that no mutation is ever without effect.
 */
export interface Mutation {
  name: string
  /** What is taken away, in a sentence. */
  guard: string
  /** Compiled module under src/, without its ending. */
  module: string
  /** Text as tsc prints it; spaces count as equal to any run of spaces and line ends. */
  find: string
  replace: string
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'partial-seq-condition',
    guard: 'a partial is written only if its `seq` grows',
    module: 'pipeline/flush',
    find: "grows('seq', item.seq)",
    replace: 'undefined',
  },
  {
    name: 'progress-before-partials',
    guard: 'the partials of a flush are written before its progress',
    module: 'pipeline/flush',
    find: 'await Promise.all(Array.from({ length: target.concurrency }, writeNext));',
    replace: 'void Promise.all(Array.from({ length: target.concurrency }, writeNext));',
  },
  {
    name: 'checkpoint-before-progress',
    guard: 'the lease checkpoint is written after the progress it follows',
    module: 'pipeline/shard-consumer',
    find: 'this.#flushedAt = now;',
    replace:
      'this.#flushedAt = now; this.#ports.onDurable?.(this.#shard.shardId, this.#counter.seq);',
  },
  {
    name: 'no-read-back',
    guard: 'a block that is not in memory is read back before it is added to',
    module: 'pipeline/shard-consumer',
    find: 'const items = await this.#persist(() => this.#ports.table.getMany(keys), lost);',
    replace: 'const items = [];',
  },
  {
    name: 'no-base-of-a-block',
    guard: 'records that a partial read back has already are not added again',
    module: 'counts/shard-counter',
    find: "base: partial?.seq ?? '',",
    replace: "base: '',",
  },
  {
    name: 'no-ordinal-check',
    guard: 'ordinals that a lane has passed are duplicates',
    module: 'lanes/lane-state',
    find: 'const seen = Math.max(0, Math.min(count, lane.next - firstOrdinal));',
    replace: 'const seen = 0;',
  },
  {
    name: 'no-inherited-lanes',
    guard: "a child begins with its parents' lanes",
    module: 'pipeline/shard-start',
    find: 'lanes: cutHereOnly(inherited, shard),',
    replace: 'lanes: new Map(),',
  },
  {
    name: 'not-the-furthest-parent',
    guard: 'of two parents the one that is further in a lane counts',
    module: 'counts/progress',
    find: 'merged.set(lane, other === undefined ? { ...state } : furtherLane(other, state))',
    replace: 'merged.set(lane, other === undefined ? { ...state } : other)',
  },
  {
    name: 'two-in-flight',
    guard: 'a lane has one unacknowledged aggregate at a time',
    module: 'replay/replayer',
    find: 'lane.restUntil = Infinity; // under way, until the reply says otherwise',
    replace: 'lane.restUntil = Infinity; lane.inFlight = undefined;',
  },
  {
    name: 'child-before-parent',
    guard: 'a child starts when its parents have ended',
    module: 'pipeline/shard-start',
    find: "return { kind: 'blocked', parent };",
    replace: 'continue;',
  },
  {
    name: 'no-checkpoint-fence',
    guard: 'a lease checkpoint is refused once the counter has moved',
    module: 'leases/memory-lease-store',
    find: 'async checkpoint(lease, checkpoint) { const row = this.rows.get(lease.leaseKey); if (row?.leaseCounter === lease.leaseCounter) {',
    replace:
      'async checkpoint(lease, checkpoint) { const row = this.rows.get(lease.leaseKey); if (row !== undefined) {',
  },
  {
    name: 'watermark-ahead',
    guard: 'the watermark leaves out trips that still wait in the lane',
    module: 'replay/lane-queue',
    find: 'left > 0 ? Math.min(this.#releaseTime(count), frontier) : frontier',
    replace: 'frontier',
  },
  {
    name: 'watermark-of-trips-not-dealt',
    guard: 'the watermark stays behind the next trip that is dealt',
    module: 'replay/replayer',
    find: 'return Math.min(this.#nextRelease, this.#dealt ? Infinity : this.#replayClock.eventTimeNow());',
    replace: 'return this.#nextRelease + 600_000;',
  },
  {
    name: 'merge-of-stale-partials',
    guard: 'the merger reads the partials of a touched block again',
    module: 'merge/merger',
    find: 'state.recent.delete(hour); const pending',
    replace: 'const pending',
  },
  {
    name: 'merge-of-remembered-partials',
    guard: 'what is merged is read after the progress that is merged',
    module: 'merge/partial-reader',
    find: 'return [...items, ...(await this.#table.getMany(unread))];',
    replace: `this.memory ??= new Map();
      const names = unread.map(({ pk, sk }) => pk + sk).join();
      if (!this.memory.has(names)) this.memory.set(names, await this.#table.getMany(unread));
      return [...items, ...this.memory.get(names)];`,
  },
  {
    name: 'written-partials-of-any-age',
    guard: 'a partial that this process wrote is merged only if it has all that progress tells of',
    module: 'counts/written-partials',
    find: 'partial !== undefined && partial.seq >= seq ? partial : undefined',
    replace: 'partial',
  },
  {
    name: 'forgotten-blocks-not-read-back',
    guard: 'a block that was let go is read back, also by whoever counts the shard alone',
    module: 'counts/shard-counter',
    find: 'this.#blocks.get(run)?.wasHere(block) === true',
    replace: 'false',
  },
  {
    name: 'frontier-ahead',
    guard: 'a run is resumed from what was acknowledged',
    module: 'replay/replayer',
    find: 'const aggregate = lane.inFlight ?? this.#build(lane, now);',
    replace:
      'const aggregate = lane.inFlight ?? this.#build(lane, now); this.#acknowledged[lane.settings.lane] = lane.next;',
  },
  {
    name: 'ended-not-in-progress-condition',
    guard: 'the end of a shard that brought no record is progress',
    module: 'counts/progress',
    find: 'if (ended) grown.push(',
    replace: 'if (false) grown.push(',
  },
  {
    name: 'ended-may-go-back',
    guard: 'a shard that has ended does not begin again',
    module: 'counts/progress',
    find: "{ kind: 'any', of: isOpen },",
    replace: '',
  },
  {
    name: 'no-since',
    guard: 'a merger that is behind `since` looks at all partials',
    module: 'merge/touched',
    find: 'if (shard.since > seen) incomplete = true;',
    replace: '',
  },
  {
    name: 'touched-without-skipped',
    guard: 'a block is listed as touched by records that its partial had already',
    module: 'counts/shard-counter',
    find: 'this.#touch(block); return seq > block.base ? block.counts : undefined;',
    replace: 'if (seq <= block.base) return undefined; this.#touch(block); return block.counts;',
  },
  {
    name: 'no-version-check',
    guard: 'a merged item is written only over the version that was known',
    module: 'merge/known-items',
    find: "{ kind: 'equal', attribute: 'version', value: Number(previous.version) }",
    replace: "{ kind: 'present' }",
  },
  {
    name: 'days-of-contested-hours',
    guard: 'a merger that has met another reads the hours of a day',
    module: 'merge/merged-days',
    find: 'const own = fromNothing && !state.contested',
    replace: 'const own = fromNothing',
  },
  {
    name: 'watermark-over-shards',
    guard: 'the watermark is the minimum over lanes, those not heard of included',
    module: 'merge/run-view',
    find: 'const watermark = state?.watermark ?? -Infinity;',
    replace: 'if (state === undefined) continue; const watermark = state.watermark;',
  },
  {
    name: 'rolling-counts-its-edge-twice',
    guard: 'an end at the edge of a rolling window is counted in it or in the open pane',
    module: 'merge/rolling-item',
    find: 'const closed = collect(merging, span.from, span.to, countsOf);',
    replace: 'const closed = collect(merging, span.from, span.openTo, countsOf);',
  },
  {
    name: 'rolling-lost-with-a-failed-round',
    guard: 'rolling items are written after a round that failed before it came to them',
    module: 'merge/merger',
    find: 'await this.#mergeHours(merging, state, due, shards);',
    replace:
      'const isDue = state.rollingDue; state.rollingDue = false; await this.#mergeHours(merging, state, due, shards); state.rollingDue = isDue;',
  },
  {
    name: 'routes-in-another-pane',
    guard: 'a route counts in the pane of the dropoff',
    module: 'counts/add-ends',
    find: 'counts.routes.add(pane - firstPane, origin, place, 1)',
    replace: 'counts.routes.add(0, origin, place, 1)',
  },
  {
    name: 'routes-window-one-pane-too-long',
    guard: 'routes are those of the closed panes of half an hour',
    module: 'merge/routes-item',
    find: 'if (pane >= from && pane < to)',
    replace: 'if (pane >= from - 1 && pane < to)',
  },
  {
    name: 'rolling-window-one-pane-too-long',
    guard: 'a rolling window is as long as its name says',
    module: 'merge/rolling-item',
    find: 'from: to - windowMillis,',
    replace: 'from: to - windowMillis - merging.paneMillis,',
  },
  {
    name: 'pane-open-at-the-wrong-end',
    guard: 'an end at the edge of two panes is in one of them',
    module: 'windows/pane',
    find: 'return Math.floor(time / size) * size;',
    replace: 'return (Math.ceil(time / size) - 1) * size;',
  },
  {
    name: 'forgotten-run-counts-again',
    guard: 'every record of a run that is complete is a duplicate',
    module: 'pipeline/shard-consumer',
    find: 'if (status?.complete === true) completed.add(run);',
    replace: '',
  },
  {
    name: 'stale-parent-of-a-complete-run',
    guard: 'no child inherits lanes of a complete run',
    module: 'pipeline/shard-opening',
    find: 'return new Map([...lanes].filter(',
    replace: 'return lanes; return new Map([...lanes].filter(',
  },
  {
    name: 'complete-run-reopened',
    guard: 'a run that another merger has completed is settled',
    module: 'merge/run-status',
    find: 'if (status?.complete !== true) return false;',
    replace: 'return false;',
  },
  {
    name: 'abandoned-run-goes-on',
    guard: 'nothing counts in a lane after its end',
    module: 'counts/shard-counter',
    find: 'if (lane.ended) return control.count;',
    replace: '',
  },
  {
    name: 'forgets-in-the-middle-of-a-batch',
    guard: 'the lanes of a complete run are forgotten between two batches',
    module: 'pipeline/shard-consumer',
    find: 'this.#completed.add(run);',
    replace: 'this.#counter.forgetRun(run);',
  },
  {
    name: 'complete-before-followed',
    guard: 'which run dashboards follow is settled before a run is complete',
    module: 'merge/run-status',
    find: 'const complete = this.#complete || (over && this.#current);',
    replace: 'const complete = this.#complete || over;',
  },
  {
    name: 'lost-lease-brings-down-the-worker',
    guard: 'a worker outlives a lease that is lost while something is tried again',
    module: 'pipeline/worker',
    find: 'if (lost.signal.aborted && isRetryable(error)) return;',
    replace: '',
  },
  {
    name: 'handler-brings-down-the-worker',
    guard: 'a worker outlives what is thrown while records are handled',
    module: 'pipeline/worker',
    find: 'if (!isOfOneShard(error)) throw error;',
    replace: 'throw error;',
  },
  {
    name: 'skips-what-a-handler-threw-at',
    guard: 'records whose handling throws are handled again',
    module: 'pipeline/shard-consumer',
    find: 'await this.#absorb(classify(this.#decoder.decode(piece), this.#settings.locator), lost);',
    replace: `let batch;
      try { batch = classify(this.#decoder.decode(piece), this.#settings.locator); }
      catch { batch = this.#decoder.decode([]); }
      await this.#absorb(batch, lost);`,
  },
  {
    name: 'silent-about-a-trimmed-shard',
    guard: 'lanes that went on in a shard which was trimmed away are known to be cut off',
    module: 'pipeline/shard-start',
    find: 'cut: !lane.ended',
    replace: 'cut: false',
  },
  {
    name: 'silent-about-a-gap',
    guard: 'a missing ordinal is counted as a lost trip',
    module: 'lanes/lane-state',
    find: 'lane.gap += firstOrdinal - lane.next;',
    replace: '',
  },
  {
    name: 'redrive-without-own-lane',
    guard: 'letters that came back already are known by the lane they come back by',
    module: 'counts/shard-counter',
    find: 'return advance(lane, control, known !== undefined || this.#options.fromBeginning);',
    replace: 'return 0;',
  },
  {
    name: 'redrive-ordinals-not-stable',
    guard: 'an entry of the redrive log is never written over another',
    module: 'redrive/redrive-log',
    find: "await this.#table.put(item, { kind: 'absent' })",
    replace: 'await this.#table.put(item)',
  },
  {
    name: 'redrive-lane-not-inherited',
    guard: 'a child knows which letters came back to its parents',
    module: 'pipeline/shard-start',
    find: 'redrives: inheritRedrives([...known, ...others]),',
    replace: 'redrives: new Map(),',
  },
  {
    name: 'redrive-after-the-end-ignored',
    guard: 'what comes back to a complete run is merged',
    module: 'merge/merger',
    find: 'if (back <= state.status.redriven) {',
    replace: 'if (true) {',
  },
  {
    name: 'redrive-told-before-it-is-merged',
    guard: 'the status of a complete run tells of what came back once it is merged',
    module: 'merge/run-status',
    find: 'const told = complete && !settled ? this.redriven : redriven;',
    replace: 'const told = redriven;',
  },
  {
    name: 'believes-a-stale-listing',
    guard: 'a shard that is not listed is asked whether it is gone',
    module: 'pipeline/shard-opening',
    find: "return iterator === 'gone' ? 'gone' : 'unlisted';",
    replace: "return 'gone';",
  },
  {
    name: 'quiet-subscription-not-looked-at',
    guard: 'a shard whose subscription is quiet is looked at by polling',
    module: 'kinesis/fan-out',
    find: 'clock.monotonicMillis() - subscription.heardAt < (quietMillis ?? QUIET_MILLIS)',
    replace: 'true',
  },
  {
    name: 'quiet-look-swallows-records',
    guard: 'what a look at a quiet shard finds is subscribed to anew',
    module: 'kinesis/fan-out',
    find: 'seen.records.length > 0',
    replace: 'false',
  },
]
