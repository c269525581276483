import AWSClient
import ConnectorDisk
import ConnectorKit
import ConnectorProtocol
import Foundation

/// Brings one disk into its snapshot.
struct SnapshotReceiver: Sendable {
  var work: SnapshotWork
  var request: DiskReceive

  private var account: Account { work.account }
  private var index: Int { work.disk.index }

  func run(_ operation: OperationContext) async throws -> DiskReceive.Result {
    let checkpoint = try BlockCheckpoint.read(request)
    let generation = Receipt.name(of: request.source.generation)
    let (snapshot, receipt) = try await Failure.translating("Sending disk \(index)", outcome: .partial) {
      let snapshot = try await self.snapshot(checkpoint, generation, operation)
      if let receipt = snapshot.receipt {
        try await work.complete(snapshot, receipt, operation)
        return (snapshot, receipt)
      }
      return (snapshot, try await self.send(snapshot, checkpoint, generation, operation))
    }
    return try await ReceivedDisk(account: account, request: request).result(snapshot, receipt, operation)
  }

  /// The snapshot to write to. One that holds blocks of other content cannot be: they would stay where this has zeros.
  private func snapshot(
    _ checkpoint: BlockCheckpoint?, _ generation: String, _ operation: OperationContext
  ) async throws -> Snapshot {
    if checkpoint != nil, try await work.current()?.id != checkpoint?.snapshot {
      throw Failure.startAnew(index, "the snapshot that its blocks went into is gone, or has failed")
    }
    var snapshot = try await work.ensure(operation)
    let earlier = snapshot.receipt?.generation ?? snapshot.tags[Mark.content]
    if let earlier, earlier != generation {
      try await work.discard(snapshot, operation)
      snapshot = try await work.begin(turn: snapshot.turn + 1, operation)
    }
    if snapshot.receipt == nil, checkpoint == nil, let parent = snapshot.parent,
      access(work.maps.whole(parent), R_OK) != 0
    {
      // What it goes on from is not known here any more: with another, or with none.
      try await work.discard(snapshot, operation)
      snapshot = try await work.begin(turn: snapshot.turn + 1, operation)
    }
    if snapshot.tags[Mark.content] == nil, snapshot.receipt == nil {
      try await account.ec2.setTags([(Mark.content, generation)], on: [snapshot.id])
    }
    return snapshot
  }

  // MARK: Sending

  private func send(
    _ snapshot: Snapshot, _ checkpoint: BlockCheckpoint?, _ generation: String, _ operation: OperationContext
  ) async throws -> Receipt {
    let reader = try await DiskReader.open(request.source.location, connections: 8)
    guard reader.sizeBytes <= work.disk.gibibytes * MachineLimits.diskStep else {
      throw ConnectorError(
        .sourceChanged,
        "Disk \(index) has \(ByteSize.text(reader.sizeBytes)); \(work.disk.gibibytes) GiB were planned.",
        remedy: "Plan again.", outcome: .partial)
    }
    // What was sent before a checkpoint on a parent is known from its map alone.
    let isKnown = snapshot.parent != nil && (checkpoint?.through ?? 0) > 0
    let map = BlockMap(work.maps.part(snapshot.id), creating: !isKnown)
    let parent = try self.parent(of: snapshot, map)
    let upload = try self.upload(reader, snapshot, checkpoint, map, parent, operation)
    do {
      try await upload.run()
      let zeros = try await upload.writeZeros()
      var counts = upload.tally.total()
      counts.blocks += zeros
      let linear = try await BlockUpload.linear(map, parent: parent, count: counts.blocks)
      let receipt = try self.receipt(counts, upload.digester, generation, linear, reader.sizeBytes)
      // Before it is completed: from then on only what this says can be known of it.
      try await account.ec2.setTags([(Mark.receipt, receipt.text)], on: [snapshot.id])
      try await work.complete(snapshot, receipt, operation)
      return receipt
    } catch let error as AWSError where !error.isCancelled && !error.isRetryable {
      let now = try await SnapshotStore(ec2: account.ec2).look(snapshot.id)
      if now == nil { throw Failure.startAnew(index, "its snapshot \(snapshot.id) was removed") }
      if let now, now.isFailed { throw Failure.snapshotFailed(now.id, now.statusMessage) }
      throw error
    }
  }

  /// The map of the parent that the snapshot was begun on.
  private func parent(of snapshot: Snapshot, _ map: BlockMap?) throws -> BlockMap? {
    guard let id = snapshot.parent else { return nil }
    guard map != nil else {
      throw Failure.startAnew(index, "what was sent of it before is not known on this computer")
    }
    guard let parent = BlockMap(work.maps.whole(id), creating: false) else {
      throw Failure.startAnew(index, "what its parent \(id) holds is not known on this computer")
    }
    return parent
  }

  private func upload(
    _ reader: DiskReader, _ snapshot: Snapshot, _ checkpoint: BlockCheckpoint?, _ map: BlockMap?, _ parent: BlockMap?,
    _ operation: OperationContext
  ) throws -> BlockUpload {
    let size = reader.sizeBytes
    let start =
      checkpoint
      ?? BlockCheckpoint(
        snapshot: snapshot.id, generation: request.source.generation, through: 0, counts: .init(),
        digest: ContentDigest().state)
    guard let state = ContentDigest(state: start.digest) else {
      throw Failure.startAnew(index, "the checkpoint is not one of this connector")
    }
    let digester = ContentDigester(sizeBytes: size, resuming: state)
    guard digester.through == start.through else {
      throw Failure.startAnew(index, "the checkpoint is not one of this connector")
    }
    operation.checkpoint(token: start.token, through: start.through)
    let age = snapshot.startedAt.map { account.ec2.now.timeIntervalSince($0) } ?? 0
    let young = min(BlockSender.youth, max(0, BlockSender.youth - age))
    let sender = BlockSender(
      ebs: EBS(api: account.api), snapshot: snapshot.id, limit: AdaptiveLimit(), youngUntil: .now + .seconds(young))
    return BlockUpload(
      reader: reader, sender: sender, tally: BlockTally(sizeBytes: size, from: start, digester: digester),
      digester: digester, start: start, map: map, parent: parent,
      save: { operation.checkpoint(token: $0.token, through: $0.through) },
      tell: { operation.progress(phase: "upload", done: $0.done, total: $0.total, skipped: $0.skipped) })
  }

  private func receipt(
    _ counts: BlockCheckpoint.Counts, _ digester: ContentDigester, _ generation: String, _ linear: String?,
    _ sizeBytes: Int64
  ) throws -> Receipt {
    guard let digest = digester.text else {
      throw ConnectorError(
        .connectorBug, "Disk \(index) was not read to its end.", remedy: "Report this as a fault of the connector.",
        outcome: .partial)
    }
    if let expected = request.source.digest, expected != digest {
      throw Failure.corrupt("Disk \(index) as it was read", "its content digest is \(digest), and not \(expected)")
    }
    return Receipt(
      generation: generation, read: counts.read, sent: counts.blocks * Int64(EBS.blockBytes),
      skipped: sizeBytes - counts.data, blocks: counts.blocks, digest: digest, linear: linear)
  }
}
