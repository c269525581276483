public import ConnectorProtocol
import Foundation

/// The checkpoint of a transfer: which content was read, and how far.
public struct TransferCheckpoint: Codable, Hashable, Sendable {
  /// `DiskSource.generation` of what was read.
  public var generation: String
  /// Contiguous bytes from the disk's start that are durable.
  public var through: Int64
  /// The state of the content digest there, where one is being computed.
  public var digest: String?

  public init(generation: String, through: Int64, digest: String? = nil) {
    self.generation = generation
    self.through = through
    self.digest = digest
  }

  /// For `OperationContext.checkpoint`.
  public var token: String { "\(through)\(digest.map { "+" + $0 } ?? "") \(generation)" }

  /// Where a transfer begins: at the checkpoint of the request, or at 0 where it has none.
  ///
  /// - Throws: `sourceChanged` where another content was read then, `staleCheckpoint` where the token says nothing.
  public static func start(of request: DiskReceive) throws(ConnectorError) -> Int64 {
    try read(request)?.through ?? 0
  }

  /// The checkpoint of the request, or nil where it has none.
  ///
  /// - Throws: `sourceChanged`, `staleCheckpoint`.
  public static func read(_ request: DiskReceive) throws(ConnectorError) -> TransferCheckpoint? {
    guard let token = request.checkpoint else { return nil }
    let parts = token.split(separator: " ", maxSplits: 1)
    let place = (parts.first ?? "").split(separator: "+", maxSplits: 1)
    guard parts.count == 2, let first = place.first, let through = Int64(first),
      (0...request.source.sizeBytes).contains(through)
    else {
      throw ConnectorError(
        .staleCheckpoint, "The checkpoint of disk \(request.index) is not one of this connector.",
        remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
    }
    guard parts[1] == request.source.generation else {
      throw ConnectorError(
        .sourceChanged, "Disk \(request.index) is not the one of which \(through) bytes were moved before.",
        remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
    }
    return TransferCheckpoint(
      generation: request.source.generation, through: through, digest: place.count == 2 ? String(place[1]) : nil)
  }

  /// The digester that goes on from here, or nil where the checkpoint holds no state of a digest: what was moved before
  /// it would have to be read again.
  public func digester(sizeBytes: Int64) -> ContentDigester? {
    guard let digest, let state = ContentDigest(state: digest) else { return nil }
    let digester = ContentDigester(sizeBytes: sizeBytes, resuming: state)
    return digester.through == through ? digester : nil
  }
}
