import ConnectorDisk

extension DiskReader {
  /// How many of the bytes before `end` are zeros that no transfer reads.
  func zeros(before end: Int64) async throws -> Int64 {
    var zeros: Int64 = 0
    var offset: Int64 = 0
    while offset < end {
      let window = try await extents(from: offset)
      guard let last = window.last, last.end > offset else { break }
      for extent in window where !extent.allocated && extent.offset < end {
        zeros += min(extent.end, end) - extent.offset
      }
      offset = last.end
    }
    return zeros
  }
}
