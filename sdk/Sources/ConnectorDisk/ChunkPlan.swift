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
  private let alignment: Int64
  private let size: Int64
  private var pending: Chunk?
  /// Everything before it is in a chunk, or left out.
  private var covered: Int64

  /// - Parameters:
  ///   - start: What lies before it is left out.
  ///   - alignment: Chunks also begin and end at multiples of this, or at `size`: zeros around data are read with it.
  ///     Divides `chunkBytes`.
  init(chunkBytes: Int, from start: Int64, alignment: Int = 1, size: Int64 = .max) {
    self.chunkBytes = Int64(chunkBytes)
    self.alignment = Int64(alignment)
    self.size = size
    covered = start
  }

  /// The chunks that `extent` completes. It begins where the one before it ended.
  mutating func add(_ extent: DiskExtent) -> [Chunk] {
    guard extent.end > covered else { return [] }
    guard extent.allocated else { return finish() }
    var offset = max(extent.offset / alignment * alignment, covered)
    let last = extent.end % alignment == 0 ? extent.end : min((extent.end / alignment + 1) * alignment, size)
    var chunks: [Chunk] = []
    covered = last
    while offset < last {
      let boundary = (offset / chunkBytes + 1) * chunkBytes
      let end = min(boundary, last)
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
