/// Cuts allocated extents into the requests that read them. Pure: extents go in, in order; chunks come out, in order.
///
/// No chunk crosses a multiple of `chunkBytes`, so that chunks are the blocks of a platform that wants them aligned;
/// neighbouring extents that hold data make one chunk.
struct ChunkPlan {
  struct Chunk: Equatable {
    var offset: Int64
    var length: Int
  }

  private let chunkBytes: Int64
  private let start: Int64
  private var pending: Chunk?

  /// - Parameter start: What lies before it is left out.
  init(chunkBytes: Int, from start: Int64) {
    self.chunkBytes = Int64(chunkBytes)
    self.start = start
  }

  /// The chunks that `extent` completes. It begins where the one before it ended.
  mutating func add(_ extent: DiskExtent) -> [Chunk] {
    var offset = max(extent.offset, start)
    guard offset < extent.end else { return [] }
    guard extent.allocated else { return finish() }
    var chunks: [Chunk] = []
    while offset < extent.end {
      let boundary = (offset / chunkBytes + 1) * chunkBytes
      let end = min(boundary, extent.end)
      if var open = pending {
        open.length += Int(end - offset)
        pending = open
      } else {
        pending = Chunk(offset: offset, length: Int(end - offset))
      }
      if end == boundary { chunks += finish() }
      offset = end
    }
    return chunks
  }

  /// The last chunk, which no boundary has completed.
  mutating func finish() -> [Chunk] {
    defer { pending = nil }
    return pending.map { [$0] } ?? []
  }
}
