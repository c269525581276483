import ConnectorKit
import ConnectorProtocol

/// What `disk/receive` answers of a disk whose snapshot is complete.
struct ReceivedDisk: Sendable {
  var account: Account
  var request: DiskReceive

  /// - Throws: `dataCorrupt` where it is read back, and is not what was sent.
  func result(
    _ snapshot: Snapshot, _ receipt: Receipt, _ operation: OperationContext
  ) async throws -> DiskReceive.Result {
    var platform = receipt.linear.map { DiskReceive.PlatformDigest(algorithm: "linear-sha256", value: $0) }
    if request.readBack == true {
      let digest = try await Failure.translating("Reading disk \(request.index) back", outcome: .partial) {
        try await ReadBack(
          ebs: EBS(api: account.api), snapshot: snapshot.id, sizeBytes: request.source.sizeBytes
        ).digest { done, total in operation.progress(phase: "read back", done: done, total: total) }
      }
      guard digest == receipt.digest else {
        throw Failure.corrupt(
          "Snapshot \(snapshot.id)", "read back, its digest is \(digest), and not \(receipt.digest)")
      }
      platform = DiskReceive.PlatformDigest(algorithm: DiskReceive.PlatformDigest.content, value: digest)
    }
    return DiskReceive.Result(
      disk: ["index": .integer(Int64(request.index)), "snapshot": .string(snapshot.id)], bytesRead: receipt.read,
      bytesSent: receipt.sent, bytesSkipped: receipt.skipped,
      digest: request.digest == false ? nil : receipt.digest, platformDigest: platform)
  }
}
