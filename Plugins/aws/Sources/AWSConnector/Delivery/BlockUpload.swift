import ConnectorDisk
import ConnectorProtocol
import Foundation

/// Reads a disk and writes its blocks into a snapshot, many at once: what is zeros, or as the parent has it, is not sent.
///
/// Memory: 64 blocks that are sent, 16 that wait, and what is being read: under 64 MiB, whatever the disk's size.
struct BlockUpload: Sendable {
  private static let waiting = 16

  var reader: DiskReader
  var sender: BlockSender
  var tally: BlockTally
  var digester: ContentDigester
  var start: BlockCheckpoint
  /// Of this disk; nil where there is no place for one.
  var map: BlockMap?
  /// Of the parent.
  var parent: BlockMap?
  var save: @Sendable (BlockCheckpoint) -> Void
  var tell: @Sendable (DiskTransfer.Progress) -> Void

  func run() async throws {
    let queue = BlockQueue(capacity: Self.waiting)
    let stop: @Sendable (any Error) -> Void = { error in
      queue.close(error)
      sender.limit.close()
    }
    do {
      try await withTaskCancellationHandler {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            do {
              try await read(into: queue)
              queue.finish()
            } catch {
              stop(error)
              throw error
            }
          }
          for _ in 0..<Int(AdaptiveLimit.most) {
            group.addTask {
              do { try await send(from: queue) } catch {
                stop(error)
                throw error
              }
            }
          }
          try await group.waitForAll()
        }
      } onCancel: {
        stop(CancellationError())
      }
    } catch {
      // One that the map does not hold as well is none.
      if let point = tally.checkpoint(now: true) { try? keep(point) }
      // What closed the queue is the cause; the others were only stopped by it.
      throw queue.failure ?? error
    }
    if let point = tally.checkpoint(now: true) { try keep(point) }
    // The next restore may go on from this one: then what has no entry is taken for zeros.
    try map?.flush()
  }

  /// With a parent the map has to hold all that a checkpoint counts: what it lacks would be written as zeros later.
  private func keep(_ point: BlockCheckpoint) throws {
    if parent != nil { try map?.flush() }
    save(point)
  }

  private func read(into queue: BlockQueue) async throws {
    try await reader.forEachChunk(
      from: start.through, chunkBytes: EBS.blockBytes, alignment: EBS.blockBytes, digester: digester,
      zeros: { zeros in
        tally.passed(zeros)
        tell(tally.progress)
      }
    ) { chunk in
      let index = chunk.offset / Int64(EBS.blockBytes)
      if chunk.isZero {
        tally.note(index, .zeros)
        return
      }
      let block = Self.block(chunk, index)
      if let parent, try parent[index] == block.digest {
        try map?.set(block.digest, at: index)
        tally.note(index, .unchanged)
      } else if try start.acknowledged.contains(index) || map?[index] == block.digest {
        try map?.set(block.digest, at: index)
        tally.note(index, .sent(isThere: true))
      } else {
        tally.note(index, .sent(isThere: false))
        try await queue.give(block)
      }
    }
  }

  /// A copy of the bytes, the last of a disk filled up with zeros.
  private static func block(_ chunk: DiskChunk, _ index: Int64) -> Block {
    var data = chunk.data
    if data.count < EBS.blockBytes { data.append(Data(count: EBS.blockBytes - data.count)) }
    // A leaf of the content digest, reckoned already, is what EBS calls the block's checksum.
    return Block(index: index, data: data, digest: chunk.leaf ?? SHA256.hash(data))
  }

  private func send(from queue: BlockQueue) async throws {
    while let block = await queue.take() {
      try Task.checkCancellation()
      let progress = tally.progress
      let percent = progress.total > 0 ? Int(100 * Double(progress.done) / Double(progress.total)) : 100
      try await sender.send(block, percent: min(percent, 99))
      try map?.set(block.digest, at: block.index)
      tally.acknowledged(block.index)
      tell(tally.progress)
      if let point = tally.checkpoint() { try keep(point) }
    }
  }

  // MARK: After the last block

  /// What the parent holds and this disk does not, written as zeros: blocks that are left out would be inherited.
  ///
  /// - Returns: How many blocks.
  func writeZeros() async throws -> Int64 {
    guard let map, let parent else { return 0 }
    var blocks: [Int64] = []
    var count: Int64 = 0
    try await BlockMap.forEach(map, parent) { index, entry, earlier in
      guard entry == BlockMap.zero, earlier != BlockMap.zero else { return }
      blocks.append(index)
      count += 1
      if blocks.count == 64 {
        try await Self.writeZeros(blocks, sender)
        blocks = []
      }
    }
    try await Self.writeZeros(blocks, sender)
    return count
  }

  private static func writeZeros(_ blocks: [Int64], _ sender: BlockSender) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in blocks {
        group.addTask { try await sender.send(Block(index: index, data: zeros, digest: zeroDigest)) }
      }
      try await group.waitForAll()
    }
  }

  private static let zeros = Data(count: EBS.blockBytes)
  static let zeroDigest = SHA256.hash(zeros)

  /// The SHA-256, in Base64, of the digests of the written blocks in order; nil where not all of them are known.
  ///
  /// - Parameter count: Of the written blocks.
  static func linear(_ map: BlockMap?, parent: BlockMap?, count: Int64) async throws -> String? {
    guard let map else { return nil }
    var known: Int64 = 0
    var pending = Data()
    let digests = LinearDigest()
    try await BlockMap.forEach(map, parent) { _, entry, earlier in
      guard parent == nil ? entry != BlockMap.zero : entry != earlier else { return }
      known += 1
      pending.append(contentsOf: entry == BlockMap.zero ? zeroDigest : entry)
      if pending.count >= 1 << 20 {
        digests.add(pending)
        pending = Data()
      }
    }
    digests.add(pending)
    return known == count ? digests.text() : nil
  }
}
