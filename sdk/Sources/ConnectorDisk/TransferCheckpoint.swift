public import ConnectorProtocol
import Foundation

/// The checkpoint of a transfer: which content was read, and how far.
public struct TransferCheckpoint: Codable, Hashable, Sendable {
  /// `DiskSource.generation` of what was read.
  public var generation: String
  /// Contiguous bytes from the disk's start that are durable.
  public var through: Int64

  public init(generation: String, through: Int64) {
    self.generation = generation
    self.through = through
  }

  /// For `OperationContext.checkpoint`.
  public var token: String { "\(through) \(generation)" }

  /// Where a transfer begins: at the checkpoint of the request, or at 0 where it has none.
  ///
  /// - Throws: `sourceChanged` where another content was read then, `staleCheckpoint` where the token says nothing.
  public static func start(of request: DiskReceive) throws(ConnectorError) -> Int64 {
    guard let token = request.checkpoint else { return 0 }
    let parts = token.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let through = Int64(parts[0]), (0...request.source.sizeBytes).contains(through) else {
      throw ConnectorError(
        .staleCheckpoint, "The checkpoint of disk \(request.index) is not one of this connector.",
        remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
    }
    guard parts[1] == request.source.generation else {
      throw ConnectorError(
        .sourceChanged, "Disk \(request.index) is not the one of which \(through) bytes were moved before.",
        remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
    }
    return through
  }
}
