import ConnectorProtocol

/// Hashes the blocks of one group of chunks, which come in rising order; what lies between them is zeros.
///
/// Bytes are hashed where they were read to, by the thread that read them: whole blocks before the reader's body has them
/// (`DiskChunk.leaf`), others here.
final class BlockHasher {
  private static let block = Int64(ContentDigest.blockBytes)

  private let digester: ContentDigester
  /// All bytes of the group before it are hashed.
  private var position: Int64 = 0
  /// Of the block in which `position` lies; nil where that is a block's start.
  private var hash: SHA256?

  init(_ digester: ContentDigester) {
    self.digester = digester
  }

  /// True for a chunk that is exactly one block, the last of the disk among them.
  func isBlock(_ chunk: ChunkPlan.Chunk) -> Bool {
    let length = Int64(chunk.length)
    return chunk.offset % Self.block == 0 && (length == Self.block || chunk.offset + length == digester.sizeBytes)
      && length <= Self.block
  }

  /// Starts a group, at a block's start.
  func begin(at offset: Int64) {
    position = offset
    hash = nil
  }

  func add(_ chunk: DiskChunk) {
    guard !chunk.isZero else { return }
    skip(to: chunk.offset)
    if let leaf = chunk.leaf {
      digester.add(leaf: leaf, at: position / Self.block)
      position = (position / Self.block + 1) * Self.block
      return
    }
    var left = chunk.bytes[...]
    while !left.isEmpty {
      if hash == nil { hash = SHA256() }
      let part = left.prefix(Int(Self.block - position % Self.block))
      hash?.update(UnsafeRawBufferPointer(rebasing: part))
      left = left.dropFirst(part.count)
      advance(by: Int64(part.count))
    }
  }

  /// Ends a group: at a block's end, or at the disk's.
  func end(at offset: Int64) {
    skip(to: ContentDigest.blocks(of: offset) * Self.block)
  }

  private func skip(to offset: Int64) {
    while position < offset {
      if hash == nil, offset - position >= Self.block {
        let count = (offset - position) / Self.block
        digester.addZeros(blocks: position / Self.block..<position / Self.block + count)
        position += count * Self.block
        continue
      }
      var open = hash.take() ?? SHA256()
      let count = min(offset - position, Self.block - position % Self.block)
      ContentDigest.updateZeros(&open, count: Int(count))
      hash = consume open
      advance(by: count)
    }
  }

  private func advance(by count: Int64) {
    position += count
    guard position % Self.block == 0, let done = hash.take() else { return }
    digester.add(leaf: done.finish(), at: position / Self.block - 1)
  }
}
