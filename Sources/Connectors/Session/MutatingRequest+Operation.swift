public import ConnectorProtocol

extension MutatingRequest {
  /// The request as the operation `id`, with the digest of its parameters.
  ///
  /// What stood in `op` before does not count, so any `Operation` will do to make the request with:
  /// `try DiskPrepare(op: .undecided, …).identified(by: id, attempt: 1)`.
  public func identified(by id: OperationID, attempt: Int) throws -> Self {
    var request = self
    request.op = Operation(id: id, attempt: attempt, digest: try OperationDigest.compute(for: self))
    return request
  }
}

extension Operation {
  /// Holds the place of an operation until `identified(by:attempt:)` fills it in.
  public static let undecided = Operation(id: OperationID(""), attempt: 0, digest: "")
}
