/// Where the bytes of a disk go.
///
/// Calls may block and come from several threads at once: from those of `DiskReader.forEachChunk`.
public protocol DiskSink: Sendable {
  /// Writes a chunk at its offset.
  func write(_ chunk: DiskChunk) throws
  /// Returns once everything that was written is durable.
  func flush() throws
}
