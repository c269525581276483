import ConnectorProtocol

extension Mark.Receipt {
  init(_ totals: DiskStream.Totals, generation: String) {
    self.init(
      generation: generation, read: totals.read, sent: totals.sent, skipped: totals.skipped, sha256: totals.sha256,
      digest: totals.digest)
  }

  /// The answer to `disk/receive`, at once or from an earlier attempt.
  func result(for request: DiskReceive) -> DiskReceive.Result {
    DiskReceive.Result(
      disk: ["index": .integer(Int64(request.index)), "sha256": .string(sha256)], bytesRead: read, bytesSent: sent,
      bytesSkipped: skipped, digest: request.digest == false ? nil : digest)
  }
}
