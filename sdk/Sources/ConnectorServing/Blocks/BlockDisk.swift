public import Foundation

/// A disk in blocks, as `DiskServer` serves it: stored blocks are fetched once, kept for a while, and ahead of whoever
/// reads one after the other; others are never asked for.
public final class BlockDisk: ServedDisk {
  public struct Options: Hashable, Sendable {
    /// Memory for blocks that were read.
    public var cacheBytes: Int
    /// Blocks that are fetched at the same time.
    public var fetchesAtOnce: Int
    /// Blocks that are fetched before they are asked for, where reading goes from one to the next.
    public var readAhead: Int

    public init(cacheBytes: Int = 48 << 20, fetchesAtOnce: Int = 16, readAhead: Int = 8) {
      self.cacheBytes = cacheBytes
      self.fetchesAtOnce = fetchesAtOnce
      self.readAhead = readAhead
    }
  }

  private let source: any BlockSource
  private let cache: BlockCache
  private let blockBytes: Int64

  public var sizeBytes: Int64 { source.sizeBytes }

  public init(_ source: any BlockSource, options: Options = Options()) {
    self.source = source
    blockBytes = Int64(source.blockBytes)
    cache = BlockCache(source, options: options)
  }

  public func extent(at offset: Int64, most: Int64) async throws -> ServedExtent {
    let index = offset / blockBytes
    let run = try await source.run(from: index)
    let last = (sizeBytes + blockBytes - 1) / blockBytes
    let end = min((index + min(max(1, run.count), last - index)) * blockBytes, sizeBytes)
    return ServedExtent(length: min(end - offset, most), isZero: !run.isStored)
  }

  public func read(at offset: Int64, count: Int) async throws -> Data {
    let start = Int(offset % blockBytes)
    let first = try await content(of: offset / blockBytes)
    if start == 0, count == first.count { return first }
    var data = Data(capacity: count)
    data.append(first.dropFirst(start).prefix(count))
    while data.count < count {
      let block = try await content(of: (offset + Int64(data.count)) / blockBytes)
      data.append(block.prefix(count - data.count))
    }
    return data
  }

  private func content(of index: Int64) async throws -> Data {
    guard try await source.run(from: index).isStored else { return Data(count: Int(blockBytes)) }
    return try await cache.block(index)
  }

  /// Gives up what is being fetched. Nothing can be read any more.
  public func close() async { await cache.close() }
}
